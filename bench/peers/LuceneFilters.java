/* LuceneFilters - a harness around Lucene 10 for searches with filters, as bench/README.md has it:
 *
 *     java -cp CLASSES:JARS LuceneFilters index CORPUS.jsonl DIR
 *     java -cp CLASSES:JARS LuceneFilters query DIR QUERIES or|and K [--warm N] [--passes N] [--every N] [--filter F]
 *
 * CORPUS.jsonl is made by bench/dated.awk; F is date:YYYY-MM-DD..YYYY-MM-DD or lang:CODE. English stemming without stop
 * words, BM25, positions, one segment, one thread, no query cache. Dates are an IntField (points and doc values, of
 * which Lucene takes what suits the query), languages a KeywordField. */
import java.io.BufferedReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import org.apache.lucene.analysis.Analyzer;
import org.apache.lucene.analysis.CharArraySet;
import org.apache.lucene.analysis.TokenStream;
import org.apache.lucene.analysis.en.EnglishAnalyzer;
import org.apache.lucene.analysis.tokenattributes.CharTermAttribute;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.Field;
import org.apache.lucene.document.FieldType;
import org.apache.lucene.document.IntField;
import org.apache.lucene.document.KeywordField;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.IndexOptions;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.index.LogDocMergePolicy;
import org.apache.lucene.index.Term;
import org.apache.lucene.search.BooleanClause.Occur;
import org.apache.lucene.search.BooleanQuery;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.ScoreDoc;
import org.apache.lucene.search.TermQuery;
import org.apache.lucene.search.TopScoreDocCollectorManager;
import org.apache.lucene.search.similarities.BM25Similarity;
import org.apache.lucene.store.Directory;
import org.apache.lucene.store.MMapDirectory;

public final class LuceneFilters {
    static final Analyzer ANALYZER = new EnglishAnalyzer(CharArraySet.EMPTY_SET);
    static IndexSearcher searcher;

    /** The value of a field of a line that dated.awk wrote. */
    static String value(String line, String name) {
        int start = line.indexOf("\"" + name + "\":\"") + name.length() + 4;
        StringBuilder out = new StringBuilder();
        for (int i = start; line.charAt(i) != '"'; i++) {
            if (line.charAt(i) == '\\')
                i++;
            out.append(line.charAt(i));
        }
        return out.toString();
    }

    static int day(String date) {
        return Integer.parseInt(date.replace("-", ""));
    }

    static void index(String corpus, String dir) throws Exception {
        IndexWriterConfig config = new IndexWriterConfig(ANALYZER);
        config.setOpenMode(IndexWriterConfig.OpenMode.CREATE);
        config.setRAMBufferSizeMB(512);
        config.setMergePolicy(new LogDocMergePolicy());
        FieldType type = new FieldType();
        type.setTokenized(true);
        type.setIndexOptions(IndexOptions.DOCS_AND_FREQS_AND_POSITIONS);
        type.freeze();
        long start = System.nanoTime();
        try (Directory d = new MMapDirectory(Paths.get(dir, "lucene")); IndexWriter w = new IndexWriter(d, config);
             BufferedReader in = Files.newBufferedReader(Paths.get(corpus), StandardCharsets.UTF_8)) {
            for (String line; (line = in.readLine()) != null;) {
                Document doc = new Document();
                doc.add(new Field("text", value(line, "text"), type));
                doc.add(new IntField("date", day(value(line, "date")), Field.Store.NO));
                doc.add(new KeywordField("lang", value(line, "language"), Field.Store.NO));
                w.addDocument(doc);
            }
            w.forceMerge(1);
            w.commit();
        }
        System.out.printf("peer=lucene op=index total_secs=%.2f%n", (System.nanoTime() - start) / 1e9);
    }

    static Query filter(String f) {
        if (f.startsWith("lang:"))
            return KeywordField.newExactQuery("lang", f.substring(5));
        String[] ends = f.substring("date:".length()).split("\\.\\.");
        return IntField.newRangeQuery("date", day(ends[0]), day(ends[1]));
    }

    static Query parse(String text, boolean and, Query filter) throws Exception {
        LinkedHashSet<String> words = new LinkedHashSet<>();
        try (TokenStream s = ANALYZER.tokenStream("text", text)) {
            CharTermAttribute word = s.addAttribute(CharTermAttribute.class);
            s.reset();
            while (s.incrementToken())
                words.add(word.toString());
            s.end();
        }
        BooleanQuery.Builder b = new BooleanQuery.Builder();
        for (String w : words)
            b.add(new TermQuery(new Term("text", w)), and ? Occur.MUST : Occur.SHOULD);
        if (filter == null)
            return b.build();
        return and ? b.add(filter, Occur.FILTER).build()
                   : new BooleanQuery.Builder().add(b.build(), Occur.MUST).add(filter, Occur.FILTER).build();
    }

    static void measure(List<String> queries, boolean and, int k, int warm, int passes, String f) throws Exception {
        double[] best = new double[queries.size()];
        long hits = 0, sum = 0;
        for (int pass = -warm; pass < passes; pass++) {
            hits = sum = 0;
            for (int i = 0; i < best.length; i++) {
                long start = System.nanoTime();
                Query query = parse(queries.get(i), and, f == null ? null : filter(f));
                ScoreDoc[] found = searcher.search(query, new TopScoreDocCollectorManager(k, null, k)).scoreDocs;
                double us = (System.nanoTime() - start) / 1e3;
                best[i] = pass <= 0 || us < best[i] ? us : best[i];
                hits += found.length;
                for (ScoreDoc s : found)
                    sum += (s.doc + 1) * 2654435761L;
            }
        }
        double mean = Arrays.stream(best).average().orElse(0);
        Arrays.sort(best);
        int n = best.length - 1;
        System.out.printf("peer=lucene op=query mode=%s k=%d nq=%d mean_us=%.1f p50_us=%.1f p90_us=%.1f p99_us=%.1f "
                + "max_us=%.1f hits=%d checksum=%016x%n", and ? "and" : "or", k, n + 1, mean, best[(int) (n * .5 + .5)],
                best[(int) (n * .9 + .5)], best[(int) (n * .99 + .5)], best[n], hits, sum);
    }

    public static void main(String[] args) throws Exception {
        List<String> words = new ArrayList<>();
        int warm = 6, passes = 3, every = 1;
        String filter = null;
        for (int i = 0; i < args.length; i++)
            switch (args[i]) {
                case "--warm" -> warm = Integer.parseInt(args[++i]);
                case "--passes" -> passes = Integer.parseInt(args[++i]);
                case "--every" -> every = Integer.parseInt(args[++i]);
                case "--filter" -> filter = args[++i];
                default -> words.add(args[i]);
            }
        if (words.get(0).equals("index")) {
            index(words.get(1), words.get(2));
            return;
        }
        DirectoryReader reader = DirectoryReader.open(new MMapDirectory(Paths.get(words.get(1), "lucene")));
        searcher = new IndexSearcher(reader);
        searcher.setSimilarity(new BM25Similarity(1.2f, 0.75f));
        searcher.setQueryCache(null);
        List<String> all = Files.readAllLines(Paths.get(words.get(2)), StandardCharsets.UTF_8), queries = new ArrayList<>();
        for (int i = 0; i < all.size(); i += every)
            queries.add(all.get(i));
        measure(queries, words.get(3).equals("and"), Integer.parseInt(words.get(4)), warm, passes, filter);
    }
}
