"""Makes reference.json: what meteor-1.5.jar makes of words, of texts, and of captions that are
put together so that every module, tie and corner of it is met.

    pip download --no-deps pycocoevalcap && unzip pycocoevalcap-*.whl    (and Java is needed)
    python metrics/meteor/testdata/make_reference.py pycocoevalcap/meteor [seed] [captions]

With other seeds and more captions it is the material of a longer comparison.
"""

import gzip
import json
import pathlib
import random
import subprocess
import sys
import zipfile

HOME = pathlib.Path(sys.argv[1])
DRAW = random.Random(int(sys.argv[2]) if len(sys.argv) > 2 else 1)
CAPTIONS = int(sys.argv[3]) if len(sys.argv) > 3 else 360

COMMON = """a the man woman dog cat sitting standing on in with of red blue small large big table street people
person holding riding bike bicycle horse field beach water playing ball plate food pizza two three several group
young boy girl walking down next to near front wearing hat shirt train tracks bus car parked kitchen room bathroom
sink white black tennis court racket skateboard snow skis skiing surfboard wave ocean park bench tree trees sky
flying kite kites running runs ran jumps jumping photograph picture photo couch sofa television laptop computer
desk vase flowers clock tower building city grass sheep cows giraffe giraffes zebra zebras elephants bear""".split()
# So few that words come again and again, and the search has many ways.
FEW = "a the of man men guy person dog dogs sits sit sitting couch sofa on in the side".split()
ODD = """'s n't don't u.s. mr. ... .. - -- well-known it's 1990's 3,000 12.5 , . ! vs. e.g. " '' ` o'clock café naïve
日本 🙂 москва a.m. 'tis rock'n'roll $5 50% ( ) & c++ #1 “ ” ’ ‘ x-ray t-shirt λόγος ß ÿ “quoted” end. rev. v. pp. a,b ,,
''x'' --y z-- – a–b 2-3 1. no. 5.5. ﬁ""".split() + ["pp. 12", "\u00a0", "\u2003"]
ENDINGS = """s ed ing er est ly ness ful es 's ment ation ies y ize ization ational iveness edly ingly eed eedly s' '
ous ousli logi bli abli enci icate ative iciti alism""".split()


def lists():
    with zipfile.ZipFile(HOME / "meteor-1.5.jar") as jar:
        read = lambda name: jar.read(name).decode().splitlines()
        sets, exceptions, function = map(read, ("synonym/english.synsets", "synonym/english.exceptions", "function/english.words"))
    members = {}
    for word, numbers in zip(sets[::2], sets[1::2]):
        if "_" not in word:
            for n in numbers.split():
                members.setdefault(n, []).append(word.lower())
    synonyms = {}
    for words in members.values():
        for w in words:
            synonyms.setdefault(w, []).extend(v for v in words if v != w)
    forms = [w for base, line in zip(exceptions[::2], exceptions[1::2]) for w in (base, *line.split())]
    paraphrases = {}
    with gzip.open(HOME / "data" / "paraphrase-en.gz", "rt", encoding="utf-8") as table:
        while table.readline():
            phrase, by = table.readline().strip(), table.readline().strip()
            if DRAW.random() < 0.06:
                paraphrases.setdefault(phrase, []).append(by)
    return synonyms, forms, function, paraphrases


SYNONYMS, FORMS, FUNCTION, PARAPHRASES = lists()
WITH_SYNONYMS = sorted(w for w, others in SYNONYMS.items() if others)
PHRASES = sorted(PARAPHRASES)


def word(few):
    if few and DRAW.random() < 0.93:
        return DRAW.choice(FEW)
    r = DRAW.random()
    for share, of in ((0.35, COMMON), (0.2, FUNCTION[:60]), (0.17, WITH_SYNONYMS), (0.05, FORMS), (0.12, PHRASES), (0.04, ODD)):
        if r < share:
            return DRAW.choice(of)
        r -= share
    return DRAW.choice(COMMON) + DRAW.choice(ENDINGS)


