"""Writes what PyTorch computes for networks with seeded weights, in float64, for the tests of @vqkit/metrics.

The real weights of AlexNet, VGG16 and Inception are large and not vqkit's to ship; seeded ones prove the networks as
well. The tests regenerate the same weights from the same seeds (PyTorch's generator is the Mersenne Twister), so only
results are stored.

Run: /usr/bin/python3 packages/metrics/scripts/make-network-fixtures.py   (Debian: python3-torch)
"""

import json
import math
import os

import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float32)
folder = os.path.join(os.path.dirname(__file__), "..", "src", "networks", "fixtures")
os.makedirs(folder, exist_ok=True)


def conv_weights(shape):
    """Uniform with the deviation that keeps the scale of features, drawn in float32."""
    fan_in = shape[1] * shape[2] * shape[3]
    return ((2 * torch.rand(shape) - 1) * math.sqrt(6 / fan_in)).double()


def biases(n):
    return ((2 * torch.rand(n) - 1) * 0.1).double()


def draw_images(n, h, w):
    return torch.rand(n, 3, h, w).double()


# --- AlexNet and VGG16, LPIPS and DISTS -------------------------------------------------------------------------------

ALEX = [("0", (64, 3, 11, 11)), ("3", (192, 64, 5, 5)), ("6", (384, 192, 3, 3)), ("8", (256, 384, 3, 3)), ("10", (256, 256, 3, 3))]
VGG_STAGES = [(["0", "2"], 64), (["5", "7"], 128), (["10", "12", "14"], 256), (["17", "19", "21"], 512), (["24", "26", "28"], 512)]
VGG = []
channels = 3
for layers, width in VGG_STAGES:
    for layer in layers:
        VGG.append((layer, (width, channels, 3, 3)))
        channels = width


def draw_network(specs, seed):
    torch.manual_seed(seed)
    network = {}
    for name, shape in specs:
        network[name] = (conv_weights(shape), biases(shape[0]))
    return network


def alex_taps(net, x):
    conv = lambda x, name, **k: F.relu(F.conv2d(x, *net[name], **k))
    a = conv(x, "0", stride=4, padding=2)
    b = conv(F.max_pool2d(a, 3, 2), "3", padding=2)
    c = conv(F.max_pool2d(b, 3, 2), "6", padding=1)
    d = conv(c, "8", padding=1)
    return [a, b, c, d, conv(d, "10", padding=1)]


def vgg_taps(net, x, pool=lambda x: F.max_pool2d(x, 2)):
    taps = []
    for i, (layers, _) in enumerate(VGG_STAGES):
        if i > 0:
            x = pool(x)
        for layer in layers:
            x = F.relu(F.conv2d(x, *net[layer], padding=1))
        taps.append(x)
    return taps


def lpips(taps, linear, a, b, version="0.1"):
    shift = torch.tensor([-0.030, -0.088, -0.188]).double().view(1, 3, 1, 1)
    scale = torch.tensor([0.458, 0.448, 0.450]).double().view(1, 3, 1, 1)
    if version == "0.1":
        a, b = (a - shift) / scale, (b - shift) / scale
    unit = lambda f: f / (f.pow(2).sum(1, keepdim=True).sqrt() + 1e-10)
    maps = [(w.view(1, -1, 1, 1) * (unit(f) - unit(g)) ** 2).sum(1, keepdim=True) for w, f, g in zip(linear, taps(a), taps(b))]
    layers = [m.mean([1, 2, 3]) for m in maps]
    spatial = sum(F.interpolate(m, size=a.shape[2:], mode="bilinear", align_corners=False) for m in maps)[:, 0]
    return layers, sum(layers), spatial


def dists(net, alpha, beta, a, b):
    kernel = torch.tensor([1.0, 2.0, 1.0]).double()
    kernel = torch.outer(kernel, kernel) / 16

    def pool(x):
        c = x.shape[1]
        blurred = F.conv2d(x**2, kernel.expand(c, 1, 3, 3), stride=2, padding=1, groups=c)
        return (blurred + 1e-12).sqrt()

    mean = torch.tensor([0.485, 0.456, 0.406]).double().view(1, 3, 1, 1)
    std = torch.tensor([0.229, 0.224, 0.225]).double().view(1, 3, 1, 1)
    features = lambda x: [x] + vgg_taps(net, (x - mean) / std, pool)
    c = 1e-6
    score, at = 0, 0
    total = alpha.sum() + beta.sum()
    for x, y in zip(features(a), features(b)):
        n = x.shape[1]
        mx, my = x.mean([2, 3]), y.mean([2, 3])
        vx, vy = x.var([2, 3], unbiased=False), y.var([2, 3], unbiased=False)
        cov = (x * y).mean([2, 3]) - mx * my
        score = score + (alpha[at : at + n] * (2 * mx * my + c) / (mx**2 + my**2 + c)).sum(1)
        score = score + (beta[at : at + n] * (2 * cov + c) / (vx + vy + c)).sum(1)
        at += n
    return 1 - score / total


