"""Encodes pictures as transformers does: torchclip.py CHECKPOINT THREADS. Each line of the standard
input is "tensor" or "files", and the pictures' paths behind it; the answer is how long it took in ns,
by the clock and by the processor. "tensor" has them decoded and prepared before it takes the time.
All pictures of a line are one batch."""

import sys
import time

import torch
from PIL import Image
from transformers import CLIPModel

try:  # the form that computes with Pillow and numpy; newer releases call it so
    from transformers import CLIPImageProcessorPil as Processor
except ImportError:
    from transformers import CLIPImageProcessor as Processor

torch.set_num_threads(int(sys.argv[2]))
model = CLIPModel.from_pretrained(sys.argv[1], dtype=torch.float32).eval()
processor = Processor.from_pretrained(sys.argv[1])


def prepare(paths):
    return processor([Image.open(p).convert("RGB") for p in paths], return_tensors="pt")["pixel_values"]


@torch.inference_mode()
def encode(pixels):
    x = model.visual_projection(model.vision_model(pixel_values=pixels).pooler_output)
    return torch.nn.functional.normalize(x, dim=-1)


for line in sys.stdin:
    what, *paths = line.split()
    pixels = prepare(paths) if what == "tensor" else None
    clock, cpu = time.perf_counter_ns(), time.process_time_ns()
    encode(prepare(paths) if pixels is None else pixels).sum().item()
    print(time.perf_counter_ns() - clock, time.process_time_ns() - cpu, flush=True)
