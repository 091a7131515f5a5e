"""Multiplies the vectors of a file with queries: product.py FILE ROWS DIMENSIONS. Each
line of the standard input is how many rows are wanted and the queries, as base64 of
float32; the answer is how long the product took in ns, by the clock and by the processor,
and the best rows for the first query, which is no part of what is timed."""

import base64
import sys
import time

import numpy as np

path, rows, dimensions = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
padded = -(-dimensions // 8) * 8  # see vectors/header.go
row = np.dtype([("values", "<f2", padded), ("sum", "<u4"), ("zero", "<u4")])
file = np.memmap(path, row, "r", 4096, (rows,))
matrix = np.empty((rows, dimensions), np.float32)
for i in range(0, rows, 10_000):
    matrix[i : i + 10_000] = file["values"][i : i + 10_000, :dimensions]
del file

for line in sys.stdin:
    k, queries = line.split()
    queries = np.frombuffer(base64.b64decode(queries), "<f4").reshape(-1, dimensions)
    factor = queries[0] if len(queries) == 1 else np.ascontiguousarray(queries.T)
    clock, processor = time.perf_counter_ns(), time.process_time_ns()
    products = matrix @ factor
    clock, processor = time.perf_counter_ns() - clock, time.process_time_ns() - processor
    best = np.argsort(-(products if products.ndim == 1 else products[:, 0]), kind="stable")[: int(k)]
    print(clock, processor, *best, flush=True)
