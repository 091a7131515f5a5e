"""Makes captions.json: captions with references, and what pycocoevalcap 1.2 makes of them.

    pip install pycocoevalcap          (Java is needed too, and 2 GB of memory for METEOR)
    python metrics/testdata/make_captions.py

The captions are put together from the words below, so that the file is the project's own. A
candidate says roughly what its references say, in part with other words, numbers and forms,
as METEOR's stages want it. The odd ones at the end are for the corners of the metrics.
"""

import json
import os
import pathlib
import random

import numpy as np

os.environ["JAVA_TOOL_OPTIONS"] = "-Dfile.encoding=UTF-8"  # else the locale decides

from pycocoevalcap.bleu.bleu import Bleu
from pycocoevalcap.cider.cider import Cider
from pycocoevalcap.meteor.meteor import Meteor
from pycocoevalcap.rouge.rouge import Rouge
from pycocoevalcap.tokenizer.ptbtokenizer import PTBTokenizer

CAPTIONS = 280

WHO = [
    ["dog", "puppy", "hound"], ["cat", "kitten", "kitty"], ["man", "guy", "person"], ["woman", "lady", "person"],
    ["boy", "kid", "child"], ["girl", "kid", "child"], ["horse", "pony", "animal"], ["bird", "pigeon", "gull"],
    ["surfer", "man", "rider"], ["skier", "person", "sportsman"], ["elephant", "animal"], ["zebra", "animal"],
    ["train", "locomotive"], ["bus", "coach", "vehicle"], ["motorcycle", "motorbike", "bike"], ["boat", "ship"],
    ["tennis player", "player", "athlete"], ["baseball player", "batter", "athlete"], ["sheep", "lamb"],
]
MANY = {"man": "men", "woman": "women", "person": "people", "child": "children", "sheep": "sheep", "bus": "buses",
        "coach": "coaches", "lady": "ladies", "puppy": "puppies", "kitty": "kitties", "pony": "ponies",
        "sportsman": "sportsmen"}
HOW = [["small", "little", "tiny"], ["big", "large", "huge"], ["young", "youthful"], ["old", "elderly", "aged"],
       ["brown", "dark brown"], ["white", "pale"], ["black-and-white", "black and white"], ["wet", "soaked"],
       ["red", "bright red"], ["happy", "smiling", "cheerful"], ["colourful", "colorful"], ["two-year-old", "little"]]
DOES = [("sit", "sitting", "sits"), ("stand", "standing", "stands"), ("run", "running", "runs"),
        ("walk", "walking", "walks"), ("rest", "resting", "rests"), ("lie", "lying", "lies"),
        ("jump", "jumping", "jumps"), ("wait", "waiting", "waits"), ("look", "looking around", "looks around"),
        ("pose", "posing", "poses"), ("move", "moving", "moves"), ("play", "playing", "plays")]
WHERE = [
    ["on a couch", "on the sofa", "on a sofa"], ["on the beach", "at the seaside", "by the ocean"],
    ["in a field", "in a grassy meadow", "on the grass"], ["in the street", "on a road", "on a city street"],
    ["beside a lake", "next to the water", "near a lake"], ["in front of a house", "before a building"],
    ["on top of a hill", "on a hillside"], ["under a tree", "beneath some trees", "in the shade of a tree"],
    ["at a table", "near a wooden table"], ["in the snow", "on a snowy slope", "down a snow-covered hill"],
    ["in a kitchen", "inside the kitchen"], ["at the station", "at a train station", "in the railway station"],
]
WITH = [["with a frisbee", "with a flying disc"], ["with an umbrella", "holding an umbrella"], ["at sunset", "in the evening"],
        ["with a ball", "next to its ball"], ["during the day", "in daylight"], ["with other people", "among a crowd"],
        ["wearing a hat", "with a cap on"], ["next to a bicycle", "beside a bike"], ["in the rain", "on a rainy day"],
        ["with its mouth open", "whose mouth is open"], ["for a photo", "for a picture", "for the camera"]]
FRAME = ["{}", "{}", "{}.", "{}.", "{} .", "A picture of {}.", "There is {}.", "This is a photo of {}", "a close-up of {}",
         "The image shows {}.", "{}!", "Here we see {}, it seems.", "A couple of things: {}; nothing else."]
