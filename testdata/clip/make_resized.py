"""Makes the fixtures of images/pillow: hashes of what Pillow's Image.resize makes of noise.

    pip install Pillow numpy
    python testdata/clip/make_resized.py

writes testdata/clip/resized.json. The noise is computed in the tests as it is here.
"""
import hashlib
import json
import os
import random

import numpy
from PIL import Image


def noise(width, height):
    i = numpy.arange(width * height * 3, dtype=numpy.uint32) * numpy.uint32(2654435761)
    i ^= i >> numpy.uint32(15)
    i *= numpy.uint32(2246822519)
    i ^= i >> numpy.uint32(13)
    # Of every 4096 bytes as many are black and white, which filters overshoot.
    block = numpy.arange(len(i)) // 4096 % 2 == 1
    return numpy.where(block, (i & 1) * 255, i & 255).astype(numpy.uint8).reshape(height, width, 3)


def main():
    r = random.Random(11)
    sizes = [((768, 512), (336, 224)), ((640, 480), (298, 224)), ((97, 31), (701, 224)), ((1, 1), (224, 224)), ((1, 500), (224, 112000 // 1000)),
             ((500, 1), (7, 3)), ((224, 224), (224, 224)), ((224, 100), (224, 224)), ((100, 224), (224, 224)), ((2, 3), (3, 2)), ((3000, 5), (5, 5)),
             ((4000, 3000), (298, 224)), ((1023, 769), (384, 384)), ((257, 255), (256, 256)), ((5, 4000), (1, 1)), ((16, 16), (336, 336))]
    while len(sizes) < 60:
        sizes.append(((r.randint(1, 400), r.randint(1, 400)), (r.randint(1, 300), r.randint(1, 300))))
    cases = []
    for size, to in sizes:
        picture = Image.fromarray(noise(*size))
        for f in range(6):
            resized = picture.resize(to, resample=f)
            cases.append({"size": size, "to": to, "filter": f, "sha256": hashlib.sha256(resized.tobytes()).hexdigest()[:16]})
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "resized.json")
    with open(path, "w") as out:
        out.write("[\n" + ",\n".join(json.dumps(c) for c in cases) + "\n]\n")
    print(len(cases), "pictures")


if __name__ == "__main__":
    main()
