"""Makes the photos of the colour test: small pictures with what photos have
(skies, foliage, skin, writing, saturated edges), as cameras, phones and editors
write them, and beside each the pixels that Pillow shows: decoded by libjpeg-turbo
or libwebp, brought to sRGB by littleCMS, put on white.

    python -m venv venv && venv/bin/pip install pillow==13.0.0 numpy
    venv/bin/python make_photos.py      # in this folder

The photos are committed; run this only to change them.
"""

import io
import os
import struct

import numpy as np
from PIL import Image, ImageCms, ImageDraw, ImageFilter

W, H = 112, 80
rng = np.random.default_rng(7)
X, Y = np.meshgrid(np.arange(W), np.arange(H))


def noise(scale, amount):
    """Texture of about so many pixels a grain."""
    small = Image.fromarray(rng.integers(0, 256, (H // scale + 2, W // scale + 2), dtype=np.uint8))
    return (np.asarray(small.resize((W, H), Image.BICUBIC), float) / 255 - 0.5)[..., None] * amount


def picture(a):
    return Image.fromarray(np.clip(a, 0, 255).astype(np.uint8))


def landscape():
    """A sky that hardly changes above leaves that do everywhere."""
    t = (Y / H)[..., None]
    sky = np.array([70, 130, 220]) * (1 - t) + np.array([225, 215, 200]) * t
    leaves = np.array([60, 95, 35]) + noise(1, 90) + noise(3, 80) * [0.8, 1, 0.4]
    return picture(np.where((Y > 45 + 6 * np.sin(X / 9))[..., None], leaves, sky + noise(1, 5)))


def portrait():
    """Skin from light to dark, hair, a background out of focus."""
    back = np.array([90, 110, 100]) + noise(16, 120) * [1, 0.6, 0.3]
    r = np.hypot((X - 56) / 30, (Y - 42) / 36)
    light = (1 - 0.5 * (X - 30) / 60)[..., None]
    skin = np.array([236, 188, 160]) * light + noise(1, 8)
    hair = np.array([52, 34, 24]) + noise(1, 40)
    a = np.where((r < 1.25)[..., None] & (Y < 40)[..., None], hair, back)
    a = np.where((r < 1)[..., None], skin, a)
    for x in (45, 68):
        a = np.where((np.hypot(X - x, Y - 38) < 4)[..., None], [40, 60, 70], a)
    return picture(np.where((np.hypot((X - 56) / 11, (Y - 60) / 4) < 1)[..., None], [190, 60, 70], a))


def sign():
    """Writing and edges between saturated colours."""
    im = Image.new("RGB", (W, H), (250, 250, 245))
    d = ImageDraw.Draw(im)
    d.rectangle((0, 0, W, 20), fill=(215, 0, 20))
    d.rectangle((0, 60, W // 2, H), fill=(0, 60, 200))
    d.rectangle((W // 2, 60, W, H), fill=(255, 205, 0))
    for i, line in enumerate(("EXIT 24", "read me: 0123456789", "Paris  Lyon  Nice")):
        d.text((4, 4 + 22 * i), line, fill="white" if i == 0 else "black")
    d.line((60, 62, 110, 79), fill=(0, 160, 60))
    return im


def flowers():
    """Colours as strong as the file's colour space has them."""
    a = np.zeros((H, W, 3)) + [30, 120, 40] + noise(2, 70)
    for x, y, r, c in ((25, 25, 17, (255, 0, 0)), (60, 50, 20, (255, 120, 0)), (90, 22, 14, (255, 0, 160)),
                       (20, 62, 13, (0, 255, 60)), (92, 62, 14, (40, 0, 255)), (55, 15, 10, (0, 230, 255))):
        d = np.hypot(X - x, Y - y)
        a = np.where((d < r)[..., None], np.array(c) * (1 - 0.4 * d / r)[..., None] + noise(1, 10), a)
    return picture(a)


# Colour profiles, as small as ICC.1 allows: curves and a matrix, or a curve.


def curv(gamma=None, samples=None):
    if gamma:
        return b"curv\0\0\0\0" + struct.pack(">IH", 1, round(gamma * 256))
    return b"curv\0\0\0\0" + struct.pack(f">I{len(samples)}H", len(samples), *samples)


def para(kind, *parameters):
    return b"para\0\0\0\0" + struct.pack(">HH", kind, 0) + b"".join(fixed(p) for p in parameters)


def fixed(v):
    return struct.pack(">i", round(v * 65536))


def xyz(*v):
    return b"XYZ \0\0\0\0" + b"".join(map(fixed, v))


def profile(space, tags, version=0x04200000):
    """A display profile; tags of the same content share it."""
    d50 = (0.9642, 1.0, 0.8249)
    text = "vlmchat test"
    if version >= 0x04000000:
        name = b"mluc\0\0\0\0" + struct.pack(">II2s2sII", 1, 12, b"en", b"US", 2 * len(text), 28) + text.encode("utf-16-be")
    else:
        name = b"desc\0\0\0\0" + struct.pack(">I", len(text) + 1) + text.encode() + bytes(1 + 4 + 4 + 2 + 1 + 67)
    tags = {b"desc": name, b"cprt": name if version >= 0x04000000 else b"text\0\0\0\0none\0", b"wtpt": xyz(*d50), **tags}
    table, body, at = struct.pack(">I", len(tags)), b"", 128 + 4 + 12 * len(tags)
    for tag, content in tags.items():
        table += tag + struct.pack(">II", at + len(body), len(content))
        body += content + bytes(-len(content) % 4)
    size = 128 + len(table) + len(body)
    header = struct.pack(">I4sI4s4s4s", size, b"\0\0\0\0", version, b"mntr", space, b"XYZ ") + bytes(12) + b"acsp" + bytes(28)
    header += b"".join(map(fixed, d50))
    return header.ljust(128, b"\0") + table + body


def rgb(red, green, blue, *curves, version=0x04200000):
    r, g, b = curves if len(curves) == 3 else curves * 3
    return profile(b"RGB ", {b"rXYZ": xyz(*red), b"gXYZ": xyz(*green), b"bXYZ": xyz(*blue), b"rTRC": r, b"gTRC": g, b"bTRC": b}, version)


# Primaries under D50, by Bradford's adaptation.
SRGB = ((0.43607, 0.22249, 0.01392), (0.38515, 0.71687, 0.09708), (0.14307, 0.06061, 0.71410))
P3 = ((0.51512, 0.24120, -0.00105), (0.29198, 0.69225, 0.04189), (0.15710, 0.06657, 0.78407))
ADOBE = ((0.60974, 0.31111, 0.01947), (0.20528, 0.62567, 0.06087), (0.14919, 0.06322, 0.74457))
PROPHOTO = ((0.79767, 0.28804, 0.0), (0.13519, 0.71188, 0.0), (0.03135, 0.00009, 0.82491))
SRGB_CURVE = para(3, 2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)
SAMPLED = curv(samples=[round(65535 * (v / 1023) ** 1.8) for v in range(1024)])

phone = rgb(*P3, SRGB_CURVE)
adobe = rgb(*ADOBE, curv(gamma=2.19921875), version=0x02100000)
prophoto = rgb(*PROPHOTO, SAMPLED, version=0x02100000)
uneven = rgb(*SRGB, para(0, 2.0), para(1, 2.2, 0.9, 0.1), para(4, 2.0, 0.9, 0.1, 0.3, 0.05, 0.01, 0.0))
grey = profile(b"GRAY", {b"kTRC": curv(gamma=1.8)}, version=0x02100000)
srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def golden(name):
    im = Image.open(name)
    icc = im.info.get("icc_profile")
    im = im.convert("RGBA") if "A" in im.getbands() else im if im.mode == "L" else im.convert("RGB")
    if icc:
        alpha = im.getchannel("A") if im.mode == "RGBA" else None
        im = ImageCms.profileToProfile(
            im.convert("RGB") if alpha else im, ImageCms.ImageCmsProfile(io.BytesIO(icc)), ImageCms.createProfile("sRGB"),
            renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC, outputMode="RGB", flags=ImageCms.Flags(0))
        if alpha:
            im.putalpha(alpha)
    if im.mode == "RGBA":
        im = Image.alpha_composite(Image.new("RGBA", im.size, "white"), im)
    im.convert("RGB").save(name + ".golden.png", optimize=True)


os.makedirs("photos", exist_ok=True)
os.chdir("photos")
landscape().save("landscape-420.jpg", quality=88, subsampling=2)
landscape().save("landscape-progressive.jpg", quality=80, subsampling=2, progressive=True)
portrait().save("portrait-422.jpg", quality=92, subsampling=1)
portrait().save("portrait-420-srgb.jpg", quality=85, subsampling=2, icc_profile=srgb)
sign().save("sign-444.jpg", quality=90, subsampling=0)
sign().save("sign-420.jpg", quality=75, subsampling=2)
flowers().save("flowers-p3.jpg", quality=90, subsampling=2, icc_profile=phone)
flowers().save("flowers-adobe.jpg", quality=90, subsampling=0, icc_profile=adobe)
flowers().save("flowers-p3.webp", quality=85, icc_profile=phone)
portrait().save("portrait-prophoto.jpg", quality=90, subsampling=0, icc_profile=prophoto)
portrait().convert("L").save("portrait-grey.jpg", quality=90, icc_profile=grey)
faded = flowers().resize((56, 40))
faded.putalpha(Image.linear_gradient("L").resize(faded.size))
faded.save("faded-p3.png", icc_profile=phone, optimize=True)
sign().resize((56, 40)).save("sign-uneven.png", icc_profile=uneven, optimize=True)
landscape().resize((56, 40)).convert("L").save("landscape-grey.png", icc_profile=grey, optimize=True)
sign().resize((56, 40)).quantize(32).save("sign-palette-adobe.png", icc_profile=adobe, optimize=True)
for name in sorted(os.listdir(".")):
    if not name.endswith(".golden.png"):
        golden(name)
