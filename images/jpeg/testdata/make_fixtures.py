"""Makes the fixtures of the JPEG decoder's tests, and goldens.txt: the SHA-256 of
the pixels of each as libjpeg-turbo decodes it, in RGB.

    apt install libjpeg-turbo-progs   # cjpeg, for samplings that Pillow can't write
    python -m venv venv && venv/bin/pip install pillow==13.0.0 numpy
    venv/bin/python make_fixtures.py  # in this folder

The fixtures are committed; run this only to change them.
"""

import hashlib
import io
import subprocess
import tempfile

import numpy as np
from PIL import Image

noise = np.random.default_rng(7)
goldens = []


def scene(w, h):
    """Soft shades with grain, and a hard coloured edge."""
    y, x = np.mgrid[0:h, 0:w]
    shades = [128 + 110 * np.sin(x / a + y / b + c) + noise.normal(0, 9, (h, w)) for c, (a, b) in enumerate([(7, 11), (9, 5), (6, 6)])]
    pixels = np.clip(np.stack(shades, -1), 0, 255).astype(np.uint8)
    pixels[h // 4 : h // 2, w // 4 : w // 2] = (230, 20, 30)
    return Image.fromarray(pixels)


def keep(name, data):
    with open(name + ".jpg", "wb") as f:
        f.write(data)
    im = Image.open(io.BytesIO(data)).convert("RGB")
    goldens.append(f"{hashlib.sha256(im.tobytes()).hexdigest()} {im.width} {im.height} {name}.jpg\n")


def cjpeg(im, *args):
    ppm = io.BytesIO()
    im.save(ppm, "PPM")
    return subprocess.run(["cjpeg", *args], input=ppm.getvalue(), stdout=subprocess.PIPE, check=True).stdout


def pillow(im, **options):
    out = io.BytesIO()
    im.save(out, "JPEG", **options)
    return out.getvalue()


# How colour is sampled: the factors of the three components.
for sampling in ("1x1", "2x1", "1x2", "2x2", "4x1", "1x4", "4x2", "2x4", "3x1", "2x2,2x1,2x1", "2x2,1x2,1x2", "2x2,2x1,1x2", "1x1,2x2,1x1", "1x1,1x1,2x2"):
    factors = sampling if "," in sampling else sampling + ",1x1,1x1"
    name = "sampling-" + sampling.replace(",", "-")
    keep(name, cjpeg(scene(37, 21), "-sample", factors, "-quality", "85"))
    keep(name + "-progressive", cjpeg(scene(53, 35), "-sample", factors, "-quality", "70", "-progressive", "-restart", "3B"))
# Odd sizes, of one pixel too.
for w, h in ((1, 1), (2, 3), (3, 2), (5, 4), (8, 8), (15, 17), (16, 16), (17, 33), (4, 40), (65, 5)):
    keep(f"size-{w}x{h}", cjpeg(scene(w, h), "-quality", "90"))
    keep(f"size-{w}x{h}-progressive", cjpeg(scene(w, h), "-quality", "90", "-progressive"))
# Qualities: few coefficients and coarse, many and fine.
for quality in (1, 5, 30, 50, 95, 100):
    keep(f"quality-{quality}", cjpeg(scene(37, 21), "-quality", str(quality)))
keep("optimized", cjpeg(scene(37, 21), "-optimize"))
# Restart markers: within rows, one a row, every few rows, at odd places.
for restart in ("1B", "2B", "5B", "1", "2"):
    keep(f"restart-{restart}", cjpeg(scene(53, 70), "-sample", "2x2", "-restart", restart, "-quality", "60"))
# Colour models.
keep("rgb", cjpeg(scene(37, 21), "-rgb"))
keep("grey", cjpeg(scene(37, 21), "-grayscale"))
keep("grey-progressive", cjpeg(scene(37, 21), "-grayscale", "-progressive"))
keep("cmyk", pillow(scene(37, 21).convert("CMYK"), quality=85))
keep("cmyk-progressive", pillow(scene(37, 21).convert("CMYK"), quality=85, progressive=True))
# Adobe's transform 2: the same file means YCCK. Without the marker it is CMYK.
cmyk = pillow(scene(37, 21).convert("CMYK"), quality=85)
adobe = cmyk.index(b"Adobe")
keep("ycck", cmyk[: adobe + 11] + b"\x02" + cmyk[adobe + 12 :])
keep("cmyk-without-adobe", cmyk[: adobe - 4] + cmyk[adobe + 12 :])
# A component a scan, two in one, and a script of a progression in small steps.
for name, script, options in (
    ("scans", "0; 1; 2;", []),
    ("scans-paired", "0; 1 2;", ["-sample", "2x2"]),
    ("scans-turned", "2; 0 1;", ["-sample", "2x1", "-restart", "2B"]),
    ("progression", "0 1 2: 0 0 0 3; 0: 1 5 0 2; 2: 1 63 0 1; 1: 1 63 0 1; 0: 6 63 0 2; 0: 1 63 2 1; 0 1 2: 0 0 3 2; 0 1 2: 0 0 2 1; 0 1 2: 0 0 1 0; 2: 1 63 1 0; 1: 1 63 1 0; 0: 1 63 1 0;", ["-progressive"]),
):
    with tempfile.NamedTemporaryFile("w") as f:
        f.write(script)
        f.flush()
        keep(name, cjpeg(scene(53, 35), "-scans", f.name, *options))
# Large enough for several cores.
for name, options in (("large", []), ("large-restart", ["-restart", "1"]), ("large-progressive", ["-progressive"]), ("large-440", ["-sample", "1x2"])):
    keep(name, cjpeg(scene(421, 333), "-quality", "15", *options))

with open("goldens.txt", "w") as f:
    f.writelines(goldens)
