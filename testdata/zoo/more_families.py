#!/usr/bin/env python3
"""Write tiny random-weight GGUF vision models of further families.

    python more_families.py OUTDIR [NAME...]

As make_zoo.py, which it builds on: for every NAME a text model and its mmproj,
2 MB at most together with greedy answers worth comparing. What a family is here
for is said at its function. Without names: all.
"""
import os
import sys

from make_zoo import CHATML, CHATML_SMOL, CHATML_SYS, I32, QWEN_SPECIALS, T_F16, bpe_vocab, mmproj, text_model, vit

END = "<|im_end|>"


# --------------------------------------------------------------------------
# text models
# --------------------------------------------------------------------------
def chatml(o, name, seed, *specials, arch="llama", template=CHATML, d=64, heads=4, kv=2, hd=16, **more):
    """A text model whose vocabulary has the family's special tokens."""
    v = bpe_vocab(["<|endoftext|>", "<|im_start|>", END, *specials], END)
    text_model(o(name), name, arch, v, template, seed, d=d, heads=heads, kv=kv, hd=hd, ff=160, layers=3,
               eos=END, bos="<|endoftext|>", **more)


def mrope(o, name, seed, *specials, arch="qwen2vl", sections=(4, 6, 6, 0), extra=None, d=64, **more):
    """A text model with M-RoPE, whose positions are not token counts."""
    def keys(w):
        w.arr(arch + ".rope.dimension_sections", I32, list(sections))
        if extra:
            extra(w)
    more.setdefault("qkv_bias", arch == "qwen2vl")
    chatml(o, name, seed, *specials, arch=arch, template=CHATML_SYS, d=d, heads=2, kv=1, hd=32,
           pre="qwen2", rope_base=1e6, extra=keys, **more)


# --------------------------------------------------------------------------
# fixed size, one chunk
# --------------------------------------------------------------------------
def make_glm_edge(o, name):
    """adapter: the marks before and after a picture are embeddings of the projector, not tokens."""
    chatml(o, name, 1105)
    w = mmproj(o(name + "-mmproj"), name, "adapter", 1102, image=112, patch=14, d=48, ff=96, layers=2, heads=3,
               proj_dim=64, act="gelu")
    vit(w, d=48, ff=96, layers=2, patch=14, n_pos=64, post_ln=False)
    w.normal("adapter.conv.weight", (2, 2, 48, 48), 0.07)
    w.normal("adapter.conv.bias", (48,), 0.1)
    w.normal("adapter.linear.linear.weight", (48, 64), 0.15)
    w.norm("adapter.linear.norm1", 64, bias=0.1)
    w.normal("adapter.linear.dense_h_to_4h.weight", (64, 128), 0.15)
    w.normal("adapter.linear.gate.weight", (64, 128), 0.15)
    w.normal("adapter.linear.dense_4h_to_h.weight", (128, 64), 0.3)
    w.normal("adapter.boi", (64,), 1.0)
    w.normal("adapter.eoi", (64,), 1.0)
    w.write()


def make_mobilevlm(o, name):
    """ldpv2: convolutions in the projector, a quarter of the patches."""
    chatml(o, name, 1205)
    w = mmproj(o(name + "-mmproj"), name, "ldpv2", 1202, image=192, patch=8, d=48, ff=96, layers=3, heads=3, proj_dim=64)
    vit(w, d=48, ff=96, layers=3, patch=8, n_pos=577, cls=True, patch_bias=False, pre_ln=True, post_ln=False)
    w.lin("mm.model.mlp.0", 48, 64, 0.8, bias=0.1)
    w.lin("mm.model.mlp.2", 64, 64, 2.0, bias=0.1)
    w.normal("mm.model.peg.0.weight", (3, 3, 1, 64), 0.2, T_F16)
    w.normal("mm.model.peg.0.bias", (64,), 0.1)
    w.write()


