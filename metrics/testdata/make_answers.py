"""Makes answers.json: answers, those of people, and what the official evaluation of VQA v2
makes of them.

    python metrics/testdata/make_answers.py vqaEval.py

vqaEval.py is PythonEvaluationTools/vqaEvaluation/vqaEval.py of github.com/GT-Vision-Lab/VQA,
which is written for Python 2: of it the class is run as it is, but for its print statements.
"""

import json
import pathlib
import random
import re
import sys

source = re.sub(r'print ("[^"]*")', r"print(\1)", pathlib.Path(sys.argv[1]).read_text(encoding="utf-8"))
source = source.replace(r'"(\d)(\,)(\d)"', r'r"(?a)(\d)(\,)(\d)"').replace(r'"(?!<=\d)(\.)(?!\d)"', r'r"(?a)(?!<=\d)(\.)(?!\d)"')
official = {"__name__": "official"}
exec(compile(source, sys.argv[1], "exec"), official)

PLAIN = """yes|no|2|two|red|blue and white|on the table|a dog|the dog|an umbrella|none|0|ten|eleven|left|baseball
|New York|black/white|t-shirt|10:30|1,000|3.5|U.S.|stop sign|can't tell|cant tell|don't know|it's a cat|"STOP"|50%|$5
|grass, trees|yes, it is|sitting|skateboarding|tennis racket|7 up|orange|not sure|man's|no one|frisbee (white)""".replace("\n", "").split("|")
ODD = ["", " ", ".", "...", "a", "the a an", "?!", "; / [ ] \" { } ( ) = + \\ _ - > < @ ` , ? !", "a-b", "a -b", "a- b", "a - b", "-a-",
       "1,000 - 2,000", "1,000-2,000", "1, 000", "1 ,000", "v1.2.3", "no.5", "no. 5", ".5", "5.", "e.g.", "......5", "." * 40, ".x" * 40,
       "one two three four five six seven eight nine ten", "Ten", "NONE", "A", "The", "thea", "dont", "DONT", "Im", "Ive", "Id've", "hadnt've",
       "hadn'tve", "hadntve", "hell", "were", "shes", "she's", "let's", "lets", "somebody'd", "somebodyd", "somebody'dve", "ow's'at", "'ows'at",
       "'ow'sat", "owsat", "yall'd've", "y'all'dve", "yalldve", "twas", "oclock", "5 o'clock", "5 oclock", "maam", "line\nbreak", "tab\there",
       " spaces  inside ", "\tboth ends\n", "a\u00a0dog", "\u00a0dog\u2003", "caf\u00e9", "\u00c9COLE", "\u00df", "\u0130stanbul", "\u03a3\u039f\u03a6\u039f\u03a3 \u03a3 \u039f\u03a3-\u03a3", "\u732b", "\u732b, \u72ac", "\u0663,\u0664",
       "don\u2019t", "dont\u2019", "\U0001f436", "http://x.y/z?a=b", "me@x.com", "and/or", "and / or", "(a) dog", "(a dog)", "{one}", "<b>two</b>",
       "#1", "no: 1", "it's; its", "'quoted'", "``quoted''", "one-two", "one - two", "the-dog", "rock'n'roll", "3,4,5", "3, 4, 5", "3 , 4", "x,y",
       "\x1cdog\x1f", "dog\x85", "dog\u200b", "whatve", "whens", "wheres whos", "an an apple", "one or a two"]


def main():
    draw = random.Random(8)
    normal = official["VQAEval"].__new__(official["VQAEval"])

    class Vqa:
        def __init__(self, qa):
            self.qa = qa

        def getQuesIds(self):
            return list(self.qa)

    def change(answer):
        return draw.choice([str, str, str.upper, str.title, lambda a: a + ".", lambda a: "the " + a, lambda a: a + " ", lambda a: a + "!",
                            lambda a: "(" + a + ")", lambda a: a.replace(" ", "-"), lambda a: a.replace("'", "")])(answer)

    rows = []
    for k in range(600):
        pool = PLAIN if k % 2 else PLAIN + ODD
        said = draw.sample(pool, draw.choice([1, 2, 2, 3, 4]))
        count = draw.choice([10, 10, 10, 10, 2, 3, 4, 5, 12])
        references = [change(draw.choice(said)) if draw.random() < 0.5 else draw.choice(said) for _ in range(count)]
        if k % 10 == 0:
            references = [references[0]] * count
        answer = change(draw.choice(references)) if draw.random() < 0.8 else draw.choice(pool)
        rows.append((answer, references))
    answers = {i: {"question_type": "", "answer_type": "", "answers": [{"answer": r, "answer_id": j} for j, r in enumerate(refs)]} for i, (_, refs) in enumerate(rows)}
    whole = official["VQAEval"](Vqa(answers), Vqa({i: {"answer": a} for i, (a, _) in enumerate(rows)}), n=12)
    whole.updateProgress = lambda _: None
    whole.evaluate()

    def normalised(answer):
        answer = answer.replace("\n", " ").replace("\t", " ").strip()
        return whole.processDigitArticle(whole.processPunctuation(answer))

    texts = sorted({t for a, refs in rows for t in [a, *refs]} | set(PLAIN) | set(ODD) | set(whole.contractions) | set(whole.contractions.values()))
    lines = ",\n".join("  " + json.dumps({"answer": a, "references": refs, "accuracy": whole.evalQA[i] / 100}, ensure_ascii=True) for i, (a, refs) in enumerate(rows))
    pairs = ",\n".join("  " + json.dumps([t, normalised(t)], ensure_ascii=True) for t in texts)
    pathlib.Path(__file__).with_name("answers.json").write_text(
        '{\n "overall": %s,\n "accuracies": [\n%s\n ],\n "normalised": [\n%s\n ]\n}\n' % (json.dumps(whole.accuracy["overall"] / 100), lines, pairs), encoding="utf-8")


main()
