"""Sentences about the demo scenes, each with what it claims, so that every sentence of a batch
can be held against every picture of it: a claim is a background, a number of objects, and
objects of which any of colour, shape, size and place may be left open."""
import itertools

from scenes import BACKGROUNDS, COLORS, DIGITS, POSITIONS, SHAPES, SIZES

NUMBERS = ["no", "one", "two", "three", "four"]
DIGIT_WORDS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
OTHER_NAMES = {"circle": ["disc", "dot"], "cross": ["plus"], "ring": ["donut", "hoop"], "diamond": ["rhombus"], "gray": ["grey"]}
FRAMES = ["{}", "{}.", "a photo of {}.", "a picture of {}", "an image of {}", "a photo of {}", "this is {}", "a drawing of {}."]


KINDS = ("shape", "color", "size", "pos")


def holds(claim, scene):
    """Whether a claim is true of a scene: its objects are met by as many different ones."""
    bg, count, wanted = claim
    if bg is not None and bg != scene["bg"] or count is not None and count != len(scene["objs"]) or len(wanted) > len(scene["objs"]):
        return False
    objs = placed(scene)
    fits = []
    for w in wanted:
        asked = [(k, w[k]) for k in KINDS if w[k] is not None]
        fits.append([all(o[k] == v for k, v in asked) for o in objs])
        if not any(fits[-1]):
            return False
    return len(wanted) < 2 or any(all(fits[i][j] for i, j in enumerate(p)) for p in itertools.permutations(range(len(objs)), len(wanted)))


def placed(scene):
    """A scene's objects, each with its place in the grid."""
    if "placed" not in scene:
        scene["placed"] = [dict(o, pos=(o["row"], o["col"])) for o in scene["objs"]]
    return scene["placed"]


def name(word, rng):
    if word in OTHER_NAMES and rng.random() < .2:
        return OTHER_NAMES[word][rng.integers(len(OTHER_NAMES[word]))]
    return word


def thing(w, rng):
    """An object as words, without an article."""
    words = [w["size"]] if w["size"] else []
    words += [name(w["color"], rng)] if w["color"] else []
    if w["shape"] is None:
        words.append(["object", "shape", "thing"][rng.integers(3)])
    elif w["shape"] in DIGITS:
        u = rng.random()
        digit = w["shape"] if u < .6 else DIGIT_WORDS[int(w["shape"])]
        words += [["digit", "number"][rng.integers(2)], digit] if u < .8 else [digit]
    else:
        words.append(name(w["shape"], rng))
    return " ".join(words)


def article(words):
    return ("an " if words[0] in "aeiou" else "a ") + words


def place(pos):
    p = POSITIONS[pos[0]][pos[1]]
    return {"top": " at the top", "bottom": " at the bottom", "left": " on the left", "right": " on the right"}.get(p, " in the " + p)


def sentence(claim, rng):
    """The claim in words, in one of the ways in which people would put it."""
    bg, count, wanted = claim
    if wanted:
        bare = len(wanted) == 1 and rng.random() < .3
        parts = [(thing(w, rng) if bare else article(thing(w, rng))) + (place(w["pos"]) if w["pos"] else "") for w in wanted]
        text = parts[0] if len(parts) == 1 else ", ".join(parts[:-1]) + " and " + parts[-1]
    elif count is not None:
        text = NUMBERS[count] + (" object" if count == 1 else " objects")
    else:
        return FRAMES[rng.integers(len(FRAMES))].format((["{} background", "a {} background"][rng.integers(2)]).format(name(bg, rng)))
    if bg is not None:
        text += " on a {} background".format(name(bg, rng))
    return FRAMES[rng.integers(len(FRAMES))].format(text)


def claim(scene, rng):
    """Something that is true of a scene, from one word to everything."""
    objs = placed(scene)
    u = rng.random()
    bg = scene["bg"] if rng.random() < .3 else None
    if not objs or u < .06:
        return (scene["bg"], None, []) if rng.random() < .5 and objs else (bg, len(objs), [])
    if u < .12:
        return scene["bg"], None, []
    if u < .55:
        chosen = [objs[rng.integers(len(objs))]]
    elif u < .75:
        chosen = [objs[i] for i in sorted(rng.permutation(len(objs))[:2])]
    else:
        chosen = objs
    say = {k: rng.random() < p for k, p in (("shape", .85), ("color", .8), ("size", .3), ("pos", .25))}
    if not say["shape"] and not say["color"]:
        say["shape"] = True
    return bg, None, [{k: o[k] if say[k] else None for k in say} for o in chosen]


def wrong(c, rng):
    """A claim like c with one attribute changed; it may be true of the scene by chance."""
    bg, count, wanted = c
    if count is not None and not wanted:
        return bg, int(rng.integers(5)), []
    if not wanted or bg is not None and rng.random() < .15:
        return BACKGROUNDS[rng.integers(len(BACKGROUNDS))], count, wanted
    wanted = [dict(w) for w in wanted]
    if len(wanted) > 1 and rng.random() < .4:  # two objects exchange an attribute
        a, b = wanted[0], wanted[1]
        k = ["shape", "color", "size", "pos"][rng.integers(4)]
        a[k], b[k] = b[k], a[k]
        return bg, count, wanted
    w = wanted[rng.integers(len(wanted))]
    kinds = [k for k in w if w[k] is not None]
    k = kinds[rng.integers(len(kinds))]
    w[k] = {"shape": lambda: (SHAPES + DIGITS)[rng.integers(18)], "color": lambda: COLORS[rng.integers(10)],
            "size": lambda: SIZES[rng.integers(2)], "pos": lambda: (int(rng.integers(3)), int(rng.integers(3)))}[k]()
    return bg, count, wanted