# --------------------------------------------------------------------------
# tiles and slices: one picture, many chunks, tags between them
# --------------------------------------------------------------------------
def make_llava_next(o, name):
    """mlp with pinpoints: an overview and tiles, nothing between them."""
    chatml(o, name, 1305)
    w = mmproj(o(name + "-mmproj"), name, "mlp", 1302, image=112, patch=14, d=48, ff=96, layers=3, heads=3, proj_dim=64, eps=1e-5)
    w.arr("clip.vision.image_grid_pinpoints", I32, [112, 224, 224, 112, 224, 224, 336, 112, 112, 336])
    vit(w, d=48, ff=96, layers=3, patch=14, n_pos=65, cls=True, patch_bias=False, pre_ln=True, post_ln=False)
    w.lin("mm.0", 48, 64, 0.8, bias=0.1)
    w.lin("mm.2", 64, 64, 2.0, bias=0.1)
    w.write()


def make_smolvlm(o, name):
    """idefics3: tiles named by row and column, an overview last; always tiled."""
    side = 5
    v = bpe_vocab(["<|endoftext|>", "<|im_start|>", "<end_of_utterance>", "<fake_token_around_image>", "<image>", "<global-img>"]
                  + ["<row_%d_col_%d>" % (r, c) for r in range(1, side) for c in range(1, side)], "<end_of_utterance>")
    text_model(o(name), name, "llama", v, CHATML_SMOL, 1405, d=64, heads=4, kv=2, hd=16, ff=160, layers=3,
               bos="<|im_start|>", eos="<end_of_utterance>", pad="<|endoftext|>", rope_base=1e5)
    w = mmproj(o(name + "-mmproj"), name, "idefics3", 1402, image=112, patch=14, d=48, ff=96, layers=2, heads=3,
               proj_dim=64, act="gelu")
    w.u32("clip.vision.projector.scale_factor", 2)
    w.u32("clip.vision.preproc_image_size", 336)
    vit(w, d=48, ff=96, layers=2, patch=14, n_pos=64)
    w.lin("mm.model.fc", 48 * 4, 64, 1.2)
    w.write()


def make_internvl(o, name):
    """internvl: tiles before their overview, layer scale, pixel shuffle."""
    chatml(o, name, 1505, "<img>", "</img>")
    w = mmproj(o(name + "-mmproj"), name, "internvl", 1502, image=112, patch=14, d=48, ff=96, layers=2, heads=3,
               proj_dim=64, act="gelu")
    w.u32("clip.vision.projector.scale_factor", 2)
    w.u32("clip.vision.preproc_min_tiles", 1)
    w.u32("clip.vision.preproc_max_tiles", 6)
    vit(w, d=48, ff=96, layers=2, patch=14, n_pos=65, cls=True, ls=True, post_ln=False)
    w.norm("mm.model.mlp.0", 192, bias=0.1)
    w.lin("mm.model.mlp.1", 192, 64, 1.2, bias=0.1)
    w.lin("mm.model.mlp.3", 64, 64, 2.0, bias=0.1)
    w.write()


def make_minicpmv(o, name):
    """resampler: a fixed number of queries for every slice, rows of slices ended by a newline."""
    d = 128  # the resampler's heads are 128 wide
    chatml(o, name, 1605, "<image>", "</image>", "<slice>", "</slice>", d=d, heads=4, kv=2, hd=32)
    w = mmproj(o(name + "-mmproj"), name, "resampler", 1602, image=140, patch=14, d=48, ff=96, layers=2, heads=3,
               proj_dim=d, act="gelu")
    w.kv("clip.minicpmv_version", I32, 3)
    w.u32("clip.minicpmv_query_num", 16)
    vit(w, d=48, ff=96, layers=2, patch=14, n_pos=4900)
    w.normal("resampler.pos_embed_k", (d, 1), 1.0)
    w.normal("resampler.query", (d, 16), 1.0)
    w.normal("resampler.kv.weight", (48, d), 0.15)
    w.normal("resampler.proj.weight", (d, d), 0.15)
    for x in ("q", "k", "v", "out"):
        w.lin("resampler.attn." + x, d, d, 1.5, bias=0.1)
    for x in ("q", "kv", "post"):
        w.norm("resampler.ln_" + x, d, bias=0.1)
    w.write()


