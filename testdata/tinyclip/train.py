"""Train the tiny CLIP on the demo scenes and write it as a checkpoint in the published form.

    python train.py --minutes 30 --out .

The picture tower begins with the weights of the demo chat model's encoder, which knows the shapes
already (../tinyvlm/pretrain_vit.py); the text tower begins at random."""
import argparse
import json
import math
import os
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "tinyvlm")]

import gguf  # noqa: E402
import numpy as np  # noqa: E402
import torch  # noqa: E402
import torch.nn.functional as F  # noqa: E402
from PIL import Image  # noqa: E402
from tokenizers import Tokenizer  # noqa: E402
from transformers import CLIPConfig, CLIPModel  # noqa: E402

from scenes import BACKGROUNDS, COLORS, IMAGE_SIZE, OBJECTS, PATCH, jpeg, random_scene, random_size, render, SHAPES  # noqa: E402
from texts import claim, holds, sentence, wrong  # noqa: E402
from vocabulary import make_tokenizer  # noqa: E402

MEAN, STD = .5, .25
CONTEXT = 48
LAYERS = 4  # of the demo chat model's encoder; one more looks at what they have found


def picture(rng):
    """A scene and what the model sees of it: squeezed to a square by Pillow's bicubic."""
    scene = random_scene(rng)
    im = render(scene, *random_size(rng), rng)
    if rng.random() < .06:
        im = jpeg(im, int(rng.integers(70, 96)))
    return scene, np.asarray(im.convert("RGB").resize((IMAGE_SIZE, IMAGE_SIZE), Image.BICUBIC))


def pool(seed, n):
    rng = np.random.default_rng(seed)
    all = [picture(rng) for _ in range(n)]
    return [s for s, _ in all], np.stack([p for _, p in all])


def normalise(rgb):
    return ((torch.from_numpy(rgb).float() / 255 - MEAN) / STD).permute(0, 3, 1, 2).contiguous()


def config(vocabulary):
    common = dict(hidden_size=128, num_attention_heads=4, intermediate_size=256, hidden_act="gelu_pytorch_tanh", layer_norm_eps=1e-5)
    return CLIPConfig(
        projection_dim=128,
        vision_config=dict(common, num_hidden_layers=LAYERS + 1, image_size=IMAGE_SIZE, patch_size=PATCH, projection_dim=128),
        text_config=dict(common, num_hidden_layers=2, vocab_size=vocabulary, max_position_embeddings=CONTEXT, projection_dim=128,
                         bos_token_id=vocabulary - 2, eos_token_id=vocabulary - 1, pad_token_id=vocabulary - 1))


def begin(model, path):
    """Take over the picture encoder of the demo chat model."""
    t = {x.name: torch.from_numpy(np.array(x.data).astype(np.float32)) for x in gguf.GGUFReader(path).tensors}
    v, d = model.vision_model, 128
    with torch.no_grad():
        v.embeddings.patch_embedding.weight.copy_(t["v.patch_embd.weight"].reshape(d, 3, PATCH, PATCH))
        v.embeddings.position_embedding.weight[1:].copy_(t["v.position_embd.weight"][-64:])
        v.embeddings.position_embedding.weight[0].zero_()
        v.pre_layrnorm.weight.copy_(t["v.pre_ln.weight"]), v.pre_layrnorm.bias.copy_(t["v.pre_ln.bias"])
        v.post_layernorm.weight.copy_(t["v.post_ln.weight"]), v.post_layernorm.bias.copy_(t["v.post_ln.bias"])
        for i, l in enumerate(v.encoder.layers[:LAYERS]):
            for ours, theirs in ((l.layer_norm1, "ln1"), (l.layer_norm2, "ln2"), (l.self_attn.q_proj, "attn_q"), (l.self_attn.k_proj, "attn_k"),
                                 (l.self_attn.v_proj, "attn_v"), (l.self_attn.out_proj, "attn_out"), (l.mlp.fc1, "ffn_up"), (l.mlp.fc2, "ffn_down")):
                ours.weight.copy_(t[f"v.blk.{i}.{theirs}.weight"]), ours.bias.copy_(t[f"v.blk.{i}.{theirs}.bias"])


def contrast(logits, true):
    """Mean over true pairs of the cross-entropy of the pair among itself and the row's untrue ones."""
    others = torch.logsumexp(logits.masked_fill(true, -1e9), 1, keepdim=True)
    return F.softplus(others - logits)[true].mean()


