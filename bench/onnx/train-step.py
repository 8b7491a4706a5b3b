"""Times the training step of `train-step.ts` in PyTorch on the CPU and prints one JSON object.

The same network, batch, loss and optimizer; filters start from other random values, which does not change the work.
Prints {"available": false} where PyTorch cannot be imported.

usage: python3 train-step.py [--threads N] [--steps N] [--batch N] [--size N] [--channels N] [--blocks N]
"""

import argparse
import json
import statistics
import time


def parse_arguments():
    parser = argparse.ArgumentParser()
    for name, default in [("threads", 2), ("steps", 10), ("batch", 8), ("size", 64), ("channels", 64), ("blocks", 3)]:
        parser.add_argument(f"--{name}", type=int, default=default)
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


def time_steps(torch, args, is_channels_last):
    model = build(torch, args.channels, args.blocks)
    x = torch.randn(args.batch, 3, args.size, args.size)
    if is_channels_last:
        model = model.to(memory_format=torch.channels_last)
        x = x.contiguous(memory_format=torch.channels_last)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-4)
    times = []
    for step in range(args.steps + 3):
        start = time.perf_counter()
        optimizer.zero_grad(set_to_none=True)
        loss = torch.nn.functional.mse_loss(model(x), x)
        loss.backward()
        optimizer.step()
        loss.item()
        if step >= 3:  # the first steps choose kernels and allocate
            times.append((time.perf_counter() - start) * 1000)
    return times


def main():
    args = parse_arguments()
    try:
        import torch
    except ImportError:
        print(json.dumps({"available": False}))
        return
    torch.set_num_threads(args.threads)
    torch.manual_seed(1)
    # The faster of PyTorch's two layouts counts.
    runs = {name: time_steps(torch, args, name == "nhwc") for name in ("nchw", "nhwc")}
    best = min(runs, key=lambda name: statistics.median(runs[name]))
    print(
        json.dumps(
            {
                "available": True,
                "version": torch.__version__,
                "layout": best,
                "medianMs": statistics.median(runs[best]),
                "medianMsByLayout": {name: statistics.median(times) for name, times in runs.items()},
                "timesMs": runs[best],
            }
        )
    )


if __name__ == "__main__":
    main()
