"""Computes what transformers makes of small random CLIP and SigLIP models, for the tests.

    OMP_NUM_THREADS=1 python testdata/clip/make_parity.py > testdata/clip/parity.json

Needs torch and transformers. The weights, the pictures and the texts come from a hash, so
that the tests make the same ones by themselves (engine/clip/parity_test.go), and only the
results are kept. They are computed in double precision.
"""

import json
import sys

import numpy as np
import torch
from transformers import CLIPConfig, CLIPModel, SiglipConfig, SiglipModel

MEAN = {"clip": [0.48145466, 0.4578275, 0.40821073], "siglip": [0.5, 0.5, 0.5]}
STD = {"clip": [0.26862954, 0.26130258, 0.27577711], "siglip": [0.5, 0.5, 0.5]}


def tower(width, intermediate, layers, heads, act, eps, **more):
    return dict(hidden_size=width, intermediate_size=intermediate, num_hidden_layers=layers,
                num_attention_heads=heads, hidden_act=act, layer_norm_eps=eps, **more)


CONFIGS = {
    # As ViT-B/32: few patches, quick GELU, the end of a text found by its number.
    "vit-b-32": dict(
        model_type="clip", projection_dim=64,
        text_config=tower(64, 256, 3, 2, "quick_gelu", 1e-5, vocab_size=300, max_position_embeddings=20,
                          bos_token_id=297, eos_token_id=298, pad_token_id=299),
        vision_config=tower(128, 512, 3, 2, "quick_gelu", 1e-5, image_size=96, patch_size=32)),
    # As ViT-L/14 at 336 pixels: many patches, a large epsilon to see it, and the end of a
    # text as configurations from before July 2023 have it.
    "vit-l-14-336": dict(
        model_type="clip", projection_dim=48,
        text_config=tower(48, 96, 2, 3, "quick_gelu", 1e-3, vocab_size=300, max_position_embeddings=24,
                          bos_token_id=0, eos_token_id=2, pad_token_id=1),
        vision_config=tower(96, 384, 4, 3, "quick_gelu", 1e-3, image_size=140, patch_size=14)),
    # As ViT-H/14: exact GELU, towers of different activations to see that they are told apart.
    "vit-h-14": dict(
        model_type="clip", projection_dim=40,
        text_config=tower(32, 64, 2, 4, "gelu", 1e-5, vocab_size=200, max_position_embeddings=16,
                          bos_token_id=197, eos_token_id=198, pad_token_id=199),
        vision_config=tower(80, 160, 2, 5, "gelu_new", 1e-5, image_size=56, patch_size=14)),
    # As SigLIP so400m: pixels left over beside the patches, attention that pools.
    "siglip": dict(
        model_type="siglip",
        text_config=tower(72, 144, 3, 3, "gelu_pytorch_tanh", 1e-6, vocab_size=250, max_position_embeddings=16,
                          bos_token_id=248, eos_token_id=249, pad_token_id=1, projection_size=96),
        vision_config=tower(96, 200, 3, 4, "gelu_pytorch_tanh", 1e-4, image_size=50, patch_size=14)),
}


def hashed(seed, n):
    """n numbers of 64 bits: splitmix64 from a seed that is FNV-1a of a text."""
    h = 0xCBF29CE484222325
    for byte in seed.encode():
        h = (h ^ byte) * 0x100000001B3 % 2**64
    with np.errstate(over="ignore"):
        z = np.uint64(h) + np.arange(1, n + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return z ^ (z >> np.uint64(31))


def weight(name, shape):
    """A tensor of a checkpoint: large enough numbers that every layer counts."""
    n = int(np.prod(shape))
    u = (hashed(name, n) >> np.uint64(40)).astype(np.float32) / np.float32(2**23) - np.float32(1)
    if name == "logit_scale":
        values = np.full(n, 3, np.float32)
    elif name == "logit_bias":
        values = np.full(n, -2.5, np.float32)
    elif "norm" in name and name.endswith("weight"):
        values = np.float32(1) + np.float32(0.5) * u
    elif len(shape) < 2:
        values = np.float32(0.5) * u
    elif "patch" not in name and "embedding" in name or "probe" in name:
        values = u
    else:
        values = np.float32(1.5 * np.sqrt(3 / np.prod(shape[1:]))) * u
    return torch.from_numpy(values.reshape(shape).copy())


def pictures(name, size, n):
    return [(hashed(f"{name} picture {i}", 3 * size * size) >> np.uint64(56)).astype(np.uint8).reshape(size, size, 3)
            for i in range(n)]


def texts(name, config):
    """Texts of several lengths, with their beginning and end."""
    length, vocabulary = config["max_position_embeddings"], config["vocab_size"]
    all = []
    for i, n in enumerate([1, 4, 4, 7, length - 2]):
        words = [int(h % np.uint64(vocabulary - 4)) for h in hashed(f"{name} text {i}", n)]
        end = vocabulary - 2
        all.append([vocabulary - 3] + words + [end])
    return all


def reference(name, config):
    family = config["model_type"]
    kind, model_of = (CLIPConfig, CLIPModel) if family == "clip" else (SiglipConfig, SiglipModel)
    model = model_of(kind(**{k: v for k, v in config.items() if k != "model_type"})).eval()
    state = {k: weight(k, tuple(v.shape)) for k, v in model.state_dict().items()}
    model.load_state_dict(state)
    model = model.double()

    size = config["vision_config"]["image_size"]
    pixels = np.stack(pictures(name, size, 3)).astype(np.float64) / 255
    pixels = (pixels - MEAN[family]) / STD[family]
    pixels = torch.from_numpy(pixels).permute(0, 3, 1, 2)
    image_embeds, text_embeds, logits = [], [], []
    with torch.inference_mode():
        for tokens in texts(name, config["text_config"]):
            if family == "siglip":
                pad = config["text_config"]["pad_token_id"]
                tokens = tokens + [pad] * (config["text_config"]["max_position_embeddings"] - len(tokens))
            out = model(input_ids=torch.tensor([tokens]), pixel_values=pixels)
            image_embeds = out.image_embeds
            text_embeds.append(out.text_embeds[0])
            logits.append(out.logits_per_text[0])
    rounded = lambda rows: [[float(f"{x:.8g}") for x in row.tolist()] for row in rows]
    return dict(config=config, pictures=rounded(image_embeds), texts=rounded(text_embeds), logits=rounded(logits),
                tensors={k: list(v.shape) for k, v in sorted(state.items())})


json.dump({name: reference(name, config) for name, config in CONFIGS.items()}, sys.stdout, indent=None, separators=(",", ":"))
