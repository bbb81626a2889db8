"""What intervals and probabilities promise, kept: 2,000 experiments drawn from a pool of 2,000 replications."""

from __future__ import annotations

import numpy as np
import pytest
from pools import EXPERIMENTS, SIZE, pool

from sim.contract import ScenarioError
from sim.experiments import statistics as s
from sim.experiments.multiple import holm, may_be_best, select
from sim.experiments.precision import Precision, affordable, parse, stages

BAND = (0.93, 0.97)


def covered(found: s.Interval | s.Difference, truth: float) -> bool:
    return found.low <= truth <= found.high


def test_fixed_intervals_cover() -> None:
    stock, rng = pool([0.0, 3.0]), np.random.default_rng(1)
    means = gaps = 0
    for _ in range(EXPERIMENTS):
        drawn = stock[rng.integers(0, SIZE, 12)]
        means += covered(s.mean_interval(drawn[:, 0]), 100.0)
        gaps += covered(s.mean_interval(drawn[:, 1] - drawn[:, 0]), 3.0)
    assert BAND[0] <= means / EXPERIMENTS <= BAND[1]
    assert BAND[0] <= gaps / EXPERIMENTS <= BAND[1]


def test_resampled_intervals_cover() -> None:
    stock, rng = pool([0.0, 3.0]), np.random.default_rng(2)
    gaps = stock[:, 1] - stock[:, 0]
    hits = 0
    for _ in range(EXPERIMENTS):
        low, high = s.bootstrap_interval(gaps[rng.integers(0, SIZE, 15)], draws=300)
        hits += low <= 3.0 <= high
    assert BAND[0] <= hits / EXPERIMENTS <= BAND[1]


def test_a_skewed_outcome_moves_the_resampled_interval() -> None:
    values = np.random.default_rng(4).lognormal(0.0, 1.0, 40)
    low, high = s.bootstrap_interval(values)
    plain = s.mean_interval(values)
    assert high - plain.mean > 1.2 * (plain.mean - low), "the long tail is on the right, and so is the doubt"


@pytest.mark.parametrize("wanted", [Precision("profit", 2.0, relative=False), Precision("profit", 0.02, relative=True)])
def test_sequential_intervals_cover_and_are_as_narrow_as_asked(wanted: Precision) -> None:
    """Both the mean that settled the number of replications and the paired difference beside it."""
    stock, rng = pool([0.0, 3.0]), np.random.default_rng(3)
    means = gaps = 0
    counts = []
    for _ in range(EXPERIMENTS):
        first = stock[rng.integers(0, SIZE, 10)]
        needed = stages({"a": first[:, 0], "b": first[:, 1]}, wanted).needed
        drawn = np.concatenate([first, stock[rng.integers(0, SIZE, needed - 10)]])
        found = s.mean_interval(drawn[:, 0], pilot=10)
        assert found.high - found.mean <= wanted.target * (first.mean(axis=0).max() if wanted.relative else 1) * 1.001
        means += covered(found, 100.0)
        gaps += covered(s.mean_interval(drawn[:, 1] - drawn[:, 0], pilot=10), 3.0)
        counts.append(needed)
    assert np.std(counts) > 10, "or nothing was sequential here"
    assert BAND[0] <= means / EXPERIMENTS <= BAND[1]
    assert BAND[0] <= gaps / EXPERIMENTS <= BAND[1]


def test_looking_until_it_pleases_would_not_cover() -> None:
    """The control: stopping at the first ordinary interval that is narrow enough covers too seldom."""
    stock, rng = pool([0.0])[:, 0], np.random.default_rng(3)
    hits = 0
    for _ in range(EXPERIMENTS):
        drawn = stock[rng.integers(0, SIZE, 400)]
        n = 3
        while n < 400 and (found := s.mean_interval(drawn[:n])).high - found.mean > 6.0:
            n += 1
        hits += covered(s.mean_interval(drawn[:n]), 100.0)
    assert hits / EXPERIMENTS < BAND[0]


def test_probability_of_being_best_is_calibrated() -> None:
    """Strategies differ by chance; of those said to be best with probability p, a share p is."""
    rng, n, k = np.random.default_rng(6), 10, 3
    said, right = [], []
    for _ in range(EXPERIMENTS):
        truth = rng.normal(0.0, 12.0, k)
        luck = rng.normal(0.0, 10.0, (n, 1))
        p = s.probability_best(truth + luck + rng.normal(0.0, 10.0, (n, k)), draws=400)
        said += p.tolist()
        right += (truth == truth.max()).tolist()
    chance, best = np.array(said), np.array(right)
    for low, high in ((0.0, 0.1), (0.1, 0.3), (0.3, 0.5), (0.5, 0.7), (0.7, 0.9), (0.9, 1.0)):
        mine = (chance >= low) & (chance <= high)
        assert mine.sum() > 100
        assert best[mine].mean() == pytest.approx(chance[mine].mean(), abs=0.06)


