"""Scores the captions of a file with pycocoevalcap: cider.py FILE. For each line of the
standard input it scores all of them anew; the answer is how long finding their words took in
ns, with the two processes of Java that it starts for it, how long CIDEr, and the score."""

import json
import sys
import time

from pycocoevalcap.cider.cider import Cider
from pycocoevalcap.tokenizer.ptbtokenizer import PTBTokenizer

items = json.load(open(sys.argv[1], encoding="utf-8"))
candidates = {i: [{"caption": item["candidate"]}] for i, item in enumerate(items)}
references = {i: [{"caption": r} for r in item["references"]] for i, item in enumerate(items)}

for _ in sys.stdin:
    start = time.perf_counter_ns()
    words = PTBTokenizer().tokenize(references), PTBTokenizer().tokenize(candidates)
    found = time.perf_counter_ns()
    score, _ = Cider().compute_score(*words)
    print(found - start, time.perf_counter_ns() - found, score, flush=True)
