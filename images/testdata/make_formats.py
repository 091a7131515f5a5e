"""Makes the fixtures of the lossless formats in all their kinds, and beside each
the pixels that Pillow shows, on white.

    python -m venv venv && venv/bin/pip install pillow==13.0.0 numpy
    venv/bin/python make_formats.py      # in this folder

What Pillow can't write is written here by hand. The fixtures are committed; run
this only to change them.
"""

import os
import struct
import zlib

import numpy as np
from PIL import Image

W, H = 21, 13
rng = np.random.default_rng(7)
X, Y = np.meshgrid(np.arange(W), np.arange(H))
A = np.stack([X * 12, Y * 19, (X * Y * 5) % 256], -1).astype(np.uint8)
A[3:7, 4:11] = (230, 20, 30)
ALPHA = (255 - (X * 11) % 256).astype(np.uint8)
GREY = ((X * 9 + Y * 7) % 256).astype(np.uint8)
DEEP = (X * 3000 + Y * 137).astype(np.uint16)
RGB, GREYS = Image.fromarray(A), Image.fromarray(GREY)
RGBA = Image.fromarray(np.dstack([A, ALPHA]))


def golden(name, im=None):
    """Writes the reference beside a fixture; im is it where Pillow can't read it."""
    im = im or Image.open(name)
    if im.mode in ("RGBA", "LA", "PA") or "transparency" in im.info:
        im = im.convert("RGBA")
        im = Image.alpha_composite(Image.new("RGBA", im.size, "white"), im)
    im.convert("RGB").save(name + ".golden.png", optimize=True)


# TIFF


def tiff(name, pages, order="<", big=False):
    """Writes directories of tags, {tag: (kind, values)}, whose pieces are bytes."""
    kinds = {1: "B", 3: "H", 4: "I", 7: "B", 16: "Q"}
    off = "Q" if big else "I"
    out = bytearray((b"II" if order == "<" else b"MM") + struct.pack(order + "H", 43 if big else 42))
    out += struct.pack(order + "HHQ", 8, 0, 0) if big else bytes(4)
    link = len(out) - struct.calcsize(off)
    for tags, pieces in pages:
        tags = dict(tags)
        where = []
        for piece in pieces:
            where.append(len(out))
            out += piece + bytes(len(piece) % 2)
        tiled = 322 in tags
        tags[324 if tiled else 273] = (16 if big else 4, where)
        tags[325 if tiled else 279] = (4, [len(p) for p in pieces])
        entries = b""
        for tag in sorted(tags):
            kind, values = tags[tag]
            b = struct.pack(f"{order}{len(values)}{kinds[kind]}", *values)
            size = struct.calcsize(off)
            if len(b) > size:
                at = len(out)
                out += b + bytes(len(b) % 2)
                b = struct.pack(order + off, at)
            entries += struct.pack(order + "HH" + off, tag, kind, len(values)) + b.ljust(size, b"\0")
        out[link:link + struct.calcsize(off)] = struct.pack(order + off, len(out))
        out += struct.pack(order + ("Q" if big else "H"), len(tags)) + entries + bytes(struct.calcsize(off))
        link = len(out) - struct.calcsize(off)
    open(name, "wb").write(out)


def tags(photometric, samples=1, bits=8, compression=1, **more):
    t = {256: (3, [W]), 257: (3, [H]), 258: (3, [bits] * samples), 259: (3, [compression]), 262: (3, [photometric]),
         277: (3, [samples]), 278: (3, [H])}
    t.update({int(k[1:]): v for k, v in more.items()})
    return t


def packed(values, bits):
    """Rows of samples of few bits, each row from a new byte on."""
    rows = (((values[..., None] >> np.arange(bits - 1, -1, -1)) & 1).reshape(len(values), -1)).astype(np.uint8)
    return np.packbits(rows, axis=1).tobytes()


os.makedirs("formats", exist_ok=True)
os.chdir("formats")
for name, how in (("plain", None), ("lzw", "tiff_lzw"), ("deflate", "tiff_adobe_deflate"), ("packbits", "packbits")):
    RGB.save(f"{name}.tif", compression=how)
GREYS.save("grey.tif")
GREYS.convert("1").save("fax4.tif", compression="group4")
GREYS.convert("1").save("fax3.tif", compression="group3")
GREYS.convert("1").save("fax3fill.tif", compression="group3", tiffinfo={292: 4})
GREYS.convert("1").save("bits.tif")
RGB.quantize(40).save("palette.tif", compression="tiff_lzw")
RGBA.save("alpha.tif", compression="tiff_lzw")
Image.fromarray(np.dstack([GREY, ALPHA]), "LA").save("greyalpha.tif")
RGB.convert("CMYK").save("cmyk.tif", compression="packbits")
Image.fromarray(DEEP).save("deep.tif")
RGB.resize((48, 32)).save("jpeg.tif", compression="jpeg", quality=90)
RGB.save("predictor.tif", compression="tiff_lzw", tiffinfo={317: 2})
for o in range(1, 9):
    RGB.save(f"turned{o}.tif", tiffinfo={274: o})