def make_llama4(o, name):
    """llama4: a grid of tiles, then the whole; patches unfolded, the class token last."""
    chatml(o, name, 1705, "<|image_start|>", "<|image_end|>")
    w = mmproj(o(name + "-mmproj"), name, "llama4", 1702, image=112, patch=14, d=48, ff=96, layers=2, heads=3,
               proj_dim=64, act="gelu")
    w.u32("clip.vision.projector.scale_factor", 2)
    vit(w, d=48, ff=96, layers=2, patch=14, n_pos=65, cls=True, patch_bias=False, pre_ln=True)
    w.tensors = [t for t in w.tensors if t[0] != "v.patch_embd.weight"]
    w.normal("v.patch_embd.weight", (14 * 14 * 3, 48), 1.5 / (14 * 14 * 3) ** 0.5)
    w.normal("mm.model.mlp.1.weight", (192, 64), 0.1)
    w.normal("mm.model.mlp.2.weight", (64, 64), 0.2)
    w.normal("mm.model.fc.weight", (64, 64), 0.3)
    w.write()


def make_lfm2(o, name):
    """lfm2: tiles or one picture of a dynamic size; the text model has convolutions, whose state can't go back."""
    specials = ["<|image_start|>", "<|image_end|>", "<|img_thumbnail|>"]
    specials += ["<|img_row_%d_col_%d|>" % (r, c) for r in range(1, 11) for c in range(1, 11)]
    chatml(o, name, 1805, *specials, arch="lfm2", qk_norm=True, conv_layers=(0, 2), out_norm="token_embd_norm",
           extra=lambda w: w.u32("lfm2.shortconv.l_cache", 3))
    w = mmproj(o(name + "-mmproj"), name, "lfm2", 1802, image=256, patch=16, d=48, ff=96, layers=2, heads=3,
               proj_dim=64, act="gelu")
    w.u32("clip.vision.projector.scale_factor", 2)
    vit(w, d=48, ff=96, layers=2, patch=16, n_pos=256)
    w.tensor("mm.input_norm.weight", (192,), lambda r: 1 + 0.1 * r.standard_normal(192))
    w.normal("mm.input_norm.bias", (192,), 0.1)
    w.lin("mm.1", 192, 64, 1.2, bias=0.1)
    w.lin("mm.2", 64, 64, 2.0, bias=0.1)
    w.write()


# --------------------------------------------------------------------------
# dynamic size
# --------------------------------------------------------------------------
def make_pixtral(o, name):
    """pixtral (Mistral Small 3.1): rows end in an embedding of the projector; 1057 tokens at most."""
    chatml(o, name, 1905, "[IMG]", "[IMG_BREAK]", "[IMG_END]")
    w = mmproj(o(name + "-mmproj"), name, "pixtral", 1902, image=512, patch=16, d=48, ff=96, layers=2, heads=3,
               proj_dim=64, eps=1e-5, act="silu")
    w.u32("clip.vision.spatial_merge_size", 2)
    vit(w, d=48, ff=96, layers=2, patch=16, rms=True, bias=None, gate=True, patch_bias=False, pre_ln=True, post_ln=False)
    w.tensor("mm.input_norm.weight", (48,), lambda r: 1 + 0.1 * r.standard_normal(48))
    w.normal("mm.patch_merger.weight", (192, 48), 1.2 / 192 ** 0.5)
    w.lin("mm.1", 48, 64, 1.2)
    w.lin("mm.2", 64, 64, 2.0)
    w.normal("v.token_embd.img_break", (64,), 1.0)
    w.write()


def make_kimivl(o, name):
    """kimivl: learned positions resized to the picture, and 2-D RoPE."""
    chatml(o, name, 2005, "<|media_start|>", "<|media_end|>", "<|media_pad|>")
    w = mmproj(o(name + "-mmproj"), name, "kimivl", 2002, image=224, patch=14, d=48, ff=96, layers=2, heads=3,
               proj_dim=64, act="gelu")
    w.u32("clip.vision.projector.scale_factor", 2)
    vit(w, d=48, ff=96, layers=2, patch=14, n_pos=256)
    w.tensor("mm.input_norm.weight", (48,), lambda r: 1 + 0.1 * r.standard_normal(48))
    w.normal("mm.input_norm.bias", (48,), 0.1)
    w.lin("mm.1", 192, 64, 1.2, bias=0.1)
    w.lin("mm.2", 64, 64, 2.0, bias=0.1)
    w.write()


