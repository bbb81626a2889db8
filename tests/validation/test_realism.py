"""The generator beside real graphs: the distance is a distance, and settings tried are told."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sim.cli import call
from sim.contract import ScenarioError
from sim.state.network_stats import real_networks
from sim.validation.realism import LOGS, TENTHS, distance, gaps, likeness


def test_distance_is_nought_for_itself_and_grows_with_each_gap() -> None:
    real = {key: float(real_networks()[0][key]) for key in (*LOGS, *TENTHS)}
    assert distance(real, real) == 0
    assert gaps({**real, "clustering": real["clustering"] + 0.1}, real)["clustering"] == pytest.approx(1)
    assert distance({**real, "clustering": real["clustering"] + 0.1}, real) == pytest.approx((1 / 10) ** 0.5)
    assert distance({**real, "mean_degree": 2 * real["mean_degree"]}, real) > distance({**real, "mean_degree": 1.2 *
                                                                                        real["mean_degree"]}, real)


def test_settings_that_come_nearer_are_named() -> None:
    found = likeness("lastfm_hetrec_friends", trials=3)
    packaged, matched, best = found.distances
    assert best <= matched
    assert (best < matched) == bool(found.nearer)
    assert found.matched["mean_degree"] == pytest.approx(found.real["mean_degree"], rel=0.05)
    assert packaged == pytest.approx(distance(found.packaged, found.real))


def test_an_unknown_graph_or_case_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ScenarioError, match="did you mean 'lastfm_asia'"):
        likeness("lastfm_asi")
    assert call(["verify", "V1O"]) == 2
    assert "did you mean" in capsys.readouterr().err
    assert call(["verify", "V18"]) == 2
    assert "held by a test (tests/systems/test_cue.py)" in capsys.readouterr().err


def test_verify_writes_a_page_and_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert call(["verify", "nbd-law", "watts", "--quick", "--jobs", "1", "--json", "-q", "--out", str(tmp_path)]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["passed"] is True
    assert {c["case"] for c in said["cases"]} == {"nbd-law", "watts"}
    assert all(c["passed"] for c in said["checks"])
    page = Path(said["page"]).read_text(encoding="utf-8")
    assert page.count("<svg") == 2
    assert "Watts 2002" in page
