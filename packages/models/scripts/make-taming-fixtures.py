"""Writes what PyTorch computes for a VQGAN with the names, shapes and layers of taming-transformers, for the tests of
@vqkit/models: features, indices and pixels, in float64, of weights that follow from their names, so that only results are stored.
And a checkpoint as training writes them, for those of the command line.

The network is written here anew from the published configuration; nothing of it is copied.

Run: /usr/bin/python3 packages/models/scripts/make-taming-fixtures.py   (Debian: python3-torch)
"""

import json
import math
import os
import sys
import types

import numpy as np
import torch
import torch.nn.functional as F

folder = os.path.join(os.path.dirname(__file__), "..", "src", "vqgan", "fixtures")
os.makedirs(folder, exist_ok=True)


def seeded(name, count):
    """Values in [-1, 1) that follow from a name: FNV-1a of it, then a mix of each place; float32."""
    salt = 2166136261
    for byte in name.encode():
        salt = ((salt ^ byte) * 16777619) % 2**32
    h = (np.arange(count, dtype=np.uint64) * 2654435761 + salt) % 2**32
    h ^= h >> np.uint64(15)
    h = (h * 2246822519) % 2**32
    h ^= h >> np.uint64(13)
    h = (h * 3266489917) % 2**32
    h ^= h >> np.uint64(16)
    return (h >> np.uint64(8)).astype(np.float32) / np.float32(2**23) - np.float32(1)


def weight(name, shape):
    """Filters keep the scale of features, scales of normalisations are about 1, codes are in [-1, 1)."""
    values = seeded(name, math.prod(shape))
    if len(shape) == 4:
        values = values * np.float32(math.sqrt(3 / math.prod(shape[1:])))
    elif "norm" in name and name.endswith("weight"):
        values = values * np.float32(0.25) + np.float32(1)
    elif name.endswith("bias"):
        values = values * np.float32(0.125)
    return torch.tensor(values.reshape(shape))


class Network:
    def __init__(self, channels, multipliers, blocks, dimension, codes, attention):
        self.widths = [channels * m for m in multipliers]
        self.channels, self.blocks, self.dimension, self.codes, self.attention = channels, blocks, dimension, codes, attention
        self.shapes = {}

    def get(self, name, shape):
        self.shapes[name] = list(shape)
        return weight(name, shape).double()

    def conv(self, name, x, out, size=3, **options):
        shape = (out, x.shape[1], size, size)
        return F.conv2d(x, self.get(name + ".weight", shape), self.get(name + ".bias", (out,)), **options)

    def norm(self, name, x):
        c = x.shape[1]
        return F.group_norm(x, 32, self.get(name + ".weight", (c,)), self.get(name + ".bias", (c,)), eps=1e-6)

    def block(self, name, x, out):
        h = self.conv(name + ".conv1", F.silu(self.norm(name + ".norm1", x)), out, padding=1)
        h = self.conv(name + ".conv2", F.silu(self.norm(name + ".norm2", h)), out, padding=1)
        return (x if x.shape[1] == out else self.conv(name + ".nin_shortcut", x, out, 1)) + h

    def attend(self, name, x):
        n, c, h, w = x.shape
        y = self.norm(name + ".norm", x)
        q, k, v = (self.conv(f"{name}.{part}", y, c, 1).reshape(n, c, h * w) for part in "qkv")
        scores = torch.softmax(torch.einsum("nci,ncj->nij", q, k) / math.sqrt(c), dim=2)
        mixed = torch.einsum("nij,ncj->nci", scores, v).reshape(n, c, h, w)
        return x + self.conv(name + ".proj_out", mixed, c, 1)

    def level(self, name, x, count, width, has_attention):
        for i in range(count):
            x = self.block(f"{name}.block.{i}", x, width)
            if has_attention:
                x = self.attend(f"{name}.attn.{i}", x)
        return x

    def middle(self, half, x):
        c = x.shape[1]
        x = self.attend(half + ".mid.attn_1", self.block(half + ".mid.block_1", x, c))
        return self.block(half + ".mid.block_2", x, c)

    def encode(self, x):
        x = self.conv("encoder.conv_in", x, self.channels, padding=1)
        for i, width in enumerate(self.widths):
            x = self.level(f"encoder.down.{i}", x, self.blocks, width, i in self.attention)
            if i < len(self.widths) - 1:
                x = self.conv(f"encoder.down.{i}.downsample.conv", F.pad(x, (0, 1, 0, 1)), width, stride=2)
        x = F.silu(self.norm("encoder.norm_out", self.middle("encoder", x)))
        return self.conv("quant_conv", self.conv("encoder.conv_out", x, self.dimension, padding=1), self.dimension, 1)

    def quantize(self, z):
        table = self.get("quantize.embedding.weight", (self.codes, self.dimension))
        distances = ((z.permute(0, 2, 3, 1)[..., None, :] - table) ** 2).sum(-1)
        nearest = distances.sort(-1).values
        assert (nearest[..., 1] - nearest[..., 0]).min() > 1e-3, "a position is as near to two codes"
        indices = distances.argmin(-1)
        return table[indices].permute(0, 3, 1, 2), indices

    def decode(self, z):
        x = self.conv("post_quant_conv", z, self.dimension, 1)
        x = self.middle("decoder", self.conv("decoder.conv_in", x, self.widths[-1], padding=1))
        for i in reversed(range(len(self.widths))):
            x = self.level(f"decoder.up.{i}", x, self.blocks + 1, self.widths[i], i in self.attention)
            if i > 0:
                x = F.interpolate(x, scale_factor=2, mode="nearest")
                x = self.conv(f"decoder.up.{i}.upsample.conv", x, self.widths[i], padding=1)
        return self.conv("decoder.conv_out", F.silu(self.norm("decoder.norm_out", x)), 3, padding=1)


