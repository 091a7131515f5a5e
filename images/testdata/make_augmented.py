"""Writes augmented.json: what torchvision's operations on Pillow's pictures make of a
picture of noise, as SHA-256 of the pixels, for images/augment_test.go.

    pip install torchvision pillow && python make_augmented.py
"""

import hashlib
import json
import pathlib
import random

import numpy as np
from PIL import Image
from torchvision.transforms import functional as F


def noise(width, height):
    """The picture of noise in images/augment_test.go."""
    i = np.arange(3 * width * height, dtype=np.uint64)
    v = i * 2654435761 & 0xFFFFFFFF
    v ^= v >> 15
    v = v * 2246822519 & 0xFFFFFFFF
    v ^= v >> 13
    v = np.where(i // 4096 % 2 == 1, (v & 1) * 255, v)
    return Image.fromarray((v & 255).astype(np.uint8).reshape(height, width, 3), "RGB")


def digest(image):
    return hashlib.sha256(image.tobytes()).hexdigest()


def main():
    rng = random.Random(12)
    cases = []
    for width, height in [(48, 32), (97, 61), (5, 40), (200, 150)]:
        image = noise(width, height)
        for factor in [0.8, 0.9371, 1.0, 1.0625, 1.2, rng.uniform(0.8, 1.2), rng.uniform(0.8, 1.2)]:
            for name, operation in [("brightness", F.adjust_brightness), ("contrast", F.adjust_contrast), ("saturation", F.adjust_saturation)]:
                cases.append({"size": [width, height], "operation": name, "factor": factor, "sha256": digest(operation(image, factor))})
        for factor in [-0.05, -0.003, 0.0, 0.01, 0.05, -0.5, 0.5, rng.uniform(-0.05, 0.05), rng.uniform(-0.05, 0.05)]:
            cases.append({"size": [width, height], "operation": "hue", "factor": factor, "sha256": digest(F.adjust_hue(image, factor))})
        cases.append({"size": [width, height], "operation": "flip", "sha256": digest(F.hflip(image))})
        for _ in range(4):
            w, h = rng.randint(max(1, width * 3 // 4), width), rng.randint(max(1, height * 3 // 4), height)
            x, y = rng.randint(0, width - w), rng.randint(0, height - h)
            part = F.resized_crop(image, y, x, h, w, [height, width], interpolation=F.InterpolationMode.BILINEAR)
            cases.append({"size": [width, height], "operation": "crop", "part": [x, y, w, h], "sha256": digest(part)})
    path = pathlib.Path(__file__).with_name("augmented.json")
    path.write_text("[\n" + ",\n".join(json.dumps(c) for c in cases) + "\n]\n")


if __name__ == "__main__":
    main()