class Hints(torch.nn.Module):
    """Training only: the pooled picture also has to name what is in it, thing by thing, which teaches it
    to look at all patches long before sentences do."""

    def __init__(self, d):
        super().__init__()
        self.lin = torch.nn.Linear(d, len(OBJECTS) * len(COLORS) + len(OBJECTS) + len(COLORS) + len(BACKGROUNDS) + 5)

    def loss(self, pooled, scenes):
        target = torch.zeros(len(scenes), self.lin.out_features)
        n, m = len(OBJECTS), len(COLORS)
        for row, s in zip(target, scenes):
            for o in s["objs"]:
                i, j = OBJECTS.index(o["shape"]), COLORS.index(o["color"])
                row[i * m + j] = row[n * m + i] = row[n * m + n + j] = 1
            row[n * m + n + m + BACKGROUNDS.index(s["bg"])] = 1
            row[-5 + len(s["objs"])] = 1
        return F.binary_cross_entropy_with_logits(self.lin(pooled), target, reduction="sum") / len(scenes)


def encode(tokenizer, texts):
    ids = [e.ids for e in tokenizer.encode_batch(texts)]
    n = max(map(len, ids))
    end = ids[0][-1]
    return torch.tensor([i + [end] * (n - len(i)) for i in ids]), torch.tensor([[1] * len(i) + [0] * (n - len(i)) for i in ids])


def run(layers, x):
    for l in layers:
        x = l(x, None)
        x = x[0] if isinstance(x, tuple) else x
    return x


def looked_at(model, pixels):
    """What the layers of the demo chat model's encoder make of pictures."""
    v = model.vision_model
    return run(v.encoder.layers[:LAYERS], v.pre_layrnorm(v.embeddings(pixels)))


def pooled(model, pixels=None, seen=None):
    v = model.vision_model
    seen = looked_at(model, pixels) if seen is None else seen
    return v.post_layernorm(run(v.encoder.layers[LAYERS:], seen)[:, 0])


def vectors(model, pixels=None, tokens=None, pooled_pixels=None):
    """As CLIPModel has them, of unit length."""
    if tokens is None:
        x = model.visual_projection(pooled(model, pixels) if pooled_pixels is None else pooled_pixels)
    else:
        x = model.text_projection(model.text_model(input_ids=tokens[0], attention_mask=tokens[1]).pooler_output)
    return F.normalize(x, dim=-1)


@torch.no_grad()
def measure(model, tokenizer, scenes, rgb):
    """How often a true sentence beats the same one with something changed, and how often one of ten labels is right."""
    model.eval()
    rng = np.random.default_rng(1)
    v = torch.cat([vectors(model, normalise(rgb[i:i + 100])) for i in range(0, len(rgb), 100)])
    true, false, at = [], [], []
    for i, s in enumerate(scenes):
        c = claim(s, rng)
        for _ in range(20):
            w = wrong(c, rng)
            if not holds(w, s):
                true.append(sentence(c, rng)), false.append(sentence(w, rng)), at.append(i)
                break
    a, b = (vectors(model, tokens=encode(tokenizer, t)) for t in (true, false))
    pairs = ((v[at] * a).sum(1) > (v[at] * b).sum(1)).float().mean().item()
    out = [f"pairs {pairs:.3f}"]
    for kind in ("shape", "color", "both"):
        labels = {"shape": SHAPES, "color": COLORS, "both": [f"{c} {s}" for c in COLORS for s in SHAPES]}[kind]
        form = {"shape": "a photo of a {}.", "color": "a photo of a {} object.", "both": "a photo of a {}."}[kind]
        t = vectors(model, tokens=encode(tokenizer, [form.format(l) for l in labels]))
        best = (v @ t.T).argmax(1)
        right = n = 0
        for s, k in zip(scenes, best.tolist()):
            names = {"shape": {o["shape"] for o in s["objs"]}, "color": {o["color"] for o in s["objs"]},
                     "both": {o["color"] + " " + o["shape"] for o in s["objs"]}}[kind]
            if names & set(labels):
                n += 1
                right += labels[k] in names
        out.append(f"{kind} {right / n:.3f}")
    model.train()
    return " ".join(out)


