"""Makes the fixtures of engine/clip/tokenizer: three tokenizers of the kinds that CLIP,
SigLIP and SigLIP 2 have, trained here on a few sentences and the licence, and what the reference makes of
some thousand odd texts.

    pip install transformers tokenizers sentencepiece protobuf
    python testdata/clip/make_tokenizers.py

writes into testdata/clip/tokenizers. Nothing is downloaded, and the same versions write the
same files.
"""
import gzip
import io
import json
import os
import random
import re
import string
import unicodedata

import sentencepiece
from tokenizers import AddedToken, Regex, Tokenizer, models, normalizers, pre_tokenizers, processors, trainers
from transformers import CLIPTokenizer, SiglipTokenizer

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "tokenizers")
LIMIT = 32  # tokens of a text, with those around it

TEXT = """
a photo of a red circle on a white background. two blue squares and one green triangle.
the quick brown fox jumps over the lazy dog while it's raining; they're sure we'll see what he'd done.
An image of 3 cats, 12 dogs & 1,024 birds (from 2019-2026) at 50% off! Isn't that what you've wanted?
Ein Bild von einem roten Kreis auf weißem Grund. Größe, Straße, Übung, naïve café, señor, Ångström.
Это фотография красной машины на улице. 日本語の写真です。 一张红色汽车的照片。 صورة سيارة حمراء. תמונה של מכונית.
painting, drawing, sketch, portrait, landscape, close-up, black and white, low resolution, high quality.
people walking on the street near a river under a bridge at night with lights and a boat in the water.
""".strip().split("\n")
with open(os.path.join(HERE, "..", "..", "..", "LICENSE"), encoding="utf-8") as license:
    TRAINING = TEXT + [line.strip() for line in license if line.strip()]


def clip():
    """CLIP's: bytes, an end of words in the tokens, merges of lower-case text."""
    normal = normalizers.Sequence([normalizers.NFC(), normalizers.Replace(Regex(r"\s+"), " "), normalizers.Lowercase()])
    split = pre_tokenizers.Sequence([
        pre_tokenizers.Split(Regex(r"""'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+"""), "removed", invert=True),
        pre_tokenizers.ByteLevel(add_prefix_space=False)])
    trained = Tokenizer(models.BPE(end_of_word_suffix="</w>"))
    trained.normalizer, trained.pre_tokenizer = normal, split
    trained.train_from_iterator(TRAINING, trainers.BpeTrainer(
        vocab_size=900, end_of_word_suffix="</w>", initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False))
    merges = [tuple(m) for m in json.loads(trained.to_str())["model"]["merges"]]
    # In CLIP's order: bytes, bytes that end a word, what merges make, the two special tokens.
    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    tokens = letters + [c + "</w>" for c in letters] + [a + b for a, b in merges] + ["<|startoftext|>", "<|endoftext|>"]
    vocabulary = {}
    for token in tokens:
        vocabulary.setdefault(token, len(vocabulary))
    t = CLIPTokenizer(vocab=vocabulary, merges=merges).backend_tokenizer
    folder = os.path.join(HERE, "clip")
    os.makedirs(folder, exist_ok=True)
    write(os.path.join(folder, "vocab.json"), json.dumps(vocabulary, ensure_ascii=False))
    write(os.path.join(folder, "merges.txt"), "#version: 0.2\n" + "\n".join(" ".join(m) for m in merges) + "\n")
    write(os.path.join(HERE, "clip.json"), t.to_str())
    t.encode_special_tokens = True
    return t