NUMBER = {1: ["a", "a", "one", "the"], 2: ["two", "2", "a pair of", "two"], 3: ["three", "3", "some"], 12: ["a dozen", "12", "many"]}

# Candidates with their references in which something is odd.
ODD = [
    ("", ["A dog on a couch.", "A brown dog lies on a sofa."]),
    ("dog", ["A dog.", "dog", "There is a dog on the couch."]),
    ("a a a a a a a a", ["A cat on a mat.", "a cat sits on a mat"]),
    ("the the the the", ["the", "The cat and the dog and the bird."]),
    ("...", ["A dog runs.", "It is a dog."]),
    ("?!", ["A boy asks a question?"]),
    (". , ; : - -- ' \" ` ( ) [ ] { }", ["A list of signs ( many ) .", "Signs, signs - signs"]),
    ("A dog runs through the park", ["...", "A dog runs through the park."]),
    ("same words as said", ["same words as said"]),
    ("same words as said", ["said as words same"]),
    ("same words as said", ["same words as said"] * 7),
    ("nothing in common here", ["dogs running over green hills"]),
    ("ein großer Hund läuft über die Straße", ["ein Hund läuft über eine große Straße", "a dog crosses a street"]),
    ("Un café près de l'église à Paris", ["Un café à côté de l'église", "a café by a church"]),
    ("猫がソファの上で寝ている", ["猫がソファの上で寝ている", "a cat sleeps on a sofa"]),
    ("一只狗 在 草地 上", ["一只狗 在 雪 上", "a dog in grass"]),
    ("a dog 🐶 on a couch 🛋️", ["a dog 🐶 on a couch", "a happy dog 😀"]),
    ("a “quoted” sign that says ‘stop’ — now…", ["a \"quoted\" sign that says 'stop' -- now...", "a stop sign"]),
    ("The man's dog can't find it's ball, isn't it?", ["The man's dog cannot find its ball", "the dog doesn't find the ball"]),
    ("They're gonna say it's o'clock, y'all", ["They are going to say it is o'clock, you all"]),
    ("A train at 10:30 a.m. on Jan. 5, 1999", ["A train at 10:30 am on January 5, 1999", "a train, 5/1/1999"]),
    ("It costs $3.50, i.e. 50% off", ["it costs $3.50 (50% off)", "half price: 3.50 dollars"]),
    ("Mr. Smith and Dr. Jones in the U.S.", ["Mr. Smith and Dr. Jones in the United States", "Two men, Mr. Smith & Dr. Jones, U.S.A."]),
    ("1/2 of a pizza, 2 1/2 apples, 3,000 people", ["half a pizza and 2 1/2 apples", "3,000 people eat 1/2 of a pizza"]),
    ("black/white cat and/or dog", ["a black and white cat or dog", "black / white cat"]),
    ("a sign that reads STOP!!! in all caps", ["A sign that reads \"STOP!!!\"", "stop sign"]),
    ("AN UPPER CASE SENTENCE ABOUT A BUS", ["an upper case sentence about a bus", "A bus"]),
    ("double  spaces   in    here", ["double spaces in here", "spaces in here, doubly"]),
    ("visit www.example.com or mail me@example.com", ["www.example.com on a sign", "a sign with me@example.com"]),
    ("the word word word and the word", ["the word and the word and the word", "word word"]),
    ("a", ["a", "the"]),
    ("dogs running", ["a dog ran", "the runners' dogs", "running dogs run"]),
    ("a very long caption " + "that goes on and on and on " * 12, ["a long caption that goes on and on", "a caption"]),
    ("short", ["a very long reference " + "that goes on and on and on " * 8]),
    ("<b>bold</b> text &amp; more", ["bold text and more", "<b>bold</b> text"]),
    ("#1 fan of the No. 5 bus @home", ["number 1 fan of the no. 5 bus at home", "#1 fan"]),
    (":) a smiling face :-)", ["a smiling face :)", "a smile"]),
    ("the tooth-brush in the twenty-first century", ["the toothbrush in the 21st century", "a tooth brush"]),
]


