"""Makes a JPEG of raw pixels:
photo.py PIXELS WIDTH HEIGHT JPEG ORIENTATION OPTIONS, the options in JSON."""

import json
import sys

from PIL import Image

raw, w, h, path, orientation, options = sys.argv[1:]
exif = Image.Exif()
exif[0x0112] = int(orientation)
with open(raw, "rb") as f:
    im = Image.frombytes("RGB", (int(w), int(h)), f.read())
im.save(path, "JPEG", exif=exif, **json.loads(options))