def siglip():
    """SigLIP's: a SentencePiece model of unigrams, and the tokenizer.json that is published with it."""
    rules = io.StringIO()
    # A few of nmt_nfkc's rules: the whole table has 240 kB.
    for char in "ﬁﬂ①②½ＡＢＣａｂｃ１２３！？　™…\u00a0\u2003\u3000ﾊﾟｶﾞ":
        rules.write("%s\t%s\n" % (" ".join("%X" % ord(c) for c in char), " ".join("%X" % ord(c) for c in unicodedata.normalize("NFKC", char))))
    for base, mark in [("e", "\u0301"), ("a", "\u030a"), ("u", "\u0308"), ("ｶ", "ﾞ"), ("ハ", "\u309a")]:
        rules.write("%X %X\t%s\n" % (ord(base), ord(mark), " ".join("%X" % ord(c) for c in unicodedata.normalize("NFKC", base + mark))))
    rules.write("200B\t20\n7F\t\nAD\t\n")
    path = os.path.join(HERE, "rules.tsv")
    write(path, rules.getvalue())
    lower = [re.sub("[" + re.escape(string.punctuation) + "]", "", line.lower()) for line in TRAINING]
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(lower), model_writer=model, vocab_size=260, model_type="unigram", normalization_rule_tsv=path,
        pad_id=0, eos_id=1, unk_id=2, bos_id=-1, pad_piece="<pad>", character_coverage=0.99, minloglevel=2)
    os.remove(path)
    folder = os.path.join(HERE, "siglip")
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, "spiece.model"), "wb") as f:
        f.write(model.getvalue())
    from sentencepiece import sentencepiece_model_pb2 as pb
    proto = pb.ModelProto.FromString(model.getvalue())
    t = Tokenizer(models.Unigram([(p.piece, p.score) for p in proto.pieces], unk_id=2))
    t.normalizer = normalizers.Sequence([
        normalizers.Lowercase(),
        normalizers.Replace(Regex("[" + re.escape(string.punctuation) + "]"), ""),
        normalizers.Replace(Regex(r"\s+"), " "),
        normalizers.Strip(),
        normalizers.Precompiled(proto.normalizer_spec.precompiled_charsmap),
        normalizers.Replace(Regex(" {2,}"), " ")])
    t.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always")
    t.post_processor = processors.TemplateProcessing(single="$A </s>", special_tokens=[("</s>", 1)])
    t.add_special_tokens([AddedToken(s, normalized=False, special=True, lstrip=True, rstrip=True) for s in ("</s>", "<unk>")])
    write(os.path.join(folder, "tokenizer.json"), t.to_str())
    write(os.path.join(folder, "tokenizer_config.json"), json.dumps({
        "tokenizer_class": "SiglipTokenizer", "pad_token": "</s>", "eos_token": {"content": "</s>"}, "unk_token": "<unk>", "model_max_length": 64}, indent=1))
    t.encode_special_tokens = True
    return t, SiglipTokenizer(os.path.join(folder, "spiece.model"))


def siglip2():
    """Gemma's: spaces are letters of tokens, unknown letters are bytes, and some tokens are looked for in the text."""
    trained = Tokenizer(models.BPE(byte_fallback=True, fuse_unk=True, unk_token="<unk>"))
    trained.normalizer = normalizers.Replace(" ", "▁")
    trained.train_from_iterator([line.lower() for line in TRAINING], trainers.BpeTrainer(
        vocab_size=700, show_progress=False, special_tokens=["<pad>", "<eos>", "<bos>", "<unk>"] + ["<0x%02X>" % b for b in range(256)]))
    model = json.loads(trained.to_str())["model"]
    vocabulary, merges = dict(model["vocab"]), [tuple(m) for m in model["merges"]]
    for token in ["\n", "\n\n", "▁▁", "<table>", "[multimodal]"]:
        vocabulary.setdefault(token, len(vocabulary))
    t = Tokenizer(models.BPE(vocab=vocabulary, merges=merges, byte_fallback=True, fuse_unk=True, unk_token="<unk>"))
    t.normalizer = normalizers.Sequence([normalizers.Lowercase(), normalizers.Replace(" ", "▁")])
    t.pre_tokenizer = pre_tokenizers.Split(" ", "merged_with_previous")
    t.post_processor = processors.TemplateProcessing(single="$A <eos>", special_tokens=[("<eos>", 1)])
    t.add_special_tokens([AddedToken(s, normalized=False, special=True) for s in ("<pad>", "<eos>", "<bos>", "<unk>")])
    t.add_tokens([AddedToken(s, normalized=False, special=False) for s in ("\n", "\n\n", "▁▁", "<table>", "[multimodal]")])
    t.add_tokens([AddedToken("Kilroy", normalized=True, single_word=True), AddedToken("<x>", normalized=True, lstrip=True, rstrip=True)])
    write(os.path.join(HERE, "siglip2.json"), t.to_str())
    t.encode_special_tokens = True
    return t


