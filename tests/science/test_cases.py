"""The cases that ``python -m sim verify`` runs, here as tests: the same code, quick or at full size."""

from __future__ import annotations

import pytest

from sim.validation.case import Check
from sim.validation.cases import CASES, NOT_YET, ROOMS
from sim.validation.verify import run_case

SLOW = {"V02", "V03.hubs", "V03.regular", "V04.referral", "V15", "V17", "V22.auction", "V22.stock"}
"""Cases that are slow even when they are quick."""


def assert_passes(key: str, quick: bool) -> None:
    """Run a case and name every number that is off."""
    verdict = run_case((key, quick))
    assert not verdict.error, verdict.error
    assert verdict.finding is not None
    wrong = [check for check in verdict.finding.checks if not check.passed]
    assert not wrong, "\n".join(map(str, wrong))
    assert verdict.passed


@pytest.mark.parametrize("key", [c.key for c in CASES if c.key not in SLOW])
def test_case_passes(key: str) -> None:
    assert_passes(key, quick=True)


@pytest.mark.slow
@pytest.mark.parametrize("key", [c.key for c in CASES])
def test_case_passes_at_full_size(key: str) -> None:
    assert_passes(key, quick=False)


def test_every_case_says_what_it_claims() -> None:
    keys = [case.key for case in CASES]
    assert len(keys) == len(set(keys)) == sum(len(room.SHELF.cases) for room in ROOMS)
    assert all(case.text and case.source and case.title for case in CASES)
    assert all(case.reason for case in NOT_YET)


@pytest.mark.parametrize(("rule", "observed", "passes"), [
    ("near", 1.2, True), ("near", 1.3, False), ("near", float("nan"), False),
    ("far", 1.3, True), ("far", 1.2, False), ("far", float("nan"), False),
    ("above", 1.3, True), ("above", 1.2, False), ("below", 0.7, True), ("below", 0.8, False),
])
def test_a_check_can_fail(rule: str, observed: float, passes: bool) -> None:
    assert Check("x", 1.0, observed, 0.25, rule).passed is passes  # type: ignore[arg-type]


def test_a_band_has_two_ends() -> None:
    assert [Check("x", 1.0, v, 2.0, "within").passed for v in (0.9, 1.0, 2.0, 2.1)] == [False, True, True, False]