def sentence(draw, scene, plain):
    """One way to say what is seen; plain uses the first word for everything."""
    number, who, how, does, where, more = scene
    pick = (lambda words: words[0]) if plain else draw.choice
    noun = pick(who)
    if number > 1:
        head, last = noun.rsplit(" ", 1) if " " in noun else ("", noun)
        noun = (head + " " + MANY.get(last, last + "s")).strip()
    words = [pick(NUMBER[number]), pick(how) if draw.random() < 0.7 else "", noun]
    form = draw.random()
    if form < 0.5:
        words.append(does[1])
    elif form < 0.8:
        words.append(does[2] if number == 1 else does[0])
    else:
        words.append(("is " if number == 1 else "are ") + does[1])
    words.append(pick(where))
    if draw.random() < 0.5:
        words.append(pick(more))
    text = " ".join(w for w in words if w)
    if text.startswith("a ") and text[2] in "aeiou":
        text = "an " + text[2:]
    text = draw.choice(FRAME).format(text)
    return text[0].upper() + text[1:] if draw.random() < 0.7 else text


def captions():
    draw = random.Random(12)
    items = []
    for _ in range(CAPTIONS - len(ODD)):
        scene = (draw.choice([1, 1, 1, 2, 2, 3, 12]), *map(draw.choice, (WHO, HOW, DOES, WHERE, WITH)))
        other = (*scene[:2], *map(draw.choice, (HOW, DOES, WHERE, WITH))) if draw.random() < 0.3 else scene
        references = [sentence(draw, scene, False) for _ in range(draw.choice([1, 2, 3, 4, 5, 5, 5, 6, 7]))]
        items.append((sentence(draw, other, draw.random() < 0.5), references))
    return items + ODD


def ngrams(text):
    words, counts = text.split(), {}
    for n in range(1, 5):
        for i in range(len(words) - n + 1):
            gram = tuple(words[i : i + n])
            counts[gram] = counts.get(gram, 0) + 1
    return counts


def plain_cider(references, candidates):
    """CIDEr as its paper has it (Vedantam, Lawrence Zitnick and Parikh, CVPR 2015, section 4):
    the mean over n of the mean over references of the cosine of the vectors of
    tf * log(pictures / pictures of which a reference has it), times 10. tf is a count here: the
    cosine takes out what a length would divide by."""
    pictures = {}
    for refs in references:
        for gram in {g for r in refs for g in ngrams(r)}:
            pictures[gram] = pictures.get(gram, 0) + 1

    def vector(text, n):
        return {g: c * (np.log(len(references)) - np.log(max(1, pictures.get(g, 0))))
                for g, c in ngrams(text).items() if len(g) == n}

    def cosine(a, b):
        norm = np.sqrt(sum(x * x for x in a.values())) * np.sqrt(sum(x * x for x in b.values()))
        return sum(x * b.get(g, 0) for g, x in a.items()) / norm if norm else 0

    return [10 * np.mean([np.mean([cosine(vector(c, n), vector(r, n)) for r in refs]) for n in range(1, 5)])
            for c, refs in zip(candidates, references)]


def main():
    items = captions()
    texts = {i: [{"caption": c}] for i, (c, _) in enumerate(items)}
    refs = {i: [{"caption": r} for r in rs] for i, (_, rs) in enumerate(items)}
    res, gts = PTBTokenizer().tokenize(texts), PTBTokenizer().tokenize(refs)
    corpus, each = {}, {}
    whole, scores = Bleu(4).compute_score(gts, res, verbose=0)
    for n in range(4):
        corpus[f"BLEU-{n + 1}"], each[f"BLEU-{n + 1}"] = whole[n], scores[n]
    meteor = Meteor()
    for name, scorer in ("ROUGE-L", Rouge()), ("CIDEr-D", Cider()), ("METEOR", meteor):
        corpus[name], each[name] = scorer.compute_score(gts, res)
    del meteor  # ends its process
    each["CIDEr"] = plain_cider([gts[i] for i in gts], [res[i][0] for i in res])
    corpus["CIDEr"] = np.mean(each["CIDEr"])
    rows = [{
        "candidate": c, "references": rs,
        "tokens": res[i][0], "reference_tokens": gts[i],
        "scores": {name: float(each[name][i]) for name in each},
    } for i, (c, rs) in enumerate(items)]
    text = json.dumps({"corpus": {n: float(v) for n, v in corpus.items()}}, indent=1)[:-2] + ',\n "items": [\n'
    text += ",\n".join("  " + json.dumps(r, ensure_ascii=False) for r in rows) + "\n ]\n}\n"
    pathlib.Path(__file__).with_name("captions.json").write_text(text, encoding="utf-8")


main()
