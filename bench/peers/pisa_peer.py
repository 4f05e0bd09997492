#!/usr/bin/env python3
"""PISA (through the compiled module of the PyPI package pyterrier-pisa), with the command line of the other harnesses:

    pisa_peer.py index CORPUS.tsv DIR
    pisa_peer.py query DIR QUERIES or|and K [--algorithm NAME] [--float] [--dump] [--warm N] [--passes N] [--every N]

PISA tokenises, stems (Porter 2) and inverts; postings in blocks of SIMD-BP128, maxima of blocks of 64, and scores either
quantised to 8 bits (the default) or as floats with k1 = 1.2 and b = 0.75. It keeps no positions, so it has no phrases.
A query's time is taken inside one call of the module for all queries, from the moment it fetches a query's text until
it fetches the next one's: the ids' strings are made in it, interpreting Python is not (but for one generator's step).

    python3.11 -m venv pisa && pisa/bin/pip install numpy tbb==2020.3.254
    pisa/bin/pip install --no-deps pyterrier-pisa==0.4.9
    LD_LIBRARY_PATH=pisa/lib pisa/bin/python bench/peers/pisa_peer.py ..."""
import gc
import os
import resource
import sys
import time

import numpy as np

# The compiled module alone: the package around it loads PyTerrier.
sys.path.insert(0, os.path.join(os.path.dirname(np.__path__[0]), "pyterrier_pisa"))
import _pisathon as pisa

ENCODING, BLOCK = "block_simdbp", 64


def context(folder, quantised):
    c = pisa.RetrievalContext()
    pisa.prepare_index(c, folder, ENCODING, "bm25", "porter2", block_size=BLOCK, quantize=int(quantised), bm25_k1=1.2,
                       bm25_b=0.75)
    return c


def index(corpus, folder):
    os.makedirs(folder, exist_ok=True)
    for name in os.listdir(folder):
        os.remove(os.path.join(folder, name))
    start = time.monotonic()
    plain = os.path.join(folder, "plain.txt")
    with open(corpus, "rb") as f, open(plain, "wb") as out:
        for line in f:
            out.write(line.replace(b"\t", b" ", 1))
    pisa.index(plain, folder, "porter2", 100_000, 1)
    os.remove(plain)
    context(folder, True)
    end = time.monotonic()
    context(folder, False)
    size = 0
    for name in os.listdir(folder):
        # What a quantised search reads.
        if ".q1." in name or name in ("fwd.termlex", "fwd.doclex"):
            size += os.path.getsize(os.path.join(folder, name))
    read = os.path.getsize(corpus)
    mb = read / 1e6
    print("peer=pisa op=index docs=%d input_bytes=%d secs=%.2f MB_per_s=%.2f opt_secs=0.00 total_secs=%.2f "
          "MB_per_s_total=%.2f rss_mb=%.1f bytes=%d" % (
              pisa.num_docs(folder), read, end - start, mb / (end - start), end - start, mb / (end - start),
              resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, size))


class Stopwatch:
    """The queries, handed out one by one; notes the time between two."""

    def __init__(self, queries):
        self.queries, self.times = queries, [0] * (len(queries) + 1)

    def __len__(self):
        return len(self.queries)

    def __iter__(self):
        now, times = time.perf_counter_ns, self.times
        for i, q in enumerate(self.queries):
            times[i] = now()
            yield (i, q)
        times[len(self.queries)] = now()


def run(c, queries, algorithm, k):
    n = len(queries) * k
    q, d, r, s = np.full(n, 0, np.int32), np.full(n, None, object), np.full(n, 0, np.int32), np.full(n, 0, np.float32)
    w = Stopwatch(queries)
    hits = pisa.retrieve(c, algorithm, w, k=k, threads=1, result_qidxs=q, result_docnos=d, result_ranks=r,
                         result_scores=s)
    return np.diff(np.array(w.times)) / 1e3, hits, q[:hits], d[:hits], r[:hits], s[:hits]


def query(args):
    options = {"--warm": 1, "--passes": 3, "--every": 1, "--algorithm": None}
    flags, words = set(), []
    args = iter(args)
    for a in args:
        if a in options:
            options[a] = next(args)
        elif a.startswith("--"):
            flags.add(a)
        else:
            words.append(a)
    folder, path, mode, k = words[0], words[1], words[2], int(words[3])
    if mode == "phrase":
        sys.exit("pisa keeps no positions")
    algorithm = options["--algorithm"] or {"or": "maxscore", "and": "ranked_and"}[mode]
    every = int(options["--every"])
    queries = [line.rstrip("\n") for line in open(path, encoding="utf-8")][::every]
    c = context(folder, "--float" not in flags)
    gc.disable()
    if "--dump" in flags:
        _, hits, q, d, r, s = run(c, queries, algorithm, k)
        for i in range(hits):
            print("%d\t%s\t%d\t%.6f" % (q[i] * every, d[i], r[i] + 1, s[i]))
        return
    best = None
    for p in range(-int(options["--warm"]), int(options["--passes"])):
        t, hits, q, *_ = run(c, queries, algorithm, k)
        best = t if best is None or p == 0 else np.minimum(best, t)
    n = len(best)
    best = np.sort(best)
    at = lambda p: best[int((n - 1) * p + 0.5)]
    print("peer=pisa op=query mode=%s k=%d nq=%d mean_us=%.1f p50_us=%.1f p90_us=%.1f p99_us=%.1f max_us=%.1f hits=%d "
          "nonzero=%d algorithm=%s rss_mb=%.1f" % (
              mode, k, n, best.mean(), at(.5), at(.9), at(.99), best[-1], hits, len(set(q)), algorithm,
              resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024))


if __name__ == "__main__":
    if len(sys.argv) == 4 and sys.argv[1] == "index":
        index(sys.argv[2], sys.argv[3])
    elif len(sys.argv) >= 6 and sys.argv[1] == "query":
        query(sys.argv[2:])
    else:
        sys.exit(__doc__)