Image.fromarray(A[::-1]).save("pages.tif", save_all=True, append_images=[RGBA, GREYS], compression="tiff_lzw")
for name in sorted(os.listdir(".")):
    if name.endswith(".tif"):
        im = Image.open(name)
        if name == "deep.tif":
            im = Image.fromarray((DEEP >> 8).astype(np.uint8))
        if name.startswith("turned"):
            from PIL import ImageOps
            im = ImageOps.exif_transpose(im)
        golden(name, im)
pages = Image.open("pages.tif")
for page in (1, 2):
    pages.seek(page)
    golden(f"pages.tif#{page}", pages.copy())

by_hand = {
    "big": ([(tags(2, 3), [A.tobytes()])], "<", True),
    "bigendian": ([(tags(2, 3, 16), [(A.astype(">u2") * 257).tobytes()])], ">", False),
    "strips": ([(tags(2, 3, t278=(3, [5])), [A[i:i + 5].tobytes() for i in (0, 5, 10)])], ">", False),
    "tiles": ([(tags(2, 3, compression=8, t322=(3, [16]), t323=(3, [16])),
                [zlib.compress(np.pad(A, ((0, 3), (0, 11), (0, 0)))[:, x:x + 16].tobytes()) for x in (0, 16)])], "<", False),
    "planes": ([(tags(2, 3, t284=(3, [2]), t278=(3, [7])), [A[y, :, c].tobytes() for c in range(3) for y in (slice(0, 7), slice(7, H))])], "<", False),
    "reversed": ([(tags(1, bits=8, t266=(3, [2])), [bytes(int(f"{v:08b}"[::-1], 2) for v in GREY.tobytes())])], "<", False),
}
for name, (content, order, big) in by_hand.items():
    tiff(name + ".tif", content, order, big)
    golden(name + ".tif", GREYS if name == "reversed" else RGB)
few = GREY >> 4
tiff("four.tif", [(tags(1, bits=4), [packed(few, 4)])])
golden("four.tif", Image.fromarray(few * 17))
colours = rng.integers(0, 256, (3, 16))
tiff("sixteen.tif", [(tags(3, bits=4, t320=(3, (colours * 257).ravel().tolist())), [packed(few, 4)])])
golden("sixteen.tif", Image.fromarray(colours.T[few].astype(np.uint8)))
fax = Image.open("fax4.tif")
tiff("fax4white.tif", [({**tags(0, bits=1, compression=4)}, [open("fax4.tif", "rb").read()[fax.tag_v2[273][0]:][:fax.tag_v2[279][0]]])])
golden("fax4white.tif")
tiff("inverted.tif", [(tags(0, bits=2), [packed(GREY >> 6, 2)])], ">")
golden("inverted.tif", Image.fromarray(255 - (GREY >> 6) * 85))
pre = (A.astype(int) * ALPHA[..., None] + 127) // 255
tiff("premultiplied.tif", [(tags(2, 4, t338=(3, [1])), [np.dstack([pre, ALPHA]).astype(np.uint8).tobytes()])])
golden("premultiplied.tif", RGBA)
tiff("unspecified.tif", [(tags(2, 4, t338=(3, [0])), [np.dstack([A, ALPHA]).tobytes()])])
golden("unspecified.tif", RGB)

# Animations: frames that cover each other in part, with all disposals.


def animation(name, **options):
    frames = []
    for i in range(6):
        a = np.dstack([np.roll(A, 3 * i, 1), np.full((H, W), 255)]).astype(np.uint8)
        if i:
            a[np.hypot(X - 3 * i, Y - 6) > 4] = 0
        frames.append(Image.fromarray(a))
    frames[0].save(name, save_all=True, append_images=frames[1:], duration=[100, 200, 50, 300, 70, 100], **options)
    im = Image.open(name)
    for i in range(im.n_frames):
        im.seek(i)
        golden(f"{name}#{i}" if i else name, im.convert("RGBA"))


animation("keep.gif", disposal=1)
animation("background.gif", disposal=2)
animation("previous.gif", disposal=[1, 3, 3, 1, 2, 1])
animation("lossless.webp", lossless=True)
animation("lossy.webp", quality=85)
RGBA.convert("RGB").quantize(16).save("interlaced.gif", interlace=True)
golden("interlaced.gif")

