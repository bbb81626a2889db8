"""Adoptions of two real networks, which are not part of the project: skipped where the folder of data is absent."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

import sim
from sim.experiments.calibration.baselines import baselines
from sim.experiments.calibration.moments import target
from sim.experiments.calibration.plan import made


@pytest.fixture(scope="module")
def folder(root: Path) -> Path:
    where = Path(os.environ.get("SIM_DATA", root.parent / "shared" / "data"))
    if not (where / "brfarmers_nodes.csv").is_file():
        pytest.skip(f"no brfarmers_nodes.csv in {where}; SIM_DATA names another folder")
    return where


def plan_of(folder: Path, name: str, never: int, until: int) -> dict[str, Any]:
    """Bass's hazard of one's own friends on the real network, a period a step."""
    return {
        "scenario": "limits/bass", "base_dir": str(folder), "fit_days": until, "bins": until // 2, "posterior": 0,
        "set": {"market.consumers": None, "network": {"kind": "file", "path": str(folder / f"{name}_edges.csv")}},
        "free": {"mechanisms.awareness.p": [0.001, 0.3, "log"], "mechanisms.awareness.q": [0.005, 1]},
        "data": {"kind": "adoptions", "path": f"{name}_nodes.csv", "edges": f"{name}_edges.csv",
                 "columns": {"day": "toa"}, "first": 1, "never": [never]},
        "trials": 12, "rounds": 2,
    }  # fmt: skip


def test_the_calendar_tells_farmers_better_than_their_friends(folder: Path) -> None:
    """Brazilian farmers: time alone beats Bass and the network, in the window and after it. The network still tells
    more than well mixed Bass inside the window: contagion and calendar are confounded there (Van den Bulte & Lilien
    2001 found the same for medInnovations)."""
    wanted = target(made(plan_of(folder, "brfarmers", 20, 14)))
    assert wanted.people == 692
    assert wanted.adoptions is not None
    table = baselines(wanted.adoptions, 14).set_index("model")
    assert table["aic"].idxmin() == table["held_out_loglik"].idxmax() == "calendar"
    assert table.loc["network", "aic"] < table.loc["Bass", "aic"]


@pytest.mark.slow
def test_the_market_on_doctors_network_agrees_with_likelihood(folder: Path) -> None:
    """medInnovations by simulated moments on the real network: p within three errors of the network model's own
    maximum likelihood, and q not told from nought, as there."""
    plan = made(plan_of(folder, "medInnovations", 18, 12))
    found = sim.calibrate(plan)
    table = found.table.set_index("parameter")
    network = found.baselines.set_index("model").loc["network"]
    p = table.loc["mechanisms.awareness.p"]
    assert abs(p["value"] - network["p"]) < 3 * p["error"]
    assert table.loc["mechanisms.awareness.q", "value"] < 0.25
