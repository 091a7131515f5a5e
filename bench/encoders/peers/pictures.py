"""Makes pictures with what photos have, shades, edges and grain, no two alike:
pictures.py FOLDER NUMBER WIDTH HEIGHT .jpg|.png"""

import os
import sys

import numpy as np
from PIL import Image

folder, n, w, h, ext = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]), sys.argv[5]
os.makedirs(folder, exist_ok=True)
y, x = np.mgrid[0:h, 0:w].astype(np.float32)
for i in range(n):
    rng = np.random.default_rng(i)
    a, b, c, d = rng.uniform(.5, 2, 4)
    shade = np.stack([120 + 60 * np.sin(a * x / (97 + 40 * k) + b * y / 131 + k + i) for k in range(3)], 2)
    shade += (40 * (((c * x) % 300 - 150) ** 2 + ((d * y) % 260 - 130) ** 2 < 90 ** 2))[..., None]
    shade += rng.normal(0, 4, (h, w, 1))
    Image.fromarray(np.clip(shade, 0, 255).astype(np.uint8)).save(os.path.join(folder, f"{i:05d}{ext}"), **({"quality": 88} if ext == ".jpg" else {}))