def changed(words, few):
    words = list(words)
    for _ in range(DRAW.randrange(2 + len(words) // 2)):
        words = words or [word(few)]
        i, j = DRAW.randrange(len(words)), DRAW.randrange(len(words))
        what = DRAW.choices(("replace", "drop", "insert", "synonym", "paraphrase", "ending", "swap", "repeat", "turn"),
                            (18, 10, 8, 16, 28, 6, 6, 4, 4))[0]
        if what == "replace":
            words[i] = word(few)
        elif what == "drop":
            del words[i]
        elif what == "insert":
            words.insert(i, word(few))
        elif what == "synonym" and SYNONYMS.get(words[i]):
            words[i] = DRAW.choice(SYNONYMS[words[i]])
        elif what == "paraphrase":
            n = DRAW.randrange(1, 5)
            by = PARAPHRASES.get(" ".join(words[i:i + n]))
            if by:
                words[i:i + n] = DRAW.choice(by).split(" ")
        elif what == "ending":
            words[i] += DRAW.choice(ENDINGS)
        elif what == "swap":
            words[i], words[j] = words[j], words[i]
        elif what == "repeat":
            words.insert(j, words[i])
        elif what == "turn":
            words = words[i:] + words[:i]
    return words


def captions():
    for k in range(CAPTIONS):
        few = k % 3 == 2
        n = DRAW.choice([0, 1, 2, 5, 8, 9, 10, 11, 12, 15, 20, 30]) if DRAW.random() < 0.97 else DRAW.randrange(60, 150)
        base = " ".join(word(few) for _ in range(n)).split(" ")
        references = [" ".join(changed(base, few)) for _ in range(DRAW.choice([1, 2, 3, 5]))]
        candidate = " ".join(changed(base, few))
        if DRAW.random() < 0.05:
            references[-1] = candidate
        yield candidate, references


def java(*arguments, lines):
    jar = str((HOME / "meteor-1.5.jar").resolve())
    out = subprocess.run(["java", "-Xmx2G", "-Dfile.encoding=UTF-8", "-cp", jar, *arguments], cwd=HOME, check=True,
                         input="".join(l + "\n" for l in lines).encode(), stdout=subprocess.PIPE).stdout
    out = out.decode().split("\n")[:-1]
    assert len(out) == len(lines), out[:3]
    return out


def main():
    items = list(captions())
    score = ["SCORE ||| " + " ||| ".join(references) + " ||| " + candidate for candidate, references in items]
    found = [java("Meteor", "-", "-", "-stdio", "-l", "en", "-norm", *modules, lines=score) for modules in (
        ("-m", "exact stem"), ("-m", "exact stem synonym"), ())]
    words = sorted({w for candidate, _ in items for w in candidate.split()} |
                   {DRAW.choice(WITH_SYNONYMS) + DRAW.choice(ENDINGS) for _ in range(300)} | set(FORMS[:2000:20]))
    pieces = list("abcsz019   ..,,''`-–—‘’“”\"!?$%&/é ÿжд日🙂ßıλ") + ODD + [" . ", "pp. 7", "3,000"]
    texts = ["".join(DRAW.choice(pieces) for _ in range(DRAW.randrange(25))) for _ in range(250)]
    document = {
        "stems": dict(zip(words, java("Stemmer", "en", lines=words))),
        "normalized": list(zip(texts, java("edu.cmu.meteor.util.Normalizer", "en", "true", lines=texts))),
    }
    rows = [json.dumps([candidate, references, *([int(float(x)) for x in f[i].split()] for f in found)],
                       ensure_ascii=False, separators=(",", ":")) for i, (candidate, references) in enumerate(items)]
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))[:-1] + ',\n"alignments":[\n' + ",\n".join(rows) + "\n]}\n"
    pathlib.Path(__file__).with_name("reference.json").write_text(text, encoding="utf-8")


main()
