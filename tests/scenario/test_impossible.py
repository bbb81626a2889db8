"""Combinations that cannot be are errors with a remedy, found when the scenario is read and not mid-run."""

from __future__ import annotations

import contextlib
import io
from pathlib import Path
from typing import Any

import pytest
import yaml

from sim.cli.app import call
from sim.contract import ScenarioError
from sim.scenario import load

SHOP: dict[str, Any] = {
    "extends": ["presets/market/small_city.yaml", "presets/platforms/notes.yaml"],
    "name": "shop", "market": {"consumers": 1000, "days": 60},
    "merchants": [{
        "name": "Lumi", "products": [{"name": "serum", "category": "beauty", "price": 169, "unit_cost": 55}],
        "plan": {"budget_per_day": 100, "mix": {"ads": 1}},
    }],
}  # fmt: skip
PLAN, SERUM = "merchants.Lumi.plan.", "merchants.Lumi.products.serum."
CLUB = {"mechanisms.membership.enabled": True}
TEST = {"merchants.Lumi.budgeting": {"by": "experiment"}, PLAN + "mix": {"ads": 1, "kol": 1}}

IMPOSSIBLE: dict[str, tuple[dict[str, Any], str, str]] = {
    "three levels": (
        {"mechanisms.distribution.enabled": True, PLAN + "distribution": {"commissions": [0.1, 0.05, 0.02]}},
        "3 levels", "keep the first two"),
    "a group of one": ({PLAN + "group": {"size": 1}}, "size", "must be >= 2"),
    "a promise shorter than the route": (
        {"logistics.delivery_days": 5, "logistics.promise_days": 2}, "promised in 2 days, but parcels take 5",
        "deliver sooner"),
    "a promise shorter than the region's route": (
        {"logistics.regions": [{"name": "a", "delivery_days": 6, "promise_days": 3}]}, "promised in 3 days",
        "deliver sooner"),
    "a paid membership that costs nothing": (
        CLUB | {PLAN + "membership": {"paid": {"fee": 0, "discount": 0.1}}}, "costs something", "make it a free tier"),
    "a paid membership that gives less than the free one": (
        CLUB | {PLAN + "membership": {"tiers": [{"name": "all", "spend": 0, "discount": 0.1}],
                                      "paid": {"fee": 20, "discount": 0.05}}}, "for nothing", "let it give more"),
    "a paid membership that gives nothing": (
        CLUB | {PLAN + "membership": {"paid": {"fee": 20}}}, "for nothing", "drop it"),
    "tiers out of order": (
        CLUB | {PLAN + "membership": {"tiers": [{"name": "a", "spend": 100}, {"name": "b", "spend": 50}]}},
        "must be more than that of 'a'", "in the order of spending"),
    "live and nobody hosts": ({PLAN + "mix": {"live": 1}}, "nobody hosts", "hosts: {brand: 5}"),
    "rewards while the mechanism is off": (
        {PLAN + "referral": {"inviter_reward": 5}}, "nothing comes of it", "referral.enabled: true"),
    "a friend paid to take it": (
        {"mechanisms.referral.enabled": True, PLAN + "referral": {"invitee_reward": 300}}, "paid to take",
        "offer less"),
    "a bargain that never gets there": (
        {"mechanisms.bargain.enabled": True, PLAN + "bargain": {"cut": 0.1, "shrink": 0.5}}, "no number of helpers",
        "let cut be at least"),
    "counterfeits nobody sends": (
        {"merchants.Lumi.tricks": {"counterfeit": 0.2}}, "acts only with", "mechanisms.dishonesty.enabled to true"),
    "a listing nowhere": ({SERUM + "listings": [{"name": "mars"}]}, "unknown platform 'mars'", "Declared: notes"),
    "two listings in a place": (
        {SERUM + "listings": [{"name": "notes"}, {"name": "notes"}]}, "a second listing", "once"),
    "an experiment on what everybody sees": (
        TEST | {PLAN + "mix": {"live": 1, "ads": 1}, PLAN + "live": {"hosts": {"brand": 2}}}, "live cannot be kept",
        "use last_touch"),
    "an experiment on one region": (
        TEST | {"merchants.Lumi.budgeting": {"by": "experiment", "unit": "region"}}, "nothing to compare with",
        "use people or day"),
    "an experiment on one channel": (
        {"merchants.Lumi.budgeting": {"by": "experiment"}}, "nothing to move", "at least two channels"),
    "a guard without ads": (
        {"platforms.notes.feed.ads": 0, "platforms.notes.guard": {}}, "no bought slots", "drop guard"),
    "at risk after having lapsed": (
        {"mechanisms.crm.at_risk_days": 90, "mechanisms.crm.lapsed_days": 60}, "must be more than at_risk_days",
        "at risk before"),
    "rivals that are not there": ({"mechanisms.pricing.rivals": "follow_price"}, "no rivals", "name a second merchant"),
    "made to order and out of stock": (
        {SERUM + "supply": {"lead_days": 3}}, "needs no supply", "say with inventory"),
    "a presale that ends after the end": ({SERUM + "presale": {"days": 90}}, "after the horizon", "(60)"),
}  # fmt: skip


