#!/usr/bin/env python3
"""SQLite FTS5 (as Python's sqlite3 has it) for searches with filters, as bench/README.md has it:

    fts5_filters.py index CORPUS.jsonl DIR
    fts5_filters.py query DIR QUERIES or|and K [--warm N] [--passes N] [--every N] [--filter F]

CORPUS.jsonl is made by bench/dated.awk; F is date:YYYY-MM-DD..YYYY-MM-DD or lang:CODE. Stemming by Porter, one segment,
positions, no text. Dates and languages are columns of a table beside, joined by rowid, which is how FTS5 is used with
conditions of other kinds. Interpreting Python is in a query's time, some microseconds of milliseconds."""
import json
import os
import re
import sqlite3
import sys
import time


def connect(folder):
    db = sqlite3.connect(os.path.join(folder, "fts.db"), isolation_level=None)
    db.execute("PRAGMA mmap_size = 4294967296")
    db.execute("PRAGMA cache_size = -65536")
    return db


def day(date):
    return int(date.replace("-", ""))


def index(corpus, folder):
    os.makedirs(folder, exist_ok=True)
    path = os.path.join(folder, "fts.db")
    if os.path.exists(path):
        os.remove(path)
    start = time.monotonic()
    db = connect(folder)
    db.execute("PRAGMA journal_mode = OFF")
    db.execute("PRAGMA synchronous = OFF")
    db.execute("CREATE VIRTUAL TABLE t USING fts5(text, content='', tokenize='porter unicode61')")
    db.execute("CREATE TABLE d(id INTEGER PRIMARY KEY, date INTEGER, language TEXT)")
    db.execute("BEGIN")
    with open(corpus, encoding="utf-8") as lines:
        for i, line in enumerate(lines):
            passage = json.loads(line)
            db.execute("INSERT INTO t(rowid, text) VALUES (?, ?)", (i, passage["text"]))
            db.execute("INSERT INTO d VALUES (?, ?, ?)", (i, day(passage["date"]), passage["language"]))
    db.execute("INSERT INTO t(t) VALUES ('optimize')")
    db.execute("COMMIT")
    db.execute("ANALYZE")
    print("peer=fts5 op=index total_secs=%.2f" % (time.monotonic() - start))


def statement(condition):
    """The text of a search, and the values of its filter."""
    if not condition:
        return "SELECT rowid, rank FROM t WHERE t MATCH ? ORDER BY rank LIMIT ?", ()
    kind, value = condition.split(":", 1)
    if kind == "lang":
        where, values = "d.language = ?", (value,)
    else:
        where, values = "d.date BETWEEN ? AND ?", tuple(day(end) for end in value.split(".."))
    # CROSS JOIN: the words first, then each match's row.
    return ("SELECT t.rowid, t.rank FROM t CROSS JOIN d ON d.id = t.rowid WHERE t MATCH ? AND " + where +
            " ORDER BY t.rank LIMIT ?", values)


def measure(db, queries, mode, k, options):
    sql, values = statement(options["--filter"])
    best = [0.0] * len(queries)
    hits = 0
    for turn in range(-int(options["--warm"]), int(options["--passes"])):
        hits = 0
        for i, text in enumerate(queries):
            start = time.perf_counter()
            words = (" AND " if mode == "and" else " OR ").join('"%s"' % w for w in re.findall(r"\w+", text))
            found = db.execute(sql, (words, *values, k)).fetchall()
            us = (time.perf_counter() - start) * 1e6
            best[i] = us if turn <= 0 or us < best[i] else best[i]
            hits += len(found)
    best.sort()
    at = [best[int((len(best) - 1) * p + 0.5)] for p in (0.5, 0.9, 0.99)]
    print("peer=fts5 op=query mode=%s k=%d nq=%d mean_us=%.1f p50_us=%.1f p90_us=%.1f p99_us=%.1f max_us=%.1f hits=%d" % (
        mode, k, len(best), sum(best) / len(best), *at, best[-1], hits))


def main():
    options = {"--warm": "1", "--passes": "3", "--every": "1", "--filter": ""}
    words, rest = [], iter(sys.argv[1:])
    for word in rest:
        if word in options:
            options[word] = next(rest)
        else:
            words.append(word)
    if len(words) == 3 and words[0] == "index":
        index(words[1], words[2])
    elif len(words) == 5 and words[0] == "query":
        with open(words[2], encoding="utf-8") as f:
            queries = f.read().splitlines()[:: int(options["--every"])]
        measure(connect(words[1]), queries, words[3], int(words[4]), options)
    else:
        sys.exit(__doc__)


main()
