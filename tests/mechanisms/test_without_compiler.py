"""The market without the compiler is the same market: what a debugger steps through is what runs (decision D18).

Two processes live the same small city, one compiled and one in plain Python. Events and counts are equal, quantities
agree to 1e-5: the compiler fuses and reorders arithmetic, so their last bits may differ.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

pytestmark = [
    pytest.mark.jitoff,
    pytest.mark.skipif(os.environ.get("NUMBA_DISABLE_JIT") != "1", reason="`make jitoff` compares the two"),
]

PEOPLE, DAYS = 200, 10


def test_plain_python_and_compiled_code_live_the_same_days(tmp_path: Path, root: Path) -> None:
    worlds = {}
    for name, plain in (("plain", "1"), ("compiled", "0")):
        out = tmp_path / f"{name}.npz"
        subprocess.run([sys.executable, str(root / "tests" / "plainly.py"), str(out), str(PEOPLE), str(DAYS)],
                       env=os.environ | {"NUMBA_DISABLE_JIT": plain}, check=True)  # fmt: skip
        worlds[name] = np.load(out)
    plain_world, compiled = worlds["plain"], worlds["compiled"]
    assert plain_world.files == compiled.files
    assert compiled["tally"].sum() > 0
    assert min(len(compiled[f"{table}:key"]) for table in ("orders", "groups", "posts")) > 10  # all of it happened
    for name in compiled.files:
        mine, theirs = plain_world[name], compiled[name]
        if mine.dtype.kind == "f":
            np.testing.assert_allclose(mine, theirs, rtol=1e-5, atol=1e-5, err_msg=name)
        else:
            np.testing.assert_array_equal(mine, theirs, err_msg=name)
