"""Every field of a CSV through DuckDB. usage: parse.py ROUNDS FILE MB_PER_S_OF_OURS"""
import os
import sys
import time

import duckdb

rounds, path, ours = int(sys.argv[1]), sys.argv[2], float(sys.argv[3])
mb = os.path.getsize(path) / 1e6
ways = [  # words, threads, clock, options, what is asked of each column
    ("as text", 1, time.process_time, ", all_varchar=true", "count"),
    ("as text, each field's length summed", 1, time.process_time, ", all_varchar=true", "length"),
    ("as found types", 1, time.process_time, "", "count"),
    ("as text, all cores, seconds by the wall", None, time.perf_counter, ", all_varchar=true", "count"),
]


with open(path) as file:
    columns = file.readline().rstrip("\n").split(",")


def ask(con, options, what):
    each = "count({0})" if what == "count" else "sum(length({0}))"
    wanted = ", ".join(each.format(c) for c in columns)
    return con.execute(f"SELECT count(*), {wanted} FROM read_csv('{path}'{options})").fetchone()


best = {}
for _ in range(rounds):
    for words, threads, clock, options, what in ways:
        con = duckdb.connect()
        if threads:
            con.execute(f"SET threads={threads}")
        began = clock()
        ask(con, options, what)
        took = clock() - began
        con.close()
        best[words] = min(took, best.get(words, took))
for words, *_ in ways:
    rate = mb / best[words]
    print(f"  DuckDB {duckdb.__version__}, {words + ':':42s} {rate:5.0f} MB/s, ours {ours / rate:.1f} times as fast (aim >= 1)")
