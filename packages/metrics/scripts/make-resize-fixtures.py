"""Writes what Pillow and PyTorch make of a small image, for the tests of the resizers.

Run: /usr/bin/python3 packages/metrics/scripts/make-resize-fixtures.py   (Debian: python3-pil, python3-torch)
"""

import json
import os

import numpy as np
import PIL
import torch
import torch.nn.functional as F
from PIL import Image

folder = os.path.join(os.path.dirname(__file__), "..", "src", "resize", "fixtures")
os.makedirs(folder, exist_ok=True)


def synthetic(h, w):
    """The first image of the golden synthetic pair."""
    y, x, k = np.meshgrid(np.arange(h), np.arange(w), np.arange(3), indexing="ij")
    return ((x * (3 + k) + y * (5 + 2 * k) + ((x * y) >> 3)) % 256).astype(np.uint8)


image = synthetic(37, 45)
cases = []
for name, method in [("bilinear", Image.BILINEAR), ("bicubic", Image.BICUBIC)]:
    for width, height in [(11, 9), (45, 20), (70, 61), (13, 80)]:
        bytes_ = np.asarray(Image.fromarray(image).resize((width, height), method))
        planes = [np.asarray(Image.fromarray(image[:, :, c].astype(np.float32), mode="F").resize((width, height), method)) for c in range(3)]
        floats = np.stack(planes, -1)
        cases.append(
            {
                "interpolation": name,
                "width": width,
                "height": height,
                "bytes": [int(v) for v in bytes_.ravel()[::17]],
                "byteSum": int(bytes_.astype(np.int64).sum()),
                "floats": [round(float(v), 4) for v in floats.ravel()[::53]],
            }
        )

batch = torch.from_numpy(image.astype(np.float64)).permute(2, 0, 1)[None]
torched = F.interpolate(batch, size=(29, 23), mode="bilinear", align_corners=False)[0].permute(1, 2, 0)
with open(os.path.join(folder, "resized.json"), "w") as file:
    json.dump(
        {
            "pillow": PIL.__version__,
            "torch": torch.__version__,
            "cases": cases,
            "interpolate": {"width": 23, "height": 29, "values": [round(v, 9) for v in torched.reshape(-1)[::13].tolist()]},
        },
        file,
    )
    file.write("\n")