def texts():
    r = random.Random(11)
    fixed = TEXT + [
        "", " ", "a", "A photo of a cat", "it's", "IT'S", "we'll they'd I'm you've 'tis '''", "''s", "don''t", "'S 'RE", "’s it’s",
        "1234567890", "3.14", "²³½ⅷ٣४", "x²", "a1b2c3", "hello,world!!!", "...---...", "a\tb\nc\r\nd", "  lead and trail  ", "a\u00a0b\u2003c\u3000d",
        "\u0085next\u2028line", "zero\u200bwidth\u200djoin\ufeff", "soft\u00adhyphen", "\x00nul\x00", "\x01\x02\x1c\x1d\x1f\x7f", "e\u0301 é", "A\u030a Å \u212b",
        "ﬁne ﬂow", "①②", "ＡＢＣａｂｃ１２３", "İstanbul I ı i", "ΟΔΟΣ ΣΑΣ", "ẞ straße", "ǅ ǆ Ǆ", "日本語の写真", "一张照片", "한국어 사진", "\u1112\u1161\u11ab", "ｶﾞﾊﾟ ハ\u309a",
        "صورة سيارة", "תמונה של", "\u202eright to left\u202c", "नमस्ते", "กำลัง", "👍", "👍🏽", "👨‍👩‍👧‍👦", "🇩🇪🇯🇵", "❤️", "1️⃣", "<|endoftext|>", "a<|startoftext|>b",
        "</s>", "a </s> b", "<unk>", "<pad><eos>", "<bos>x", "<0x41>", "▁", "▁▁", "a▁▁b", "a\n\nb", "\n\n\n", "<table>x</table>", "<TABLE>", "[multimodal]",
        "Kilroy", "kilroy was here", "Kilroys", "xkilroy", "KILROY!", "a  <x>  b", "<X>", "<x><x>", "_snake_case_", "C:\\path\\file", "a&b", "#tag @who $5 50% ^~`|{}[]",
        "https://example.com/a?b=c&d=e", "a photo of " * 40, "supercalifragilistic" * 10, "x" * 500, "!" * 300, "ab" * 300, " " * 300, "🦄" * 60, "日" * 100, "e" + "\u0301" * 50,
        "\U0001d400\U0001d7d8", "\U00020000", "\ue000", "\ufffd", "\uffff", "a\u0300\u0316\u0301b", "\u0344\u0958", "〜～–—‐", "“quoted” ‘single’ «guillemets»", "½ ¼ ¾ % ‰", "ß ſ K Å"]
    pools = [
        "abcdefghijklmnopqrstuvwxyz     ", "aeiou ABC 019 '.,!?-", "''''stremvld ", " \t\n\r\u00a0\u2009\u3000\u0085ab", "0123456789²½٣ ab",
        "éèüßñåÅÉ eau\u0301\u0308\u030a", "фотография машины ЁЙ", "日本語写真の一张红色汽车 ", "صورة سيارة תמונה ", "👍🏽👨‍👩‍👧❤️🇩🇪 ab", "<|>/s_▁end of text ",
        "ﬁﬂ①②½ＡＢＣ１２３！？™… ab", "".join(chr(c) for c in range(1, 128))]
    whole = [chr(c) for c in range(1, 0x30000) if unicodedata.category(chr(c)) not in ("Cn", "Cs")]
    words = " ".join(TEXT).split()
    out = list(fixed)
    while len(out) < 2600:
        n = r.choice([1, 2, 3, 5, 8, 13, 21])
        kind = r.random()
        if kind < 0.35:
            out.append(r.choice([" ", " ", "", "  ", "-"]).join(r.choice(words) for _ in range(n)))
        elif kind < 0.9:
            pool = r.choice(pools)
            out.append("".join(r.choice(pool) for _ in range(n)))
        else:
            out.append("".join(r.choice(whole) for _ in range(min(n, 8))))
    return list(dict.fromkeys(out))


def write(path, text):
    with open(path, "w", encoding="utf-8", newline="\n") as f:
        f.write(text)


def main():
    os.makedirs(HERE, exist_ok=True)
    fast = {"clip": clip(), "siglip2": siglip2()}
    fast["siglip"], slow = siglip()
    cases = []
    for t in fast.values():
        t.enable_truncation(LIMIT)
    for text in texts():
        case = {"text": text}
        for name, t in fast.items():
            case[name] = t.encode(text).ids
        # The class that transformers uses for SigLIP cuts at special tokens, and lowers Σ by its place.
        if not re.search("</s>|<unk>|Σ", text):
            case["slow"] = slow(text, truncation=True, max_length=LIMIT).input_ids
        cases.append(case)
    with gzip.GzipFile(os.path.join(HERE, "cases.json.gz"), "wb", 9, mtime=0) as f:
        f.write(json.dumps({"limit": LIMIT, "cases": cases}, ensure_ascii=False, separators=(",", ":")).encode())
    print(len(cases), "texts")


main()