def train(a, model, hints, tokenizer, data, save, top_rate, seen=None):
    """One stage: all weights, or with what the first layers have seen the others alone."""
    scenes, rgb, held, held_rgb = data
    frozen = set()
    if seen is not None:
        v = model.vision_model
        frozen = {id(p) for m in (v.embeddings, v.pre_layrnorm, v.encoder.layers[:LAYERS]) for p in m.parameters()}
    rest = [p for p in model.parameters() if p is not model.logit_scale and id(p) not in frozen] + list(hints.parameters())
    opt = torch.optim.AdamW([{"params": rest, "times": 1}, {"params": [model.logit_scale], "times": 5}], lr=top_rate, betas=(.9, .98), weight_decay=.02)
    rng = np.random.default_rng(int(time.time()) if a.state else 0)
    model.train()
    t0, step, total = time.time(), 0, 0.
    while (done := (time.time() - t0) / 60 / a.minutes) < 1:
        rate = min(1, (step + 1) / 100) * (.5 + .5 * math.cos(math.pi * done)) + .01
        for g in opt.param_groups:
            g["lr"] = top_rate * rate * g["times"]
        pick = rng.integers(len(rgb), size=a.batch)
        claims = []
        for k in pick:
            first = claim(scenes[k], rng)
            claims += [first, wrong(first, rng)]
        texts = [sentence(c, rng) for c in claims]
        true = torch.tensor([[holds(c, scenes[k]) for c in claims] for k in pick])
        if seen is not None:
            x = pooled(model, seen=seen[pick].float())
        else:
            x = normalise(rgb[pick])
            x = pooled(model, x * (1 + .04 * torch.randn(len(x), 1, 1, 1)) + .05 * torch.randn(len(x), 1, 1, 1))
        pictures, words = vectors(model, pooled_pixels=x), vectors(model, tokens=encode(tokenizer, texts))
        logits = pictures @ words.T * model.logit_scale.exp().clamp(max=100)
        loss = contrast(logits, true) + contrast(logits.T, true.T) + .3 * hints.loss(x, [scenes[k] for k in pick])
        opt.zero_grad(), loss.backward()
        torch.nn.utils.clip_grad_norm_(rest, 1.)
        opt.step()
        step, total = step + 1, total + loss.item()
        if step % 100 == 0:
            print(f"{time.time() - t0:.0f}s step {step} loss {total / 100:.3f} scale {model.logit_scale.exp().item():.1f}", flush=True)
            total = 0.
        if step % 400 == 0:
            print("  ", measure(model, tokenizer, held, held_rgb), flush=True)
            save()


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--out", default=HERE)
    ap.add_argument("--minutes", type=float, default=20, help="of each stage")
    ap.add_argument("--pictures", type=int, default=40000)
    ap.add_argument("--batch", type=int, default=96)
    ap.add_argument("--rate", type=float, default=1e-3)
    ap.add_argument("--whole", action="store_true", help="the second stage alone")
    ap.add_argument("--state", help="file to go on from, and to leave the weights in")
    a = ap.parse_args()
    torch.manual_seed(0)
    tokenizer = make_tokenizer(a.out, CONTEXT)
    cached = f"{a.state}.pictures.npy" if a.state else ""
    if cached and os.path.exists(cached):
        rgb, scenes = np.load(cached), json.load(open(cached + ".json"))
    else:
        scenes, rgb = pool(11, a.pictures)
        if cached:
            json.dump(scenes, open(cached + ".json", "w"))
            np.save(cached, rgb)
    held, held_rgb = pool(12, 400)
    print("pictures made", flush=True)
    model = CLIPModel(config(tokenizer.get_vocab_size()))
    begin(model, os.path.join(HERE, "..", "tinyvlm", "tiny-vlm-mmproj.gguf"))
    if a.state and os.path.exists(a.state):
        model.load_state_dict(torch.load(a.state))
    hints = Hints(128)
    if a.state and os.path.exists(a.state + ".hints"):
        hints.load_state_dict(torch.load(a.state + ".hints"))

    def save():
        if a.state:
            torch.save(model.state_dict(), a.state), torch.save(hints.state_dict(), a.state + ".hints")

    data = scenes, rgb, held, held_rgb
    if not a.whole:
        # What the first layers make of the pictures is the same again and again.
        with torch.no_grad():
            seen = torch.cat([looked_at(model, normalise(rgb[i:i + 100])).half() for i in range(0, len(rgb), 100)])
        print("pictures looked at", flush=True)
        train(a, model, hints, tokenizer, data, save, a.rate, seen)
        del seen
    train(a, model, hints, tokenizer, data, save, a.rate / 3)
    print("end:", measure(model, tokenizer, held, held_rgb), flush=True)
    save()
    with torch.no_grad():
        model.logit_scale.clamp_(max=math.log(100))
    model.half().save_pretrained(a.out)
    json.dump({"image_processor_type": "CLIPImageProcessor", "do_resize": True, "size": {"height": IMAGE_SIZE, "width": IMAGE_SIZE}, "resample": 3,
               "do_center_crop": False, "do_rescale": True, "rescale_factor": 1 / 255, "do_normalize": True,
               "image_mean": [MEAN] * 3, "image_std": [STD] * 3, "do_convert_rgb": True},
              open(os.path.join(a.out, "preprocessor_config.json"), "w"), indent=2)


if __name__ == "__main__":
    main()