def make_phi4(o, name):
    """phi4: a dynamic size with its bounds in the file, no mark around a picture."""
    chatml(o, name, 2105)
    w = mmproj(o(name + "-mmproj"), name, "phi4", 2102, image=224, patch=16, d=48, ff=96, layers=2, heads=3,
               proj_dim=64, act="gelu")
    w.u32("clip.vision.image_min_pixels", 16 * 16 * 16)
    w.u32("clip.vision.image_max_pixels", 16 * 16 * 900)
    vit(w, d=48, ff=96, layers=2, patch=16, n_pos=196)
    w.lin("mm.0", 48, 64, 1.2, bias=0.1)
    w.lin("mm.2", 64, 64, 2.0, bias=0.1)
    w.write()


def make_gemma4(o, name):
    """gemma4v: attention without order among the tokens of a picture, of which there can be 1120."""
    chatml(o, name, 2205, "<|image>", "<image|>")
    w = mmproj(o(name + "-mmproj"), name, "gemma4v", 2202, image=224, patch=16, d=48, ff=96, layers=2, heads=3,
               proj_dim=64, act="gelu")
    vit(w, d=48, ff=96, layers=2, patch=16, rms=True, bias=None, gate=True, patch_bias=False, post_ln=False)
    w.normal("v.position_embd.weight", (48, 4096, 2), 0.4, T_F16)  # as many as libmtmd's longest picture has
    w.normal("mm.input_projection.weight", (48, 64), 1.2 / 48 ** 0.5)
    w.write()


def make_deepseek4v(o, name):
    """deepseek4v: a picture is padded to its place in the prompt, and its tokens see each other."""
    chatml(o, name, 2805)
    w = mmproj(o(name + "-mmproj"), name, "deepseek4v", 2802, image=224, patch=16, d=64, ff=96, layers=2, heads=2,
               proj_dim=64, act="silu")
    w.u32("clip.vision.projector.scale_factor", 3)
    w.u32("clip.vision.image_min_pixels", 48 * 48 * 8)
    vit(w, d=64, ff=96, layers=2, patch=16, rms=True, bias=None, gate=True, patch_bias=False)
    w.lin("mm.1", 64 * 9, 64, 1.2, bias=0.1)
    w.lin("mm.2", 64, 64, 2.0, bias=0.1)
    w.normal("v.image_newline", (64,), 1.0)
    for x in ("start", "end", "pad"):
        w.normal("v.token_embd.img_" + x, (64,), 1.0)
    w.write()


# --------------------------------------------------------------------------
# M-RoPE
# --------------------------------------------------------------------------
def make_qwen25vl(o, name):
    """qwen2.5vl_merger: attention in windows, RMS norms, gates."""
    mrope(o, name, 2305, *QWEN_SPECIALS[3:])
    w = mmproj(o(name + "-mmproj"), name, "qwen2.5vl_merger", 2302, image=560, patch=28, d=64, ff=128, layers=2, heads=2,
               proj_dim=64, act="silu")
    w.u32("clip.vision.n_wa_pattern", 2)
    vit(w, d=64, ff=128, layers=2, patch=28, rms=True, gate=True, patch_bias=False, temporal=True)
    w.lin("mm.0", 256, 256, 1.2, bias=0.1)
    w.lin("mm.2", 256, 64, 2.0, bias=0.1)
    w.write()


def make_qwen3vl(o, name):
    """qwen3vl_merger: deepstack, a picture's embeddings are wider than the model."""
    mrope(o, name, 2405, *QWEN_SPECIALS[3:], arch="qwen3vl", qk_norm=True,
          extra=lambda w: w.u32("qwen3vl.n_deepstack_layers", 1))
    w = mmproj(o(name + "-mmproj"), name, "qwen3vl_merger", 2402, image=448, patch=28, d=64, ff=128, layers=2, heads=2,
               proj_dim=64, act="gelu")
    vit(w, d=64, ff=128, layers=2, patch=28, n_pos=256, fused=True, temporal=True)
    w.norm("v.deepstack.0.norm", 256, bias=0.1)
    w.lin("v.deepstack.0.fc1", 256, 128, 1.2, bias=0.1)
    w.lin("v.deepstack.0.fc2", 128, 64, 2.0, bias=0.1)
    w.lin("mm.0", 256, 256, 1.2, bias=0.1)
    w.lin("mm.2", 256, 64, 2.0, bias=0.1)
    w.write()


