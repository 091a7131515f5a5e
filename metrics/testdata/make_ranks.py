"""Makes ranks.json: what numpy computes of random scores, by the definitions that scikit-learn
has for accuracy, top_k_accuracy_score, balanced_accuracy_score, f1_score(average="macro") and
average_precision_score, and papers for recall@k, mean reciprocal rank and median rank.

    python metrics/testdata/make_ranks.py
"""

import json
import pathlib

import numpy as np

draw = np.random.default_rng(5)


def classification(items=400, classes=9):
    right = draw.choice(classes, items, p=draw.dirichlet(np.ones(classes)))
    scores = draw.normal(size=(items, classes + 1))  # one that is never right
    scores[np.arange(items), right] += 1
    order = np.argsort(-scores, axis=1)
    said = order[:, 0]
    recalls = [np.mean(said[right == c] == c) for c in np.unique(right)]
    f1 = []
    for c in np.union1d(right, said):
        hits = np.sum((said == c) & (right == c))
        precision, recall = hits / max(1, np.sum(said == c)), hits / max(1, np.sum(right == c))
        f1.append(2 * precision * recall / (precision + recall) if hits else 0.0)
    return {
        "said": [f"class {c}" for c in said], "right": [f"class {c}" for c in right],
        "places": [int(np.flatnonzero(o == r)[0]) + 1 for o, r in zip(order, right)],
        "scores": {
            "top-1": np.mean(said == right), "top-5": np.mean([r in o[:5] for o, r in zip(order, right)]),
            "mean per class": np.mean(recalls), "macro F1": np.mean(f1),
        },
    }


def retrieval(queries=300, searched=40):
    belongs = np.zeros((queries, searched), bool)
    for row in belongs:
        row[draw.choice(searched, draw.integers(1, 6), replace=False)] = True
    scores = draw.normal(size=belongs.shape) + 0.3 * belongs
    precisions, first = [], []
    for row, score in zip(belongs, scores):
        hits = row[np.argsort(-score)]
        # the sum over thresholds of precision times the gain of recall
        precision = np.cumsum(hits) / np.arange(1, searched + 1)
        gain = np.diff(np.concatenate([[0], np.cumsum(hits) / hits.sum()]))
        precisions.append(np.sum(precision * gain))
        first.append(int(np.argmax(hits)) + 1)
    first = np.array(first)
    ranks = [sorted(int(np.sum(score >= score[j])) for j in np.flatnonzero(row)) for row, score in zip(belongs, scores)]
    return {
        "ranks": ranks, "searched": searched,
        "scores": {
            **{f"recall@{k}": np.mean(first <= k) for k in (1, 5, 10)},
            "mAP": np.mean(precisions), "MRR": np.mean(1 / first), "median rank": np.median(first),
        },
    }


def perplexity(texts=200):
    logprobs = [np.log(draw.uniform(0.01, 1, draw.integers(1, 30))) for _ in range(texts)]
    return {
        "logprobs": [p.sum() for p in logprobs], "tokens": [len(p) for p in logprobs],
        "scores": {"perplexity": np.exp(-np.mean(np.concatenate(logprobs)))},
    }


all = {"classification": classification(), "retrieval": retrieval(), "perplexity": perplexity()}
pathlib.Path(__file__).with_name("ranks.json").write_text(json.dumps(all, default=float) + "\n")
