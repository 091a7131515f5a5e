"""The tiny CLIP's tokenizer: CLIP's own kind of byte-pair encoding, learnt from sentences about scenes."""
import json
import os

import numpy as np
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors, trainers, Regex

from scenes import random_scene
from texts import claim, sentence

BEGIN, END = "<|startoftext|>", "<|endoftext|>"
# As in CLIP's tokenizer.json: contractions, letters, single numerals, everything else.
SPLIT = r"'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+"


def split():
    return pre_tokenizers.Sequence([pre_tokenizers.Split(Regex(SPLIT), "removed", invert=True), pre_tokenizers.ByteLevel(add_prefix_space=False)])


def make_tokenizer(folder, context):
    """Learn merges, and write tokenizer.json: bytes, bytes that end a word, merges, begin and end."""
    rng = np.random.default_rng(5)
    lines = [sentence(claim(random_scene(rng), rng), rng) for _ in range(20000)]
    normalizer = normalizers.Sequence([normalizers.NFC(), normalizers.Replace(Regex(r"\s+"), " "), normalizers.Lowercase()])
    learner = Tokenizer(models.BPE(end_of_word_suffix="</w>"))
    learner.normalizer, learner.pre_tokenizer = normalizer, split()
    learner.train_from_iterator(lines, trainers.BpeTrainer(vocab_size=2000, min_frequency=50, end_of_word_suffix="</w>", show_progress=False,
                                                           initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet())))
    merges = [m if isinstance(m, list) else m.split(" ") for m in json.loads(learner.to_str())["model"]["merges"]]
    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    tokens = letters + [l + "</w>" for l in letters] + ["".join(m) for m in merges] + [BEGIN, END]
    vocabulary = {}
    for t in tokens:
        vocabulary.setdefault(t, len(vocabulary))
    t = Tokenizer(models.BPE(vocabulary, [tuple(m) for m in merges], continuing_subword_prefix="", end_of_word_suffix="</w>", unk_token=END))
    t.normalizer, t.pre_tokenizer = normalizer, split()
    t.post_processor = processors.RobertaProcessing((END, vocabulary[END]), (BEGIN, vocabulary[BEGIN]), trim_offsets=False, add_prefix_space=False)
    t.add_special_tokens([BEGIN, END])
    t.enable_truncation(context)
    os.makedirs(folder, exist_ok=True)
    t.save(os.path.join(folder, "tokenizer.json"), pretty=False)
    json.dump({"model_max_length": context, "tokenizer_class": "CLIPTokenizer", "bos_token": BEGIN, "eos_token": END, "pad_token": END, "unk_token": END},
              open(os.path.join(folder, "tokenizer_config.json"), "w"), indent=2)
    return t
