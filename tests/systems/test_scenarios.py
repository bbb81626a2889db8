"""Every scenario that comes along is well formed, asks a question worth reading, and runs."""

from __future__ import annotations

import contextlib
import io
from pathlib import Path

import numpy as np
import pytest

import sim
from sim.cli.app import call

FILES = sorted((Path(__file__).parents[2] / "scenarios").glob("*.yaml"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_scenario(file: Path, root: Path) -> None:
    with contextlib.redirect_stdout(io.StringIO()) as said:
        assert call(["validate", str(file)]) == 0
    assert "well formed" in said.getvalue()
    head = file.read_text(encoding="utf-8").split("extends:")[0]
    assert "# Context." in head
    assert "# What to look for." in head
    days = 20 if "presale:" not in file.read_text(encoding="utf-8") else 45  # a presale ends within the horizon
    made = sim.load(file, set={"market.days": days} | ({} if "network: {kind: file" in file.read_text(encoding="utf-8")
                                                    else {"market.consumers": 2_000}))  # fmt: skip
    assert made.question.endswith("?")
    assert made.topic
    assert made.uncertainties
    assert len(made.strategies) >= 3
    assert f"]({file.name})" in (root / "scenarios" / "README.md").read_text(encoding="utf-8")
    summary = sim.Market(made, strategy=next(iter(made.strategies)), seed=1).run().summary
    assert np.isfinite(summary["profit"])
    assert summary["orders"] > 0


def test_there_are_enough() -> None:
    assert len(FILES) >= 24