# PNG in all its kinds.


def png(name, depth, kind, rows, *chunks, golden_of, interlaced=0):
    def chunk(name, b):
        return struct.pack(">I", len(b)) + name + b + struct.pack(">I", zlib.crc32(name + b))
    raw = b"".join(b"\0" + r for r in rows)
    open(name, "wb").write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", W, H, depth, kind, 0, 0, interlaced))
                           + b"".join(chunk(*c) for c in chunks) + chunk(b"IDAT", zlib.compress(raw)) + chunk(b"IEND", b""))
    golden(name, golden_of)


for bits in (1, 2, 4):
    v = GREY >> (8 - bits)
    full = Image.fromarray((v * (255 // (2**bits - 1))).astype(np.uint8))
    png(f"grey{bits}.png", bits, 0, [packed(v[i:i + 1], bits) for i in range(H)], golden_of=full)
    p = rng.integers(0, 256, (2**bits, 3)).astype(np.uint8)
    t = rng.integers(0, 256, 2**bits - 1).astype(np.uint8)
    see = np.dstack([p[v], np.append(t, 255)[v]]).astype(np.uint8)
    png(f"palette{bits}.png", bits, 3, [packed(v[i:i + 1], bits) for i in range(H)], (b"PLTE", p.tobytes()), (b"tRNS", t.tobytes()),
        golden_of=Image.fromarray(see))
big = A.astype(">u2") * 257
key = tuple(int(x) * 257 for x in A[4, 5])
see = np.dstack([A, np.where((A == A[4, 5]).all(-1), 0, 255)]).astype(np.uint8)
png("deep.png", 16, 2, [r.tobytes() for r in big], golden_of=RGB)
png("deepkey.png", 16, 2, [r.tobytes() for r in big], (b"tRNS", struct.pack(">HHH", *key)), golden_of=Image.fromarray(see))
png("deepalpha.png", 16, 6, [np.dstack([big, ALPHA.astype(">u2") * 257])[y].astype(">u2").tobytes() for y in range(H)], golden_of=RGBA)
png("deepgrey.png", 16, 0, [r.astype(">u2").tobytes() for r in DEEP], golden_of=Image.fromarray((DEEP >> 8).astype(np.uint8)))
png("deepgreyalpha.png", 16, 4, [np.dstack([DEEP, ALPHA.astype(np.uint16) * 257])[y].astype(">u2").tobytes() for y in range(H)],
    golden_of=Image.fromarray(np.dstack([(DEEP >> 8).astype(np.uint8), ALPHA]), "LA"))
png("greykey.png", 8, 0, [r.tobytes() for r in GREY], (b"tRNS", struct.pack(">H", int(GREY[3, 3]))),
    golden_of=Image.fromarray(np.dstack([GREY, np.where(GREY == GREY[3, 3], 0, 255)]).astype(np.uint8), "LA"))
passes = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]
png("interlaced.png", 8, 2, [r.tobytes() for x, y, dx, dy in passes for r in A[y::dy, x::dx]], golden_of=RGB, interlaced=1)
png("interlaced2.png", 2, 0, [packed(r[None], 2) for x, y, dx, dy in passes for r in (GREY >> 6)[y::dy, x::dx]],
    golden_of=Image.fromarray((GREY >> 6) * 85), interlaced=1)

# BMP in the kinds that programs write, and icons.


def bmp(name, bits, pixels, palette=None, compression=0, masks=(), header=40, height=H, entry=4):
    head = struct.pack("<IHHHH", 12, W, height, 1, bits) if header == 12 else struct.pack(
        "<IiiHHIIiiII", header, W, height, 1, bits, compression, len(pixels), 0, 0, 0 if palette is None else len(palette), 0)
    body = struct.pack(f"<{len(masks)}I", *masks)
    head = (head + body).ljust(header, b"\0") if header > 40 else head + body
    if palette is not None:
        head += b"".join(bytes(c[::-1]) + bytes(entry - 3) for c in palette.tolist())
    at = 14 + len(head)
    open(name, "wb").write(b"BM" + struct.pack("<IHHI", at + len(pixels), 0, 0, at) + head + pixels)


def rows(lines):
    """Padded rows from the bottom to the top."""
    return b"".join(r + bytes(-len(r) % 4) for r in reversed(lines))


few = GREY >> 4
colours = rng.integers(0, 256, (16, 3)).astype(np.uint8)
sixteen = Image.fromarray(colours[few])
bmp("one.bmp", 1, rows([packed(few[y:y + 1] >> 3, 1) for y in range(H)]), colours[:2])
golden("one.bmp", Image.fromarray(colours[few >> 3]))
bmp("four.bmp", 4, rows([packed(few[y:y + 1], 4) for y in range(H)]), colours)
bmp("os2.bmp", 4, rows([packed(few[y:y + 1], 4) for y in range(H)]), colours, header=12, entry=3)
runs8, runs4 = b"", b""
for y in range(H - 1, -1, -1):
    line, x = few[y], 0
    while x < W:
        n = 1
        while x + n < W and line[x + n] == line[x]:
            n += 1
        if n == 1 and x + 5 <= W:  # five as they are
            runs8 += bytes([0, 5, *line[x:x + 5], 0])
            runs4 += bytes([0, 5]) + packed(np.append(line[x:x + 5], 0)[None], 4) + b"\0"
            x += 5
            continue
        runs8 += bytes([n, line[x]])
        runs4 += bytes([n, line[x] * 17])
        x += n
    runs8, runs4 = runs8 + b"\0\0", runs4 + b"\0\0"
bmp("runs8.bmp", 8, runs8 + b"\0\1", colours, 1)
bmp("runs4.bmp", 4, runs4 + b"\0\1", colours, 2)
for name in ("four.bmp", "os2.bmp", "runs8.bmp", "runs4.bmp"):
    golden(name, sixteen)
# A run, a step over three columns and two rows, another run.
bmp("delta.bmp", 8, bytes([4, 3, 0, 2, 3, 2, 5, 7, 0, 1]), colours, 1)
stepped = np.zeros((H, W), np.uint8)
stepped[H - 1, :4], stepped[H - 3, 7:12] = 3, 7
golden("delta.bmp", Image.fromarray(colours[stepped]))
r, g, b = (A[..., i].astype(int) for i in range(3))


def scaled(v, most):
    return ((v >> (8 - int(most).bit_length())) * 255 + most // 2) // most


hi = (r >> 3 << 10 | g >> 3 << 5 | b >> 3).astype("<u2")
bmp("555.bmp", 16, rows([hi[y].tobytes() for y in range(H)]))
golden("555.bmp", Image.fromarray(np.dstack([scaled(c, 31) for c in (r, g, b)]).astype(np.uint8)))
hi = (r >> 3 << 11 | g >> 2 << 5 | b >> 3).astype("<u2")
bmp("565.bmp", 16, rows([hi[y].tobytes() for y in range(H)]), compression=3, masks=(0xf800, 0x7e0, 0x1f))
golden("565.bmp", Image.fromarray(np.dstack([scaled(r, 31), scaled(g, 63), scaled(b, 31)]).astype(np.uint8)))
bmp("topdown.bmp", 24, b"".join(A[y, :, ::-1].tobytes() + bytes(-3 * W % 4) for y in range(H)), height=-H)
quad = np.dstack([A[..., ::-1], ALPHA]).astype(np.uint8)
bmp("padded.bmp", 32, rows([quad[y].tobytes() for y in range(H)]))
bmp("v5.bmp", 32, rows([quad[y].tobytes() for y in range(H)]), compression=3, masks=(0xff0000, 0xff00, 0xff, 0xff000000), header=124)
odd = (r << 24 | g << 16 | b << 8 | ALPHA).astype("<u4")
bmp("masks.bmp", 32, rows([odd[y].tobytes() for y in range(H)]), compression=6, masks=(0xff000000, 0xff0000, 0xff00, 0xff))
for name, im in (("topdown", RGB), ("padded", RGB), ("v5", RGBA), ("masks", RGBA)):
    golden(name + ".bmp", im)
square = RGBA.resize((32, 32))
square.save("png.ico", sizes=[(16, 16), (32, 32)])
square.save("bitmap.ico", sizes=[(16, 16), (32, 32)], bitmap_format="bmp")
mask = [packed(((X[:16, :16] + y) % 5 == 0).astype(np.uint8)[:1], 1) for y in range(16)]
plain = RGB.resize((16, 16))
pix = np.asarray(plain)
body = struct.pack("<IiiHHIIiiII", 40, 16, 32, 1, 24, 0, 0, 0, 0, 0, 0) + rows([pix[y, :, ::-1].tobytes() for y in range(16)]) + rows(mask)
open("masked.ico", "wb").write(struct.pack("<HHHBBBBHHII", 0, 1, 1, 16, 16, 0, 0, 1, 24, len(body), 22) + body)
see = np.dstack([pix, [[0 if (x + y) % 5 == 0 else 255 for x in range(16)] for y in range(16)]]).astype(np.uint8)
golden("masked.ico", Image.fromarray(see))
for name in ("png.ico", "bitmap.ico"):
    golden(name, square)
