"""Writes the small weights files that the tests of the readers use.

Run: /usr/bin/python3 packages/metrics/scripts/make-weight-fixtures.py   (Debian: python3-torch, python3-numpy)
"""

import collections
import os
import pickle
import zipfile

import numpy as np
import torch

folder = os.path.join(os.path.dirname(__file__), "..", "src", "weights", "fixtures")
os.makedirs(folder, exist_ok=True)


def state():
    values = torch.arange(24, dtype=torch.float32).reshape(2, 3, 4)
    return collections.OrderedDict(
        [
            ("conv.weight", values.clone()),
            ("conv.turned", values.permute(2, 0, 1)),  # a strided view of a storage of its own
            ("conv.part", values[1, 1:]),  # a view with an offset, same storage
            ("half", torch.tensor([0.5, -2.0, 65504.0], dtype=torch.float16)),
            ("brain", torch.tensor([1.5, -3.0e38], dtype=torch.bfloat16)),
            ("double", torch.tensor([0.1, 1e300], dtype=torch.float64)),
            ("count", torch.tensor(7, dtype=torch.int64)),
            ("parameter", torch.nn.Parameter(torch.tensor([1.0, 2.0]))),
        ]
    )


torch.save(state(), os.path.join(folder, "state.pth"))
torch.save(state(), os.path.join(folder, "state-legacy.pth"), _use_new_zipfile_serialization=False)
torch.save({"state_dict": state(), "epoch": 3, "lr": 0.1, "note": "ä"}, os.path.join(folder, "nested.pth"))
module = torch.nn.BatchNorm2d(2)  # a state dictionary with versions as attributes
torch.save(module.state_dict(), os.path.join(folder, "module.pth"))
torch.save(torch.nn.Linear(2, 1), os.path.join(folder, "whole-model.pth"))


class Attack:
    def __reduce__(self):
        return (os.system, ("echo this must never run",))


with zipfile.ZipFile(os.path.join(folder, "attack.pth"), "w") as archive:
    archive.writestr("attack/data.pkl", pickle.dumps({"a": Attack()}, protocol=2))

arrays = {"mean": np.arange(3, dtype=np.float64) / 7, "matrix": np.arange(6, dtype=np.float32).reshape(2, 3)}
np.savez(os.path.join(folder, "arrays.npz"), **arrays)
np.savez_compressed(os.path.join(folder, "arrays-deflated.npz"), **arrays)
