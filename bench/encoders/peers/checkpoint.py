"""Makes a random checkpoint of CLIP ViT-B/32's shape: checkpoint.py FOLDER float32|float16 TOKENIZER,
with the tokenizer's files of the folder TOKENIZER, whose ids the vocabulary has room for."""

import json
import os
import shutil
import sys

import torch
from transformers import CLIPConfig, CLIPModel

folder, dtype, tokenizer = sys.argv[1:]
torch.manual_seed(0)
CLIPModel(CLIPConfig()).to(getattr(torch, dtype)).save_pretrained(folder)
for name in ("tokenizer.json", "tokenizer_config.json"):
    shutil.copy(os.path.join(tokenizer, name), folder)
json.dump({"image_processor_type": "CLIPImageProcessor", "do_resize": True, "size": {"shortest_edge": 224}, "resample": 3,
           "do_center_crop": True, "crop_size": {"height": 224, "width": 224}, "do_rescale": True, "rescale_factor": 1 / 255,
           "do_normalize": True, "do_convert_rgb": True,
           "image_mean": [0.48145466, 0.4578275, 0.40821073], "image_std": [0.26862954, 0.26130258, 0.27577711]},
          open(os.path.join(folder, "preprocessor_config.json"), "w"))
