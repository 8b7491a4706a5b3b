"""Takes the training step of `train-step.ts` in PyTorch on the CPU, once for every line of its input.

The same network, batch, loss and optimizer; filters start from other random values, which does not change the work.
Prints {"available": true, "version": …, "blas": …} first, or {"available": false} where PyTorch cannot be imported, then the loss
of every step.

usage: python3 train-step.py [--threads N] [--batch N] [--size N] [--channels N] [--blocks N] [--layout nchw|nhwc]
"""

import argparse
import json
import sys


def parse_arguments():
    parser = argparse.ArgumentParser()
    for name, default in [("threads", 2), ("batch", 8), ("size", 64), ("channels", 64), ("blocks", 3)]:
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--layout", choices=["nchw", "nhwc"], default="nchw")
    return parser.parse_args()


def build(torch, channels, blocks):
    nn = torch.nn

    class Block(nn.Module):
        """x + conv(silu(norm(conv(silu(norm(x))))))"""

        def __init__(self):
            super().__init__()
            layers = []
            for _ in range(2):
                layers += [nn.GroupNorm(channels // 4, channels), nn.SiLU(), nn.Conv2d(channels, channels, 3, padding=1)]
            self.body = nn.Sequential(*layers)

        def forward(self, x):
            return x + self.body(x)

    return nn.Sequential(
        nn.Conv2d(3, channels, 3, padding=1),
        *[Block() for _ in range(blocks)],
        nn.Conv2d(channels, 3, 3, padding=1),
    )


def make_step(torch, args):
    model = build(torch, args.channels, args.blocks)
    x = torch.randn(args.batch, 3, args.size, args.size)
    if args.layout == "nhwc":
        model = model.to(memory_format=torch.channels_last)
        x = x.contiguous(memory_format=torch.channels_last)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-4)

    def step():
        optimizer.zero_grad(set_to_none=True)
        loss = torch.nn.functional.mse_loss(model(x), x)
        loss.backward()
        optimizer.step()
        return loss.item()

    return step


def blas_of(maps):
    """Name of the library for matrix products among the loaded ones, with its folder: on Debian that tells which it is."""
    paths = {line.split()[-1] for line in maps.splitlines() if ".so" in line}
    found = sorted(path for path in paths if any(name in path.rsplit("/", 1)[1] for name in ("blas", "mkl_rt", "mkl_core")))
    return "/".join(found[0].rsplit("/", 2)[1:]) if found else "built in"


def main():
    args = parse_arguments()
    try:
        import torch
    except ImportError:
        print(json.dumps({"available": False}))
        return
    torch.set_num_threads(args.threads)
    torch.manual_seed(1)
    step = make_step(torch, args)
    # A product loads the library where it is loaded late.
    torch.ones(2, 2) @ torch.ones(2, 2)
    try:
        with open("/proc/self/maps") as maps:
            blas = blas_of(maps.read())
    except OSError:
        blas = "unknown"
    print(json.dumps({"available": True, "version": torch.__version__, "blas": blas}), flush=True)
    for _ in sys.stdin:
        print(step(), flush=True)


main()