def rounded(x):
    return [float(f"{v:.7g}") for v in x.permute(0, 2, 3, 1).reshape(-1).tolist()]


cases = {
    "attention at the last resolution": dict(channels=32, multipliers=[1, 1, 2], blocks=2, attention=[2]),
    "attention at the first resolution": dict(channels=32, multipliers=[1, 2], blocks=1, attention=[0]),
}
results = {}
for name, sizes in cases.items():
    net = Network(**sizes, dimension=8, codes=16)
    scale = 2 ** (len(sizes["multipliers"]) - 1)
    size = (1, 3, 2 * scale, 3 * scale)
    x = torch.tensor(seeded("image", math.prod(size)).reshape(size)).double()
    z = net.encode(x)
    zq, indices = net.quantize(z)
    pixels = net.decode(zq)
    results[name] = dict(
        sizes=sizes, shapes=net.shapes, image=list(size), features=rounded(z), indices=indices.reshape(-1).tolist(), pixels=rounded(pixels)
    )
with open(os.path.join(folder, "taming.json"), "w") as file:
    json.dump(results, file, indent=None, separators=(",", ":"))
    file.write("\n")

# A checkpoint as pytorch-lightning writes them, whose tensors are one value each, repeated by strides of 0, so that the file is small.
module = types.ModuleType("pytorch_lightning.callbacks.model_checkpoint")
ModelCheckpoint = type("ModelCheckpoint", (), {"__module__": module.__name__})
module.ModelCheckpoint = ModelCheckpoint
sys.modules["pytorch_lightning"] = types.ModuleType("pytorch_lightning")
sys.modules["pytorch_lightning.callbacks"] = types.ModuleType("pytorch_lightning.callbacks")
sys.modules[module.__name__] = module
own = results["attention at the first resolution"]["shapes"]
shapes = {**own, "loss.discriminator.main.0.weight": [64, 3, 4, 4], "loss.perceptual_loss.lin0.model.1.weight": [1, 64, 1, 1]}
state = {name: torch.tensor([(i % 7 - 3) / 64]).expand(shape) for i, (name, shape) in enumerate(shapes.items())}
checkpoint = {
    "epoch": 3,
    "global_step": 1000,
    "pytorch-lightning_version": "1.0.8",
    "callbacks": {ModelCheckpoint: {"best_model_score": torch.tensor(0.5), "best_model_path": "last.ckpt"}},
    "optimizer_states": [{"state": {0: {"step": 5, "exp_avg": torch.zeros(2)}}, "param_groups": [{"lr": 4.5e-6}]}],
    "lr_schedulers": [],
    "state_dict": state,
}
checkpoints = os.path.join(folder, "..", "..", "..", "..", "cli", "src", "commands", "fixtures")
os.makedirs(checkpoints, exist_ok=True)
torch.save(checkpoint, os.path.join(checkpoints, "lightning-vqgan.pth"))
with open(os.path.join(checkpoints, "vqgan-shapes.json"), "w") as file:
    json.dump(own, file, separators=(",", ":"))
    file.write("\n")
