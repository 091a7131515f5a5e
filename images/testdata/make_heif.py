"""Makes the fixtures of AVIF and HEIC, and beside each the pixels that Pillow's libavif
and pillow-heif's libheif show, on white and in sRGB.

    python -m venv venv && venv/bin/pip install pillow==13.0.0 pillow-heif==1.8.1 numpy
    venv/bin/python make_heif.py      # in this folder; needs ffmpeg with libaom, too

The fixtures are committed; run this only to change them.
"""

import io
import os
import struct
import subprocess

import numpy as np
import pillow_heif
from PIL import Image, ImageCms, ImageOps

pillow_heif.register_heif_opener()
os.makedirs("heif", exist_ok=True)


def scene(w, h):
    """Soft gradients and hard coloured edges, and no two corners alike."""
    x, y = np.meshgrid(np.arange(w), np.arange(h))
    r = 128 + 100 * np.sin(x / 7 + y / 11)
    g = 128 + 90 * np.cos(x / 9 - y / 5)
    b = 128 + 110 * np.sin((x + y) / 6)
    a = np.stack([r, g, b], -1)
    a[: h // 3, : w // 4] = (230, 20, 30)
    a[h // 2 :, 3 * w // 4 :] = (20, 40, 220)
    return Image.fromarray(a.clip(0, 255).astype(np.uint8))


def golden(name, im):
    im = ImageOps.exif_transpose(im)  # Pillow has read an AVIF's properties into it
    profile = im.info.get("icc_profile")
    alpha = im.getchannel("A") if "A" in im.mode else None
    im = im.convert("RGB")
    if profile:
        im = ImageCms.profileToProfile(im, ImageCms.ImageCmsProfile(io.BytesIO(profile)), ImageCms.createProfile("sRGB"))
    if alpha:
        im.putalpha(alpha)
        im = Image.alpha_composite(Image.new("RGBA", im.size, "white"), im)
    im.convert("RGB").save(f"heif/{name}.golden.png", optimize=True, icc_profile=None)


def avif(name, im, **options):
    im.save(f"heif/{name}", quality=options.pop("quality", 80), **options)
    golden(name, Image.open(f"heif/{name}"))


def heic(name, im, **options):
    pillow_heif.from_pillow(im).save(f"heif/{name}", quality=options.pop("quality", 80), **options)
    golden(name, Image.open(f"heif/{name}"))


EXIF = {o: b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01" + struct.pack(">HH", o, 0) + bytes(4) for o in range(1, 9)}

RGB, ODD = scene(64, 48), scene(37, 21)
RGBA = RGB.convert("RGBA")
RGBA.putalpha(Image.linear_gradient("L").resize((64, 48)))

# A profile of colours that are turned round, which nobody takes for sRGB's: what is red
# in the file is green.
s15 = lambda v: struct.pack(">i", round(v * 65536))
xyz = lambda *v: b"XYZ \0\0\0\0" + b"".join(map(s15, v))
SRGB = [(0.4361, 0.2225, 0.0139), (0.3851, 0.7169, 0.0971), (0.1431, 0.0606, 0.7141)]
curve = b"curv\0\0\0\0\0\0\0\x01\x02\x33\0\0"
tags = [(b"wtpt", xyz(0.9642, 1, 0.8249)), (b"rXYZ", xyz(*SRGB[1])), (b"gXYZ", xyz(*SRGB[0])), (b"bXYZ", xyz(*SRGB[2]))]
tags += [(c + b"TRC", curve) for c in (b"r", b"g", b"b")]
tags += [(b"desc", b"desc\0\0\0\0\0\0\0\x05turn\0" + bytes(83)), (b"cprt", b"text\0\0\0\0none\0\0\0\0")]
body = b"".join(value + bytes(-len(value) % 4) for _, value in tags)
table, at = struct.pack(">I", len(tags)), 128 + 4 + 12 * len(tags)
for tag, value in tags:
    table += tag + struct.pack(">II", at, len(value))
    at += len(value) + -len(value) % 4
head = struct.pack(">I4sI4s4s4s", 128 + len(table) + len(body), b"none", 0x02400000, b"mntr", b"RGB ", b"XYZ ")
head += bytes(12) + b"acsp" + bytes(28) + s15(0.9642) + s15(1) + s15(0.8249) + bytes(48)
PROFILE = head + table + body

# AVIF

for kind in ("4:2:0", "4:2:2", "4:4:4", "4:0:0"):
    avif(f"{kind.replace(':', '')}.avif", RGB, subsampling=kind)
avif("odd.avif", ODD)
avif("tiny.avif", scene(3, 5))
avif("alpha.avif", RGBA)
avif("premultiplied.avif", RGBA, alpha_premultiplied=True)
avif("full.avif", RGB, range="full")
avif("limited.avif", RGB, range="limited")
avif("profile.avif", RGB, icc_profile=PROFILE)
avif("animated.avif", RGB, save_all=True, append_images=[scene(64, 48).rotate(180)], duration=100)
for o in range(2, 9):
    avif(f"turned{o}.avif", scene(40, 30), exif=EXIF[o])
for bits, kind in ((10, 420), (10, 422), (10, 444), (12, 420), (12, 422), (12, 444)):
    RGB.save("source.png")
    name = f"{bits}bits{kind}.avif"
    subprocess.run(f"ffmpeg -loglevel error -y -i source.png -vf scale=out_color_matrix=bt709:out_range=full -colorspace bt709 -color_range pc -color_primaries bt709 -color_trc iec61966-2-1 -pix_fmt yuv{kind}p{bits}le -c:v libaom-av1 -crf 10 -still-picture 1 heif/{name}".split(), check=True)
    os.remove("source.png")
    golden(name, Image.open(f"heif/{name}"))

# HEIC

for kind in ("420", "422", "444"):
    heic(f"{kind}.heic", RGB, chroma=kind)
heic("odd.heic", ODD)
heic("tiny.heic", scene(3, 5))
heic("wide.heic", scene(130, 66))
heic("grey.heic", RGB.convert("L"))
heic("alpha.heic", RGBA)
heic("profile.heic", Image.open("heif/profile.avif"))
for o in range(2, 9):
    im = scene(40, 30)
    im.info["exif"] = EXIF[o]
    heic(f"turned{o}.heic", im)
deep = np.asarray(RGB).astype(np.uint16) * 257
pillow_heif.encode("RGB;16", RGB.size, deep.tobytes(), "heif/10bits.heic", quality=80)
golden("10bits.heic", Image.open("heif/10bits.heic"))

# Grids, which are put together here of tiles that the libraries have written.


def boxes(b):
    at = 0
    while at + 8 <= len(b):
        size, name = struct.unpack(">I4s", b[at : at + 8])
        size = size or len(b) - at
        yield name, b[at + 8 : at + size]
        at += size


def box(name, *parts):
    b = b"".join(parts)
    return struct.pack(">I4s", 8 + len(b), name) + b


def tile(data):
    """The properties of the first picture of a file, and its bytes."""
    top = dict(boxes(data))
    meta = dict(boxes(top[b"meta"][4:]))
    kept = (b"av1C", b"hvcC", b"ispe", b"pixi", b"colr")
    properties = [box(n, p) for n, p in boxes(dict(boxes(meta[b"iprp"]))[b"ipco"]) if n in kept]
    return properties, top[b"mdat"]


def grid(name, brand, kind, w, h, columns, rows, tiles, size):
    """Items 1 and on are the tiles, 100 is the picture."""
    ipco, ipma, mdat = b"", [], b""
    iloc, infe = [], [box(b"infe", struct.pack(">IHH4s", 0x02000000, 100, 0, b"grid"), b"\0")]
    where = []
    for i, t in enumerate(tiles):
        properties, coded = tile(t)
        first = 1 + sum(len(n) for n in ipma)
        ipco += b"".join(properties)
        # A decoder has to know the configuration: the highest bit.
        ipma.append(bytes((0x80 if p[4:8] in (b"av1C", b"hvcC") else 0) | first + j for j, p in enumerate(properties)))
        where.append((len(mdat), len(coded)))
        mdat += coded
        infe.append(box(b"infe", struct.pack(">IHH4s", 0x02000001, i + 1, 0, kind), b"\0"))
    ispe = box(b"ispe", struct.pack(">III", 0, w, h))
    pixi = box(b"pixi", bytes(4), b"\x03\x08\x08\x08")
    count = sum(len(n) for n in ipma)
    ipco += ispe + pixi
    assigned = b""
    for i, n in enumerate(ipma):
        assigned += struct.pack(">HB", i + 1, len(n)) + n
    assigned += struct.pack(">HBBB", 100, 2, count + 1, count + 2)  # ascending
    what = struct.pack(">BBBBHH", 0, 0, rows - 1, columns - 1, w, h)

    def meta(at):
        entries = struct.pack(">HHHHII", 100, 1, 0, 1, 0, len(what))
        for i, (offset, n) in enumerate(where):
            entries += struct.pack(">HHHHII", i + 1, 0, 0, 1, at + offset, n)
        return box(
            b"meta", bytes(4), box(b"hdlr", bytes(8), b"pict", bytes(13)), box(b"pitm", struct.pack(">IH", 0, 100)),
            box(b"iinf", struct.pack(">IH", 0, len(infe)), *infe),
            box(b"iloc", struct.pack(">IHH", 0x01000000, 0x4400, len(where) + 1), entries),
            box(b"iref", bytes(4), box(b"dimg", struct.pack(">HH", 100, len(tiles)), *(struct.pack(">H", i + 1) for i in range(len(tiles))))),
            box(b"iprp", box(b"ipco", ipco), box(b"ipma", struct.pack(">II", 0, len(tiles) + 1), assigned)),
            box(b"idat", what),
        )

    ftyp = box(b"ftyp", brand, bytes(4), b"mif1", brand, *([b"miaf"] if brand == b"avif" else []))
    with open(f"heif/{name}", "wb") as f:
        f.write(ftyp + meta(len(ftyp) + len(meta(0)) + 8) + box(b"mdat", mdat))
    im = Image.open(f"heif/{name}")
    assert im.size == size, im.size
    golden(name, im)


def encoded(im, kind):
    b = io.BytesIO()
    if kind == "avif":
        im.save(b, "avif", quality=80)
    else:
        pillow_heif.from_pillow(im).save(b, quality=80)
    return b.getvalue()


whole = scene(128, 128)
for kind, brand, item in (("avif", b"avif", b"av01"), ("heic", b"heic", b"hvc1")):
    tiles = [encoded(whole.crop((x, y, x + 64, y + 64)), kind) for y in (0, 64) for x in (0, 64)]
    grid(f"grid.{kind}", brand, item, 110, 100, 2, 2, tiles, (110, 100))
