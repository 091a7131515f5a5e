"""Makes the fixtures of engine/clip's preprocessing: hashes of what the image processors of
transformers, in their Pillow form, make of noise.

    pip install transformers torch torchvision Pillow numpy
    python testdata/clip/make_pixels.py

writes testdata/clip/pixels.json: what a preprocessor_config.json says, and the hash of the
numbers that come out. The noise is that of make_resized.py.
"""
import hashlib
import json
import os

import numpy
from PIL import Image
from transformers import CLIPImageProcessorPil, SiglipImageProcessorPil, ViTImageProcessorPil

from make_resized import noise

CLASSES = {"CLIP": CLIPImageProcessorPil, "Siglip": SiglipImageProcessorPil, "ViT": ViTImageProcessorPil}

# family, image_size, the file
CONFIGS = [
    ("clip", 224, {}),
    # As OpenAI's checkpoints of 2021 have it.
    ("clip", 224, {"crop_size": 224, "do_center_crop": True, "do_normalize": True, "do_resize": True, "feature_extractor_type": "CLIPFeatureExtractor",
                   "image_mean": [0.48145466, 0.4578275, 0.40821073], "image_std": [0.26862954, 0.26130258, 0.27577711], "resample": 3, "size": 224}),
    ("clip", 336, {"image_processor_type": "CLIPImageProcessor", "size": {"shortest_edge": 336}, "crop_size": {"height": 336, "width": 336}, "do_convert_rgb": True}),
    ("clip", 30, {"size": {"shortest_edge": 41}, "crop_size": {"height": 30, "width": 30}, "resample": 2}),
    ("clip", 31, {"size": {"shortest_edge": 20}, "crop_size": 31}),
    ("clip", 32, {"size": {"height": 40, "width": 25}, "crop_size": {"height": 32, "width": 32}, "resample": 1}),
    ("clip", 32, {"size": {"height": 32, "width": 32}, "do_center_crop": False, "resample": 0}),
    ("clip", 33, {"do_resize": False, "crop_size": 33}),
    ("clip", 16, {"size": 16, "crop_size": 16, "do_normalize": False}),
    ("clip", 16, {"size": 16, "crop_size": 16, "do_rescale": False, "image_mean": [100.5, 101, 102], "image_std": [50, 60, 70.5]}),
    ("clip", 16, {"size": 16, "crop_size": 16, "rescale_factor": 0.007, "resample": 4}),
    ("siglip", 224, {}),
    # As google/siglip-base-patch16-224 has it.
    ("siglip", 224, {"do_normalize": True, "do_rescale": True, "do_resize": True, "image_mean": [0.5, 0.5, 0.5], "image_processor_type": "SiglipImageProcessor",
                     "image_std": [0.5, 0.5, 0.5], "processor_class": "SiglipProcessor", "resample": 3, "rescale_factor": 0.00392156862745098,
                     "size": {"height": 224, "width": 224}}),
    ("siglip", 384, {"image_processor_type": "SiglipImageProcessorFast", "resample": 2, "size": {"height": 384, "width": 384}}),
    ("clip", 48, {"image_processor_type": "ViTImageProcessor", "size": {"height": 48, "width": 48}}),
]
SIZES = [(64, 48), (48, 64), (640, 426), (427, 640), (1, 1), (3, 200), (200, 3), (224, 224), (33, 21), (21, 34), (100, 31), (1000, 999)]


def main():
    cases = []
    for family, size, said in CONFIGS:
        name = said.get("image_processor_type", said.get("feature_extractor_type", {"clip": "CLIP", "siglip": "Siglip"}[family]))
        for part in ("Fast", "ImageProcessor", "FeatureExtractor"):
            name = name.removesuffix(part)
        processor = CLASSES[name](**{k: v for k, v in said.items() if not k.endswith("_type") and k != "processor_class"})
        hashes = []
        for width, height in SIZES:
            values = processor(Image.fromarray(noise(width, height)), return_tensors="np").pixel_values[0]
            assert values.shape == (3, size, size), (values.shape, said)
            hashes.append(hashlib.sha256(values.astype("<f4").tobytes()).hexdigest()[:16])
        cases.append({"family": family, "size": size, "file": said, "sha256": hashes})
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "pixels.json")
    with open(path, "w") as out:
        json.dump({"pictures": SIZES, "cases": cases}, out, indent=1)
        out.write("\n")
    print(len(cases) * len(SIZES), "pictures")


if __name__ == "__main__":
    main()
