# Gives each line of passages, id<TAB>text, a date and a language, as JSON Lines: 1000 days from 2022-01-01 on, in order,
# or in no order if -v shuffled=1; of a hundred one is in French, ten in German, fifty in English, the others in Italian.
# -v total=N is how many lines there are.
#
#     awk -v total=1000000 -f bench/dated.awk CORPUS.tsv >CORPUS.jsonl
BEGIN { FS = "\t"; start = mktime("2022 01 01 12 00 00") }
{
    i = NR - 1
    scattered = (i * 7919 + 13) % 1000
    day = shuffled ? (i * 6151 + 7) % 1000 : int(i * 1000 / total)
    if (!(day in dates))
        dates[day] = strftime("%Y-%m-%d", start + day * 86400)
    language = scattered < 10 ? "fr" : scattered < 110 ? "de" : scattered < 610 ? "en" : "it"
    gsub(/[\\"]/, "\\\\&")
    gsub(/[[:cntrl:]]/, " ", $2)
    printf "{\"id\":\"%s\",\"date\":\"%s\",\"language\":\"%s\",\"text\":\"%s\"}\n", $1, dates[day], language, $2
}