@pytest.mark.parametrize("name", IMPOSSIBLE)
def test_what_cannot_be_is_refused_with_a_remedy(name: str) -> None:
    changes, said, remedy = IMPOSSIBLE[name]
    with pytest.raises(ScenarioError) as caught:
        load(SHOP, set=changes)
    assert said in str(caught.value)
    assert remedy in str(caught.value)


FIELDS: dict[str, tuple[dict[str, Any], str]] = {
    "overlapping events that exclude each other": (
        {"events": [{"use": "parcel_jam", "day": 10, "days": 10},
                    {"use": "parcel_jam", "day": 15, "days": 10, "name": "second"}]}, "move it"),
    "a tier nobody declared": ({"agencies": [{"name": "House", "signs": {"superstar": 0.5}}]}, "Declared: "),
    "more than all signed": (
        {"agencies": [{"name": "A", "signs": {"nano": 0.7}}, {"name": "B", "signs": {"nano": 0.7}}]}, "at most 100%"),
    "a share of three": ({"agencies": [{"name": "A", "signs": {"nano": 3}}]}, "<= 1 (got 3)"),
    "creators wanted, none declared": (
        {"creators": [], "merchants": [SHOP["merchants"][0] | {"plan": {"budget_per_day": 9, "mix": {"kol": 1}}}],
         "extends": [], "categories": [{"name": "beauty", "reference_price": 100}]}, "add a rate card"),
}  # fmt: skip


@pytest.mark.parametrize("name", FIELDS)
def test_validate_finds_it_and_writes_nothing(name: str, tmp_path: Path) -> None:
    """By the command, as a user would: exit code 2, the file and line, the remedy."""
    fields, remedy = FIELDS[name]
    file = tmp_path / "shop.yaml"
    file.write_text(yaml.safe_dump(SHOP | fields, sort_keys=False, allow_unicode=True), encoding="utf-8")
    out = io.StringIO()
    with contextlib.redirect_stderr(out), contextlib.redirect_stdout(out):
        code = call(["validate", str(file)])
    assert code == 2
    assert remedy in " ".join(out.getvalue().split())
    assert [f.name for f in tmp_path.iterdir()] == ["shop.yaml"]


def test_a_jam_may_break_a_promise() -> None:
    """What an event does to the route is late, not impossible."""
    made = load(SHOP | {"events": [{"name": "jam", "day": 5, "days": 3, "change": {
        "logistics.delivery_days": {"scale": 4}}}]})  # fmt: skip
    assert made.on_day(6).logistics.delivery_days > made.logistics.promise_days