result = {}
for name, specs, taps, widths, seed in [
    ("alex", ALEX, alex_taps, [64, 192, 384, 256, 256], 1),
    ("vgg", VGG, vgg_taps, [64, 128, 256, 512, 512], 2),
]:
    net = draw_network(specs, seed)
    linear = [torch.rand(n).double() / n for n in widths]
    a, b = draw_images(2, 63, 50), draw_images(2, 63, 50)
    entry = {"seed": seed, "shape": [2, 3, 63, 50]}
    for version in ["0.0", "0.1"]:
        layers, total, spatial = lpips(lambda x: taps(net, x), linear, 2 * a - 1, 2 * b - 1, version)
        entry[version] = {
            "layers": [value.tolist() for value in layers],
            "total": total.tolist(),
            "map": [spatial[0, 0, 0].item(), spatial[0, 31, 24].item(), spatial[1, 62, 49].item(), spatial.mean().item()],
        }
    result[name] = entry

net = draw_network(VGG, 3)
alpha, beta = torch.rand(1475).double(), torch.rand(1475).double()
a, b = draw_images(2, 61, 48), draw_images(2, 61, 48)
result["dists"] = {"seed": 3, "shape": [2, 3, 61, 48], "values": dists(net, alpha, beta, a, b).tolist()}

with open(os.path.join(folder, "perceptual.json"), "w") as file:
    json.dump({"torch": torch.__version__, **result}, file, indent=1)
    file.write("\n")


# --- Inception --------------------------------------------------------------------------------------------------------


