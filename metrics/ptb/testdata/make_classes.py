"""Prints the ranges of classes.go: what pycocoevalcap's PTBTokenizer takes the characters beyond
ASCII for, by what it makes of them between letters and between digits.

    python metrics/ptb/testdata/make_classes.py
"""

import os

os.environ["JAVA_TOOL_OPTIONS"] = "-Dfile.encoding=UTF-8"  # else the locale decides

from pycocoevalcap.tokenizer.ptbtokenizer import PTBTokenizer

# Line breaks, surrogates, and what rules of their own are for: hyphens, quotes, dashes, money.
OWN = {0x80, 0x85, *range(0x91, 0x95), 0x96, 0x97, 0xA2, 0xA3, 0xA4, 0xAB, 0xAD, 0xBB, 0xBC, 0xBD, 0xBE, 0x58A, 0x2010, 0x2011, 0x2013, 0x2014, 0x2015,
       0x2018, 0x2019, 0x201B, 0x201C, 0x201D, 0x2026, 0x2028, 0x2029, 0x2039, 0x203A, 0x20A0, 0x20AC, 0x2153, 0x2154}

characters = [c for c in range(0x80, 0x10000) if c not in OWN and not 0xD800 <= c < 0xE000]
found = PTBTokenizer().tokenize({c: [{"caption": f"x{chr(c)}x"}, {"caption": f"1{chr(c)}1"}] for c in characters})
classes = {"letters": [], "marks": [], "symbols": []}
for c in characters:
    letters, digits = (text.split(" ") for text in found[c])
    if len(letters) == 1:
        classes["marks" if len(digits) == 2 and digits[0] == "1" else "letters"].append(c)
    elif len(letters) == 3:
        classes["symbols"].append(c)
for name, members in classes.items():
    ranges = []
    for c in members:
        if ranges and ranges[-1][1] == c - 1:
            ranges[-1][1] = c
        else:
            ranges.append([c, c])
    print(name, " ".join(f"{a:x}" if a == b else f"{a:x}-{b:x}" for a, b in ranges))
