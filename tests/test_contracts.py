"""The contract tests find what they are for: each broken promise is named, and honest classes pass."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import sim
from sim import plugins
from sim.contract import Column, Mechanism, MechanismParams, quantity
from sim.rng import day_key, entity_key, stream_of, uniform
from sim.testing import ContractBroken, check_mechanism, check_policy

FILE = Path(__file__).resolve().parent.parent / "examples" / "lottery.py"
STREAM = stream_of("mood")


class MoodParams(MechanismParams):
    """A mood that comes and goes."""

    chance: float = quantity(0.3, "Chance of a good mood.", unit="probability", ge=0, le=1)


class Mood(Mechanism):
    """People are in a good mood, or not."""

    name = "mood"
    Params = MoodParams
    columns = (Column("mood", ("N",), np.uint8, "0/1", "Good mood today.", owner="mood"),)
    reads = ("id",)
    writes = ("mood",)
    equation = "mood ~ Bernoulli(chance)"

    def block(self, view: Any, day: int, lo: int, hi: int, scratch: Any) -> None:
        base = day_key(view.seed, STREAM, day)
        for i in range(lo, hi):
            view.mood[i] = uniform(entity_key(base, view.id[i]), 0) < self.params.chance


def broken(**changes: Any) -> list[str]:
    """Names of the promises that a changed Mood breaks."""
    with pytest.raises(ContractBroken) as found:
        check_mechanism(type("Changed", (Mood,), {"__doc__": "Changed.", **changes}), days=4)
    return [name for name, _ in found.value.broken]


def test_an_honest_mechanism_keeps_every_promise() -> None:
    before = dict(plugins.registry.classes)
    kept = check_mechanism(Mood, days=4)
    assert len(kept) == 10
    assert plugins.registry.classes == before


def test_the_example_keeps_every_promise(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plugins, "registry", sim.contract.Registry())
    monkeypatch.setattr(sim.catalogue, "registry", plugins.registry)
    plugins.load_file(FILE)
    kept = check_mechanism(plugins.registry.classes["lottery"], {"share": 0.3}, set={"mechanisms.crm.enabled": True})
    assert "threads and blocks change no bit" in kept


def test_what_is_not_declared_whole_is_said_at_once() -> None:
    assert broken(equation="") == ["it is declared whole"]
    assert broken(name="feed") == ["it is declared whole"]

    class Bare(MechanismParams):
        """No passport."""

        chance: float = 0.3

    assert broken(Params=Bare) == ["it is declared whole"]


def test_a_hand_in_the_till_is_found() -> None:
    def evening(self: Any, view: Any, day: int) -> None:
        view.ledger.transfer(0, view.ledger.merchant0, 100, "sale", 0)

    assert "money moves by bills" in broken(reads=("id", "ledger"), evening=evening)


def test_a_way_around_the_view_is_found() -> None:
    def morning(self: Any, view: Any, day: int) -> None:
        view.market.state.columns["fatigue"][0] += 1

    assert "it writes only what it declares" in broken(reads=("id", "market"), morning=morning)


def test_an_undeclared_write_does_not_get_far() -> None:
    def morning(self: Any, view: Any, day: int) -> None:
        view.id[0] = 1

    assert broken(morning=morning) == ["it lives its days and the books balance"]


@pytest.mark.parametrize("generator", ["random", "numpy"])
def test_luck_from_a_global_generator_is_found(generator: str) -> None:
    def morning(self: Any, view: Any, day: int) -> None:
        view.mood[0] = random.random() < 0.5 if generator == "random" else np.random.rand() < 0.5  # noqa: NPY002

    assert "its luck is keyed" in broken(morning=morning)


def test_luck_by_position_is_found() -> None:
    """A draw that depends on where a block begins is another one when blocks are smaller."""

    def block(self: Any, view: Any, day: int, lo: int, hi: int, scratch: Any) -> None:
        base = day_key(view.seed, STREAM, day)
        for i in range(lo, hi):
            view.mood[i] = uniform(entity_key(base, i - lo), 0) < self.params.chance

    assert broken(block=block) == ["threads and blocks change no bit"]


def test_what_lingers_outside_the_market_is_found() -> None:
    seen: list[int] = []

    def morning(self: Any, view: Any, day: int) -> None:
        seen.append(day)
        view.mood[0] = len(seen) % 7

    def block(self: Any, view: Any, day: int, lo: int, hi: int, scratch: Any) -> None:
        pass

    assert "the same seed gives the same bits" in broken(morning=morning, block=block)


def test_a_mechanism_that_never_acts_is_told_so() -> None:
    assert broken(block=lambda *given: None) == ["it does something"]


# ---------------------------------------------------------------------------------------------------------- policies


class Cutter(sim.MerchantPolicy):
    """Cuts its price when yesterday was slow."""

    def __init__(self) -> None:
        self.cuts = 0

    def plan(self, view: Any) -> Any:
        slow = sum(view.yesterday.orders.values()) < 3
        self.cuts += slow
        return sim.Plan(discount=0.2, mix={"ads": 1}) if slow and view.luck("cut") < 0.8 else None


def test_an_honest_policy_keeps_every_promise() -> None:
    assert len(check_policy(Cutter(), days=6)) == 6


def test_a_policy_that_cannot_be_is_refused() -> None:
    for plan, message in (
        (sim.Plan(discount=1.5), r"policies\.Leaf\.discount"),
        (sim.Plan(mix={"radio": 1}), r"policies\.Leaf\.mix\.radio"),
        ({"discount": 0.1}, "gave dict, not Plan"),
    ):
        policy = type("Odd", (sim.MerchantPolicy,), {"plan": lambda self, view, plan=plan: plan})()
        with pytest.raises(ContractBroken, match=message):
            check_policy(policy, days=3)
    with pytest.raises(ContractBroken, match="give an instance"):
        check_policy(Cutter)


def test_a_policy_with_luck_of_its_own_is_found() -> None:
    gamble = {"plan": lambda self, view: sim.Plan(discount=random.random() / 2)}
    policy = type("Gambler", (sim.MerchantPolicy,), gamble)()
    with pytest.raises(ContractBroken, match="global generator"):
        check_policy(policy, days=3)