class Inception:
    """Draws every convolution when it is first met, in the order of `order`, which the tests follow."""

    def __init__(self, seed):
        torch.manual_seed(seed)
        self.order = []
        self.params = {}

    def conv(self, x, name, output, size, **options):
        if name not in self.params:
            shape = (output, x.shape[1], *size)
            self.order.append([name, list(shape)])
            weight = conv_weights(shape)
            statistics = [torch.rand(output).double() for _ in range(4)]
            self.params[name] = (weight, statistics)
        weight, (gain, shift, mean, variance) = self.params[name]
        y = F.conv2d(x, weight, **options)
        return F.relu(F.batch_norm(y, mean - 0.5, variance + 0.5, gain + 0.5, shift - 0.5, eps=0.001))

    def a(self, x, name, pooled):
        c = lambda x, n, *rest, **k: self.conv(x, f"{name}.{n}", *rest, **k)
        y1 = c(x, "branch1x1", 64, (1, 1))
        y2 = c(c(x, "branch5x5_1", 48, (1, 1)), "branch5x5_2", 64, (5, 5), padding=2)
        y3 = c(x, "branch3x3dbl_1", 64, (1, 1))
        y3 = c(y3, "branch3x3dbl_2", 96, (3, 3), padding=1)
        y3 = c(y3, "branch3x3dbl_3", 96, (3, 3), padding=1)
        p = F.avg_pool2d(x, 3, 1, 1, count_include_pad=False)
        return torch.cat([y1, y2, y3, c(p, "branch_pool", pooled, (1, 1))], 1)

    def b(self, x, name):
        c = lambda x, n, *rest, **k: self.conv(x, f"{name}.{n}", *rest, **k)
        y1 = c(x, "branch3x3", 384, (3, 3), stride=2)
        y2 = c(c(x, "branch3x3dbl_1", 64, (1, 1)), "branch3x3dbl_2", 96, (3, 3), padding=1)
        y2 = c(y2, "branch3x3dbl_3", 96, (3, 3), stride=2)
        return torch.cat([y1, y2, F.max_pool2d(x, 3, 2)], 1)

    def c(self, x, name, w):
        c = lambda x, n, *rest, **k: self.conv(x, f"{name}.{n}", *rest, **k)
        wide, tall = dict(padding=(0, 3)), dict(padding=(3, 0))
        y1 = c(x, "branch1x1", 192, (1, 1))
        y2 = c(x, "branch7x7_1", w, (1, 1))
        y2 = c(y2, "branch7x7_2", w, (1, 7), **wide)
        y2 = c(y2, "branch7x7_3", 192, (7, 1), **tall)
        y3 = c(x, "branch7x7dbl_1", w, (1, 1))
        y3 = c(y3, "branch7x7dbl_2", w, (7, 1), **tall)
        y3 = c(y3, "branch7x7dbl_3", w, (1, 7), **wide)
        y3 = c(y3, "branch7x7dbl_4", w, (7, 1), **tall)
        y3 = c(y3, "branch7x7dbl_5", 192, (1, 7), **wide)
        p = F.avg_pool2d(x, 3, 1, 1, count_include_pad=False)
        return torch.cat([y1, y2, y3, c(p, "branch_pool", 192, (1, 1))], 1)

    def d(self, x, name):
        c = lambda x, n, *rest, **k: self.conv(x, f"{name}.{n}", *rest, **k)
        y1 = c(c(x, "branch3x3_1", 192, (1, 1)), "branch3x3_2", 320, (3, 3), stride=2)
        y2 = c(x, "branch7x7x3_1", 192, (1, 1))
        y2 = c(y2, "branch7x7x3_2", 192, (1, 7), padding=(0, 3))
        y2 = c(y2, "branch7x7x3_3", 192, (7, 1), padding=(3, 0))
        y2 = c(y2, "branch7x7x3_4", 192, (3, 3), stride=2)
        return torch.cat([y1, y2, F.max_pool2d(x, 3, 2)], 1)

    def e(self, x, name, pool):
        c = lambda x, n, *rest, **k: self.conv(x, f"{name}.{n}", *rest, **k)
        wide, tall = dict(padding=(0, 1)), dict(padding=(1, 0))
        y1 = c(x, "branch1x1", 320, (1, 1))
        y2 = c(x, "branch3x3_1", 384, (1, 1))
        y2a, y2b = c(y2, "branch3x3_2a", 384, (1, 3), **wide), c(y2, "branch3x3_2b", 384, (3, 1), **tall)
        y3 = c(c(x, "branch3x3dbl_1", 448, (1, 1)), "branch3x3dbl_2", 384, (3, 3), padding=1)
        y3a, y3b = c(y3, "branch3x3dbl_3a", 384, (1, 3), **wide), c(y3, "branch3x3dbl_3b", 384, (3, 1), **tall)
        return torch.cat([y1, y2a, y2b, y3a, y3b, c(pool(x), "branch_pool", 192, (1, 1))], 1)

    def __call__(self, x):
        features = {}
        x = self.conv(x, "Conv2d_1a_3x3", 32, (3, 3), stride=2)
        x = self.conv(x, "Conv2d_2a_3x3", 32, (3, 3))
        x = self.conv(x, "Conv2d_2b_3x3", 64, (3, 3), padding=1)
        x = F.max_pool2d(x, 3, 2)
        features["64"] = x
        x = self.conv(x, "Conv2d_3b_1x1", 80, (1, 1))
        x = self.conv(x, "Conv2d_4a_3x3", 192, (3, 3))
        x = F.max_pool2d(x, 3, 2)
        features["192"] = x
        x = self.a(self.a(self.a(x, "Mixed_5b", 32), "Mixed_5c", 64), "Mixed_5d", 64)
        x = self.b(x, "Mixed_6a")
        for name, width in [("b", 128), ("c", 160), ("d", 160), ("e", 192)]:
            x = self.c(x, f"Mixed_6{name}", width)
        features["768"] = x
        x = self.d(x, "Mixed_7a")
        x = self.e(x, "Mixed_7b", lambda x: F.avg_pool2d(x, 3, 1, 1, count_include_pad=False))
        x = self.e(x, "Mixed_7c", lambda x: F.max_pool2d(x, 3, 1, 1))
        features["2048"] = x
        return {key: value.mean([2, 3]) for key, value in features.items()}


# The image is drawn first, with a seed of its own: the weights need the sizes that flow through the network.
torch.manual_seed(5)
image = 2 * draw_images(1, 299, 299) - 1
network = Inception(4)
with torch.no_grad():
    features = network(image)
with open(os.path.join(folder, "inception.json"), "w") as file:
    json.dump(
        {
            "torch": torch.__version__,
            "imageSeed": 5,
            "weightSeed": 4,
            "order": [name for name, _ in network.order],
            "features": {key: [round(v, 9) for v in value[0, :: max(1, int(key) // 64)].tolist()] for key, value in features.items()},
        },
        file,
    )
    file.write("\n")
