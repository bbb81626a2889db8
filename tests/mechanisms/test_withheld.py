"""A channel that is off: nothing of it is seen, its money is neither spent nor moved, and nothing else changes."""

from __future__ import annotations

from typing import Any

import pytest

import sim

CITY: dict[str, Any] = {
    "extends": ["presets/market/small_city.yaml", "presets/platforms/notes.yaml", "presets/platforms/group_buy.yaml"],
    "market": {"consumers": 800, "days": 20, "reference_consumers": 800},
    "merchants": [{
        "name": "Lumi", "products": [{"name": "serum", "category": "beauty", "price": 120, "unit_cost": 40,
                                      "quality": 0.9, "initial": {"aware": 0.3, "buyers": 0.05}}],
        "plan": {"budget_per_day": 300, "mix": {"ads": 0.4, "koc": 0.4, "community": 0.2},
                 "group": {"size": 2, "discount": 0.3}},
    }],
}  # fmt: skip
SPENT = ["ads", "koc", "community"]


def lived(off: list[str], **settings: Any) -> Any:
    return sim.Market(CITY, seed=3, **{"merchants.Lumi.off": off, **settings}).run()


@pytest.fixture(scope="module")
def usual() -> Any:
    return lived([]).channels.set_index("channel")


@pytest.mark.parametrize("channel", ["ads", "koc", "community", "friend", "search"])
def test_nothing_of_it_is_seen_and_nothing_is_paid_for_it(usual: Any, channel: str) -> None:
    found = lived([channel]).channels.set_index("channel")
    assert usual.loc[channel, "impressions"] > 0
    assert found.loc[channel, "impressions"] == 0
    assert found.loc[channel, "spend"] == 0


def test_its_money_goes_to_nobody_else(usual: Any) -> None:
    found = lived(["koc"]).channels.set_index("channel")
    assert usual.loc["koc", "spend"] > 0
    assert found.loc["ads", "spend"] <= usual.loc["ads", "spend"] * 1.02


def test_nor_does_a_purse_for_the_whole_horizon_last_longer() -> None:
    limit = {"merchants.Lumi.plan.total": 3000}
    ads = [lived(off, **limit).channels.set_index("channel").loc["ads", "spend"] for off in ([], ["koc"])]
    assert ads[1] <= ads[0] * 1.02


def test_money_saved_in_warm_up_is_not_spent_either(usual: Any) -> None:
    scenario = sim.load(CITY, set={"market.warmup": 10, "strategies.dark": {"merchants.Lumi.off": SPENT}})
    found = sim.Market(scenario, strategy="dark", seed=3).run()
    assert found.channels.set_index("channel").loc[["ads", "community"], "spend"].sum() == 0
    assert found.summary["marketing_spend"] < 0.02 * usual.loc[SPENT, "spend"].sum(), "rewards promised before day 0"
    assert found.channels.set_index("channel").loc[["ads", "koc", "community"], "impressions"].sum() == 0


def test_invitations_are_not_sent() -> None:
    settings = {"mechanisms.group_buy.invites": 5, "mechanisms.group_buy.accept": "constant",
                "mechanisms.group_buy.accept_rate": 0.9, "merchants.Lumi.products.serum.price": 40,
                "merchants.Lumi.products.serum.initial": {"aware": 1.0}, "market.days": 30}  # fmt: skip
    with_, without = (lived(off, **settings).summary for off in ([], ["invite"]))
    assert with_["group_completion"] > 0.1
    assert without["groups_opened"] > 0
    assert without["group_completion"] < with_["group_completion"] / 2


def test_a_channel_without_money_or_exposures_changes_nothing_at_all() -> None:
    one, other = lived([]), lived(["kol"])
    assert one.summary.equals(other.summary)
    assert one.daily.equals(other.daily)


def test_only_known_channels() -> None:
    with pytest.raises(sim.ScenarioError, match=r"merchants\.Lumi\.off"):
        sim.load(CITY, set={"merchants.Lumi.off": ["television"]})
