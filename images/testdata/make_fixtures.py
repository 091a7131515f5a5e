"""Makes the fixtures of the decoders' tests: pictures of every kind, and beside
each lossy one the pixels as libjpeg-turbo or libwebp decode them, as a PNG.

    python -m venv venv && venv/bin/pip install pillow==13.0.0 numpy
    venv/bin/python make_fixtures.py      # in this folder

The fixtures are committed; run this only to change them.
"""

import io
import math
import random

from PIL import Image, ImageCms

random.seed(7)


def scene(w, h):
    """Soft gradients, fine detail and hard coloured edges: what tells one
    chroma filter from another."""
    im = Image.new("RGB", (w, h))
    for y in range(h):
        for x in range(w):
            r = 128 + 100 * math.sin(x / 7 + y / 11) + 20 * math.sin(x / 1.7)
            g = 128 + 90 * math.cos(x / 9 - y / 5)
            b = 128 + 110 * math.sin((x + y) / 6)
            if w // 4 <= x < w // 2 and h // 4 <= y < h // 2:
                r, g, b = 230, 20, 30
            if w // 2 <= x < 3 * w // 4 and h // 2 <= y < 3 * h // 4:
                r, g, b = 20, 40, 220
            im.putpixel((x, y), tuple(max(0, min(255, int(v + random.gauss(0, 4)))) for v in (r, g, b)))
    return im


def golden(name):
    """Writes the reference decode of a fixture, on white, beside it."""
    im = Image.open(name)
    if "A" in im.getbands():
        im = Image.alpha_composite(Image.new("RGBA", im.size, "white"), im.convert("RGBA"))
    im.convert("RGB").save(name + ".golden.png", optimize=True)


SUBSAMPLING = {"444": 0, "422": 1, "420": 2}
for name, code in SUBSAMPLING.items():
    for w, h in ((48, 32), (37, 21)):
        scene(w, h).save(f"{name}-{w}x{h}.jpg", quality=90, subsampling=code)
        golden(f"{name}-{w}x{h}.jpg")
scene(37, 21).save("progressive.jpg", quality=85, progressive=True)
scene(37, 21).convert("L").save("grey.jpg", quality=85)
scene(37, 21).convert("CMYK").save("cmyk.jpg", quality=85)
scene(37, 21).save("lossy.webp", quality=80)
scene(37, 21).save("lossless.webp", lossless=True)
transparent = scene(37, 21)
transparent.putalpha(Image.linear_gradient("L").resize(transparent.size))
transparent.save("alpha.webp", quality=80)
for name in ("progressive.jpg", "grey.jpg", "cmyk.jpg", "lossy.webp", "lossless.webp", "alpha.webp"):
    golden(name)
frames = [scene(24, 16), Image.new("RGB", (24, 16), "red")]
frames[0].save("animated.webp", save_all=True, append_images=frames[1:], duration=100, quality=80)
golden("animated.webp")
# What cameras and editors put into a photo: where and when it was taken, with
# what, a thumbnail, XMP, a comment and a colour profile.
small = io.BytesIO()
scene(24, 16).save(small, "JPEG")
exif = Image.Exif()
exif[0x010F], exif[0x0110], exif[0x0131] = "SECRET-CAMERA", "SECRET-MODEL", "SECRET-EDITOR"
exif[0x9003] = "2026:11:24 12:34:56"
exif[0x8825] = {1: "N", 2: (48.0, 51.0, 30.24), 3: "E", 4: (2.0, 17.0, 40.2), 29: "2026:11:24"}
scene(96, 64).save(
    "camera.jpg", quality=90, exif=exif.tobytes() + small.getvalue(), comment="SECRET-COMMENT",
    xmp=b"<x:xmpmeta xmlns:x='adobe:ns:meta/'>SECRET-XMP</x:xmpmeta>",
    icc_profile=ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes(),
)
golden("camera.jpg")
scene(37, 21).save("camera.webp", quality=80, exif=exif.tobytes(), xmp=b"SECRET-XMP")
golden("camera.webp")