def make_glm4v(o, name):
    """glm4v: learned positions resized, patches merged by a convolution, a gated projector."""
    mrope(o, name, 2505, "<|begin_of_image|>", "<|end_of_image|>")
    w = mmproj(o(name + "-mmproj"), name, "glm4v", 2502, image=448, patch=28, d=64, ff=128, layers=2, heads=2,
               proj_dim=64, act="silu")
    vit(w, d=64, ff=128, layers=2, patch=28, n_pos=256, rms=True, bias=None, fused=True, gate=True, temporal=True)
    w.norm("v.norm_embd", 64)
    w.normal("mm.patch_merger.weight", (2, 2, 64, 64), 0.06)
    w.normal("mm.patch_merger.bias", (64,), 0.1)
    w.normal("mm.model.fc.weight", (64, 64), 0.15)
    w.norm("mm.post_norm", 64, bias=0.1)
    w.normal("mm.gate.weight", (64, 128), 0.25)
    w.normal("mm.up.weight", (64, 128), 0.15)
    w.normal("mm.down.weight", (128, 64), 0.25)
    w.write()


def make_paddleocr(o, name):
    """paddleocr: learned positions and M-RoPE in the encoder."""
    mrope(o, name, 2605, "<|IMAGE_START|>", "<|IMAGE_END|>")
    w = mmproj(o(name + "-mmproj"), name, "paddleocr", 2602, image=448, patch=28, d=64, ff=128, layers=2, heads=2,
               proj_dim=64, act="gelu")
    w.u32("clip.vision.image_min_pixels", 56 * 56 * 8)
    w.u32("clip.vision.image_max_pixels", 56 * 56 * 700)
    vit(w, d=64, ff=128, layers=2, patch=28, n_pos=256)
    w.tensor("mm.input_norm.weight", (64,), lambda r: 1 + 0.1 * r.standard_normal(64))
    w.normal("mm.input_norm.bias", (64,), 0.1)
    w.lin("mm.1", 256, 64, 1.2, bias=0.1)
    w.lin("mm.2", 64, 64, 2.0, bias=0.1)
    w.write()


def make_hunyuanvl(o, name):
    """hunyuanvl: a fourth dimension of positions counts the pictures; rows end in an embedding."""
    mrope(o, name, 2705, "<｜hy_place▁holder▁no▁100｜>", "<｜hy_place▁holder▁no▁101｜>", sections=(4, 4, 4, 4))
    w = mmproj(o(name + "-mmproj"), name, "hunyuanvl", 2702, image=448, patch=28, d=64, ff=128, layers=2, heads=2,
               proj_dim=64)
    w.u32("clip.vision.image_min_pixels", 56 * 56 * 8)
    w.u32("clip.vision.image_max_pixels", 56 * 56 * 700)
    vit(w, d=64, ff=128, layers=2, patch=28, n_pos=256, post_ln=False)
    w.tensor("mm.pre_norm.weight", (64,), lambda r: 1 + 0.1 * r.standard_normal(64))
    w.normal("mm.0.weight", (2, 2, 64, 96), 0.1)
    w.normal("mm.0.bias", (96,), 0.1)
    w.normal("mm.2.weight", (1, 1, 96, 96), 0.15)
    w.normal("mm.2.bias", (96,), 0.1)
    w.normal("v.image_newline", (96,), 1.0)
    w.lin("mm.model.fc", 96, 64, 2.0, bias=0.1)
    w.normal("mm.image_begin", (64,), 1.0)
    w.normal("mm.image_end", (64,), 1.0)
    w.tensor("mm.post_norm.weight", (64,), lambda r: 1 + 0.1 * r.standard_normal(64))
    w.write()


FAMILIES = {n[len("make_"):].replace("_", "-"): f for n, f in list(globals().items()) if n.startswith("make_") and callable(f)}


def main(argv):
    if not argv or argv[0].startswith("-"):
        print(__doc__, file=sys.stderr)
        print("names: " + " ".join(FAMILIES), file=sys.stderr)
        return 2
    outdir, names = argv[0], argv[1:] or list(FAMILIES)
    os.makedirs(outdir, exist_ok=True)
    for n in names:
        if n not in FAMILIES:
            print("unknown name: " + n, file=sys.stderr)
            return 2
        FAMILIES[n](lambda s: os.path.join(outdir, s + ".gguf"), n)
        print("wrote " + n)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
