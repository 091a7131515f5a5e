"""Makes tokens.jsonl: texts, ordinary and odd ones, and the words that pycocoevalcap's
PTBTokenizer makes of them. Each is followed by a caption that begins with "A", as most do.

    python metrics/ptb/testdata/make_tokens.py [SEED] [TEXTS OF EACH KIND] [FILE]

Java has to be there. With another seed, more texts and a FILE it is what a change is tried on:
VLMCHAT_PTB_TEXTS=FILE go test ./metrics/ptb
"""

import json
import os
import pathlib
import random
import sys

os.environ["JAVA_TOOL_OPTIONS"] = "-Dfile.encoding=UTF-8"  # else the locale decides

from pycocoevalcap.tokenizer.ptbtokenizer import PTBTokenizer

# Texts that were once got wrong, or that the rules are about.
BY_HAND = """
can't cannot CANNOT Can't won't shan't ain't isn'tx n't I'd he'll they've she's we're I'm it's 'tis 'Twas 'tisn't y'all d'ye ma'am
gonna Gotta wanna gimme lemme gonnas gonna's whaddya dunno kinda more'n o'clock five-o'clock rock'n'roll rock 'n' roll 'em 'cause 'til '90s '90 1990's
don’t it’s ‘quoted’ “double” «guillemets» ‹single› „low” ‚low‘ `back` ``double'' "x" ´x´ “‘both’”
a - b -- c --- d ----- e – f — g ― h − i ‐ j a-b a--b a–b a—b -foo foo- black-and-white state-of-the-art 2-year-old
... .. .... ..... . . . end... ! !! ??? !? a!b Hello.World end.Next etc., foo cat., x no., y
(a) [b] {c} <d> (( )) -LRB- -rsb- {{x}} ⟨x⟩ 「あ」
a/b and/or w/o w/ n/a a/b/c/d 1/2 1 1/2 1-1/2 3/4-inch 1/2/2003 ½ 1½ 24/7
1,000 1,000,000 1.5 .5 5. 1:30 10:30am 10:30 a.m. 10am 5'10" 8.5x11 -5 +5 5% $5.50 US$5 A$AP €5 £5 5¢ ¥5 #5 # 5 #tag @user
555-1234 (555) 555-1234 555-555-1234 +44 20 7946 0958 100 200 300 1999 2000
Mr. Mrs. Dr. St. No. 5 no. five Jr. Inc. Inc. foo Inc. Foo vs. e.g. i.e. U.S. U.S.A. Ph.D. a.m. Jan. 5 fig. 5 approx. dept. Calif. ill. Ill.
the letter A. The letter B. Mr. X. J.K. Rowling non-U.S. U.S.-based anti-a.b.c.
www.example.com http://example.com/path?x=1. (https://x.org) example.com/a/b foo.bar@x.co.uk file.txt 5.jpg. a_b __ @@ a@{b}
:) :-) ;( :D =) <3 ^_^ (^.^) x_x >:( 8-) :)x
<b>bold</b> <br/> <a href="x"> <a b=c> <source media="(prefers-dark: ½ co­op)"> <!-- (c) --> a<b << >> &amp; &lt;b&gt; &quot;x&quot; it&apos;s caf&eacute; a&nbsp;b &mdash; &#39; &foo;
AT&T R&B A&amp;B a&b Q&A's C++ C# f#
猫 猫がソファ 你好。世界 狗，猫 é café naïve Straße Ελλάδα ΣΟΦΟΣ İstanbul привет שלום مرحبا नमस्ते ไทย 한국어 👍🏽 a👍b x²³ 5°C H₂O ™ ① ￥5 co­op a​b
dogs' the boys' James's O'Brien d'Artagnan l'eau qu'il Hawai'i Toys'R'Us s'more ne'er-do-well
the letter k.
see no.
the end etc.
a smile :)
it is 5 p.m.
by J. K.
""".strip().split("\n")

WORDS = """a the dog cat man woman riding surfboard tennis player's don't isn't they're it's black-and-white U.S. Mr. Dr. St. etc. vs. e.g. i.e.
a.m. p.m. 10:30 3:00pm 1/2 2 100 2,000 $5 50% No. 5 #1 o'clock can't cannot gonna 'n' & AT&T R&B t-shirt two-year-old and/or w/ w/o n/a café naïve
1990's 80's '80s dogs' girl's men's kids' Jan. 5th 21st Inc. Co. A B. C D. x y's""".split()
BETWEEN = [" "] * 5 + [", ", ". ", " - ", "-", " -- ", "... ", "!", "! ", "? ", "; ", ": ", " (", ") ", ' "', '" ', "/", " / ", "  ", " “", "” ", " ‘", "’ ",
                       "'", "’", " — ", "…", "&", "_", "@", "#", "*", "+", "=", "%", "$", "<", ">", "[", "]", "{", "}", "|", "~", "\\", "^", ":", ".,", "`", "\xa0"]
SIGNS = list("abcdnstmreoluvyABDNST0123456789.,'’`-–_/\\&@#$%*+=:;!?()[]<>\"“”‘ \xa0 é½²…™°猫_ ")
OFTEN = list("abnst'ds. -")
PIECES = """n't 's 're 'll 'd 'm 'n 'n' 'em 'tis 'twas o' d' y' j' won can not gon na could ma A B AB x 5 50 555 1/2 - / ' ’ . , : U.S U.S. u.k. a.m. Mr. Inc.
no. No. etc. jpg com www. http:// @ # & &amp; &lt; < b > = " ( ) + $ ; D _ ^ the é co-op e- re ve ! ? ...""".split() + [" ", " ", "A ", "The "]


def sentence(draw):
    return "".join(draw.choice(WORDS) + draw.choice(BETWEEN[:8] * 6 + BETWEEN) for _ in range(draw.randint(3, 14)))


def signs(draw):
    return "".join(draw.choice(SIGNS if draw.random() < 0.6 else OFTEN) for _ in range(draw.randint(1, 14)))


def pieces(draw):
    return "".join(draw.choice(PIECES) for _ in range(draw.randint(1, 8)))


def main(seed=1, each=1200, file=pathlib.Path(__file__).with_name("tokens.jsonl")):
    draw = random.Random(int(seed))
    texts = list(BY_HAND)
    texts += [w for line in BY_HAND for w in line.split()]
    texts += [kind(draw) for kind in (sentence, signs, pieces) for _ in range(int(each))]
    texts = list(dict.fromkeys(texts))
    words = PTBTokenizer().tokenize({i: [{"caption": t}, {"caption": "A "}] for i, t in enumerate(texts)})
    lines = [json.dumps([t, words[i][0].split(" ") if words[i][0] else []], ensure_ascii=False) for i, t in enumerate(texts)]
    pathlib.Path(file).write_text("\n".join(lines) + "\n", encoding="utf-8")


main(*sys.argv[1:])
