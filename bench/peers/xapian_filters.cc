/* xapian_filters - a harness around Xapian for searches with filters, as bench/README.md has it:
 *
 *     c++ -O2 -o xapian_filters bench/peers/xapian_filters.cc -lxapian
 *     xapian_filters index CORPUS.jsonl DIR
 *     xapian_filters query DIR QUERIES or|and K [--warm N] [--passes N] [--every N] [--filter F]
 *
 * CORPUS.jsonl is made by bench/dated.awk; F is date:YYYY-MM-DD..YYYY-MM-DD or lang:CODE. English stemming without stop
 * words, BM25, positions, no text. Dates are values, languages boolean terms, which is how Xapian's manual has it. */
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <string>
#include <vector>
#include <xapian.h>

static const Xapian::valueno DATE = 0;

struct settings {
    std::vector<std::string> words;
    std::string filter;
    int warm = 1, passes = 3, every = 1;
};

static double microseconds() {
    return std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

/* The value of a field of a line that dated.awk wrote. */
static std::string value(const std::string &line, const std::string &name) {
    std::string out;
    for (size_t i = line.find("\"" + name + "\":\"") + name.size() + 4; i < line.size() && line[i] != '"'; i++) {
        i += line[i] == '\\';
        out += line[i];
    }
    return out;
}

static void index(const std::string &corpus, const std::string &folder) {
    double start = microseconds();
    Xapian::WritableDatabase db(folder, Xapian::DB_CREATE_OR_OVERWRITE | Xapian::DB_NO_SYNC | Xapian::DB_DANGEROUS);
    Xapian::TermGenerator generator;
    generator.set_stemmer(Xapian::Stem("english"));
    generator.set_stemming_strategy(Xapian::TermGenerator::STEM_ALL);
    std::ifstream in(corpus);
    for (std::string line; std::getline(in, line);) {
        Xapian::Document document;
        generator.set_document(document);
        generator.index_text(value(line, "text"));
        document.add_value(DATE, value(line, "date"));
        document.add_boolean_term("L" + value(line, "language"));
        db.add_document(document);
    }
    db.commit();
    db.close();
    std::printf("peer=xapian op=index total_secs=%.2f\n", (microseconds() - start) / 1e6);
}

static Xapian::Query filter_of(const std::string &text) {
    if (text.compare(0, 5, "lang:") == 0)
        return Xapian::Query("L" + text.substr(5));
    size_t dots = text.find("..");
    return Xapian::Query(Xapian::Query::OP_VALUE_RANGE, DATE, text.substr(5, dots - 5), text.substr(dots + 2));
}

static void measure(const settings &s, const std::vector<std::string> &queries) {
    Xapian::Database db(s.words[1]);
    std::vector<double> best(queries.size());
    unsigned k = static_cast<unsigned>(std::stoul(s.words[4]));
    size_t hits = 0;
    for (int pass = -s.warm; pass < s.passes; pass++) {
        hits = 0;
        for (size_t i = 0; i < queries.size(); i++) {
            double start = microseconds();
            Xapian::QueryParser parser;
            parser.set_stemmer(Xapian::Stem("english"));
            parser.set_stemming_strategy(Xapian::QueryParser::STEM_ALL);
            parser.set_default_op(s.words[3] == "and" ? Xapian::Query::OP_AND : Xapian::Query::OP_OR);
            Xapian::Query query = parser.parse_query(queries[i], 0);
            if (!s.filter.empty())
                query = Xapian::Query(Xapian::Query::OP_FILTER, query, filter_of(s.filter));
            Xapian::Enquire enquire(db);
            enquire.set_query(query);
            Xapian::MSet found = enquire.get_mset(0, k);
            double us = microseconds() - start;
            best[i] = pass <= 0 || us < best[i] ? us : best[i];
            hits += found.size();
        }
    }
    double sum = 0;
    for (double us : best)
        sum += us;
    std::sort(best.begin(), best.end());
    auto at = [&best](double p) { return best[static_cast<size_t>(static_cast<double>(best.size() - 1) * p + 0.5)]; };
    std::printf("peer=xapian op=query mode=%s k=%u nq=%zu mean_us=%.1f p50_us=%.1f p90_us=%.1f p99_us=%.1f "
                "max_us=%.1f hits=%zu\n",
                s.words[3].c_str(), k, best.size(), sum / static_cast<double>(best.size()), at(0.5), at(0.9), at(0.99),
                best.back(), hits);
}

int main(int argc, char **argv) {
    settings s;
    for (int i = 1; i < argc; i++) {
        std::string word = argv[i];
        if (word == "--filter" && i + 1 < argc)
            s.filter = argv[++i];
        else if (word == "--warm" && i + 1 < argc)
            s.warm = std::stoi(argv[++i]);
        else if (word == "--passes" && i + 1 < argc)
            s.passes = std::stoi(argv[++i]);
        else if (word == "--every" && i + 1 < argc)
            s.every = std::stoi(argv[++i]);
        else
            s.words.push_back(word);
    }
    if (s.words.size() == 3 && s.words[0] == "index") {
        index(s.words[1], s.words[2]);
    } else if (s.words.size() == 5 && s.words[0] == "query") {
        std::ifstream in(s.words[2]);
        std::vector<std::string> queries;
        int number = 0;
        for (std::string line; std::getline(in, line); number++)
            if (number % s.every == 0)
                queries.push_back(line);
        measure(s, queries);
    } else {
        std::fputs("usage: xapian_filters index CORPUS.jsonl DIR | query DIR QUERIES or|and K [options]\n", stderr);
        return 2;
    }
}