def test_expected_regret_is_what_is_lost_and_errs_on_the_careful_side() -> None:
    rng = np.random.default_rng(8)
    said = lost = 0.0
    for _ in range(EXPERIMENTS):
        truth = rng.normal(0.0, 12.0, 3)
        rows = truth + rng.normal(0.0, 10.0, (10, 3))
        pick = int(rows.mean(axis=0).argmax())
        said += s.expected_regret(rows, draws=300)[pick]
        lost += truth.max() - truth[pick]
    assert lost < said < 1.4 * lost, "its prior knows nothing of how far apart strategies are"


def test_holm_keeps_the_family_error_when_all_are_equal() -> None:
    """Six equal strategies; the rate is 4.6 % in the long run, and twice the experiments keep luck out of it."""
    stock, rng = pool([0.0] * 6), np.random.default_rng(11)
    plain = family = 0
    for _ in range(2 * EXPERIMENTS):
        drawn = stock[rng.integers(0, SIZE, 12)]
        p = [s.probability_better(drawn[:, k] - drawn[:, 0]) for k in range(1, 6)]
        two_sided = [2 * min(one, 1 - one) for one in p]
        plain += min(two_sided) < 0.05
        family += min(holm(two_sided)) < 0.05
    assert family / (2 * EXPERIMENTS) < 0.05
    assert plain / (2 * EXPERIMENTS) > 0.10, "the control: without correction it errs often"


def test_the_best_is_in_the_subset_that_may_be_best() -> None:
    stock, rng = pool([0.0, 0.0, 0.0, 1.0, -8.0]), np.random.default_rng(7)
    found = np.array([may_be_best(stock[rng.integers(0, SIZE, 12)]) for _ in range(EXPERIMENTS)])
    assert found[:, 3].mean() >= 0.95
    assert found[:, 4].mean() < 0.05, "and what is clearly worse is not"


def test_selection_finds_the_best_and_stops_early() -> None:
    stock, rng = pool([0.0, 0.0, 1.5]), np.random.default_rng(9)
    right, used = 0, []
    for _ in range(300):
        found = select(stock[rng.integers(0, SIZE, 1500)], zone=1.5, first=10)
        assert found.decided
        right += found.alive[2]
        used.append(found.used)
        assert found.used <= found.most
    assert right / 300 >= 0.95
    apart = [select(stock[rng.integers(0, SIZE, 1500)] + np.array([0, 0, 30.0]), zone=1.5).used for _ in range(20)]
    assert np.mean(apart) < np.mean(used) / 3, "a clear winner takes fewer replications"


def test_selection_needs_a_zone_and_enough_replications() -> None:
    rows = pool([0.0, 9.0])
    with pytest.raises(ValueError, match="indifference zone"):
        select(rows, zone=0.0)
    few = select(rows[:5], zone=1.0, first=10)
    assert (few.decided, few.used) == (False, 0)
    down = select(rows[:400], zone=1.0, better="down")
    assert down.alive == (True, False)
    assert down.dropped[0] == 0 < down.dropped[1]


def test_holm_by_hand() -> None:
    assert holm([0.01, 0.04, 0.03, float("nan")])[:3] == pytest.approx([0.03, 0.06, 0.06])
    assert np.isnan(holm([0.01, float("nan")])[1])
    assert holm([]) == []


def test_stein_by_hand() -> None:
    found = stages({"a": np.array([9.0, 11.0, 10.0]), "b": np.array([8.0, 12.0, 10.0])}, parse("profit=1"))
    assert (found.strategy, found.needed) == ("b", int(np.ceil((4.302652729911275 * 2.0) ** 2)))
    assert stages({"a": np.array([5.0, 5.0, 5.0])}, parse("profit=1%")).needed == 3, "what does not vary is known"


@pytest.mark.parametrize("column", [[1.0], [1.0, float("nan"), 2.0]])
def test_a_first_stage_that_says_nothing(column: list[float]) -> None:
    with pytest.raises(ScenarioError, match=r"observed in \d of \d first replications of 'a'"):
        stages({"a": np.array(column)}, parse("profit=1"))


def test_a_share_of_nothing() -> None:
    with pytest.raises(ScenarioError, match=r"the mean of 'a' is 0.*profit=\d"):
        stages({"a": np.array([-1.0, 1.0])}, parse("profit=2%"))


def test_what_a_budget_reaches_is_within_it() -> None:
    first = {"a": np.random.default_rng(0).normal(100.0, 30.0, 20)}
    wanted = parse("profit=0.5%")
    with pytest.raises(ScenarioError, match=r"500 reach about profit=") as said:
        affordable(stages(first, wanted), wanted, 500)
    text = str(said.value).split("reach about ")[1].split(".  ")[0].split(". Ask")[0]
    affordable(stages(first, parse(text)), parse(text), 500)
