"""No knob is dropped in silence: every numeric parameter of every mechanism changes the run it belongs to."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest

import sim
from sim.scenario.explain import Entry, book

CITY: dict[str, Any] = {
    "extends": ["presets/market/small_city.yaml", "presets/platforms/notes.yaml", "presets/platforms/group_buy.yaml"],
    "name": "levers",
    "market": {"consumers": 1500, "days": 50},
    "focal": "A",
    "merchants": [
        {
            "name": "A",
            "service": 0.7,
            "honesty": 0.8,
            "products": [
                {
                    "name": "x",
                    "category": "beauty",
                    "price": 120,
                    "unit_cost": 30,
                    "cycle_days": 20,
                    "initial": {"aware": 0.3, "buyers": 0.1, "reviews": 30},
                },
                {
                    "name": "y",
                    "category": "food",
                    "price": 40,
                    "unit_cost": 12,
                    "inventory": 60,
                    "initial": {"aware": 0.3, "buyers": 0.1},
                },
            ],
            "plan": {
                "budget_per_day": 900,
                "mix": {"ads": 0.3, "kol": 0.3, "koc": 0.3, "community": 0.1},
                "group": {"size": 2, "hours": 24, "discount": 0.25},
                "pushes_per_week": 5,
            },
        },
        {
            "name": "B",
            "products": [
                {
                    "name": "z",
                    "category": "beauty",
                    "price": 100,
                    "unit_cost": 30,
                    "initial": {"aware": 0.3, "buyers": 0.1},
                }
            ],
            "plan": {"budget_per_day": 200, "mix": {"ads": 1}},
        },
    ],
}

NEEDS: dict[str, dict[str, Any]] = {
    "mechanisms.awareness.alpha": {
        "mechanisms.awareness.rule": "contact",
        "mechanisms.feed.enabled": False,
        "mechanisms.ads.enabled": False,
    },
    "mechanisms.awareness.beta_weak": {"mechanisms.awareness.rule": "contact"},
    "mechanisms.awareness.beta_strong": {"mechanisms.awareness.rule": "contact"},
    "mechanisms.awareness.talk_days": {"mechanisms.awareness.rule": "contact"},
    "mechanisms.awareness.p": {"mechanisms.awareness.rule": "hazard"},
    "mechanisms.awareness.q": {"mechanisms.awareness.rule": "hazard"},
    "mechanisms.awareness.phi": {"mechanisms.awareness.rule": "threshold"},
    "mechanisms.awareness.b": {"mechanisms.awareness.rule": "cascade"},
    "mechanisms.persuasion.kappa.contact": {"mechanisms.awareness.rule": "contact"},
    "mechanisms.persuasion.hype_weight.contact": {"mechanisms.awareness.rule": "contact"},
    "mechanisms.choice.dirichlet_s": {"mechanisms.choice.tastes": "dirichlet"},
    "mechanisms.group_buy.accept_rate": {"mechanisms.group_buy.accept": "constant"},
    "mechanisms.sharing.b": {"mechanisms.sharing.rule": "percolation"},
    "mechanisms.sharing.incentive_effect": {"mechanisms.sharing.incentive": 10},
    "mechanisms.supply.outage": {"merchants.A.products.y.supply": {"lead_days": 3}},
    "mechanisms.service.ask_share": {"merchants.A.desk": {"staff": 1, "handle_minutes": 300}},
    "mechanisms.service.patience_minutes": {"merchants.A.desk": {"staff": 1, "handle_minutes": 300}},
    "mechanisms.pricing.undercut": {"mechanisms.pricing.rivals": "follow_price"},
}
"""The switch under which a parameter speaks, where that is not the default."""

MEMBERS: dict[str, Any] = {
    "mechanisms.membership.enabled": True,
    "merchants.A.plan.membership": {
        "points": {"earn": 0.1, "least": 0.1}, "tiers": [{"name": "gold", "spend": 0, "discount": 0.2}],
        "paid": {"fee": 30, "days": 60, "discount": 0.3},
    },
}
LETTERS: dict[str, Any] = {
    "mechanisms.crm.enabled": True, "mechanisms.crm.at_risk_days": 4, "mechanisms.crm.lapsed_days": 9,
    "mechanisms.loyalty.beta_a": 5,
    "merchants.A.plan.crm": {"rules": [
        {"name": stage, "stage": stage, "every_days": 2, "coupon": {"value": 30}} for stage in ("at_risk", "lapsed")
    ]},
}
GROUPS: dict[str, Any] = {
    "mechanisms.talk.enabled": True, "mechanisms.talk.care": 0.5, "mechanisms.talk.hear": 0.9,
    "mechanisms.talk.speak": 0.9, "mechanisms.community.join": 0.9,
}
HANDED: dict[str, Any] = {"mechanisms.hand_over.enabled": True}
BY_BLOCK = {"membership": MEMBERS, "crm": LETTERS, "talk": GROUPS, "hand_over": HANDED}
FRIENDS: dict[str, Any] = {
    **{f"mechanisms.{name}.enabled": True for name in ("referral", "bargain", "distribution")},
    "merchants.A.plan.referral": {"inviter_reward": 20, "invitee_reward": 10, "gift_reward": 5},
    "merchants.A.plan.bargain": {"floor": 0.5}, "merchants.A.plan.distribution": {"commissions": [0.2, 0.1]},
}
ON_AIR: dict[str, Any] = {
    "mechanisms.live.enabled": True, "merchants.A.plan.mix.live": 1.0,
    "merchants.A.plan.live": {"hosts": {"brand": 5, "virtual": 3}, "traffic": 0.5, "discount": 0.2, "countdown": 0.5},
}
BY_BLOCK |= {"referral": FRIENDS, "bargain": FRIENDS, "distribution": FRIENDS, "live": ON_AIR}
NEEDS |= {f"mechanisms.persuasion.{table}.{channel}": FRIENDS
          for table in ("kappa", "aware") for channel in ("referral", "distribution")}  # fmt: skip
NEEDS |= {f"mechanisms.persuasion.{table}.live": ON_AIR for table in ("kappa", "aware", "hype_weight")}
NEEDS["mechanisms.delivery.return_urgency"] = ON_AIR
OFFERS: dict[str, Any] = {
    **{f"mechanisms.{name}.enabled": True for name in (
        "content", "bundles", "paid_content", "store", "charity", "green", "membership", "moderation")},
    "mechanisms.moderation.inspections": 0.9, "merchants.A.honesty": 0.3,
    "merchants.A.products": [
        {"name": "x", "category": "beauty", "price": 120, "unit_cost": 30, "quality": 0.6, "green": 0.1,
         "green_claim": 0.9, "initial": {"aware": 0.3, "buyers": 0.1}},
        {"name": "read", "category": "beauty", "price": 40, "access": {"days": 20, "trial": 0.4, "recommends": ["x"]},
         "initial": {"aware": 0.3, "buyers": 0.1}},
        {"name": "set", "category": "beauty", "price": 230, "bundle": {"units": {"x": 2, "read": 1}},
         "initial": {"aware": 0.3}},
        {"name": "visit", "category": "food", "price": 40, "unit_cost": 12,
         "voucher": {"valid_days": 12, "km": {"out": 6}}, "initial": {"aware": 0.5}},
    ],
    "logistics.regions": [{"name": "in"}, {"name": "out"}], "mechanisms.regions.enabled": True,
    "merchants.A.plan.mix": {"content": 0.8, "ads": 0.2},
    "merchants.A.plan.content": {"matrix": {"seed": 1, "decision": 1, "trust": 1, "fission": 1}, "ai": 0.6},
    "merchants.A.plan.donation": {"share": 0.2, "given": 0.5, "report_days": 7},
    "merchants.A.plan.green_points": {"per_order": 5}, "merchants.A.plan.membership": {"points": {}},
}
"""Posts, sets, content, vouchers, donations and claims of one merchant: under it their parameters speak."""
BY_BLOCK |= dict.fromkeys(("content", "bundles", "paid_content", "store", "charity", "green"), OFFERS)
NEEDS |= {f"mechanisms.persuasion.{at}": OFFERS for at in ("kappa.content", "kappa.store", "aware.store")}
NEEDS |= {f"mechanisms.content.{name}": OFFERS | {"mechanisms.content.label": False} for name in ("notice", "hidden")}
NEEDS["mechanisms.referral.accept_rate"] = FRIENDS | {"mechanisms.referral.accept": "constant"}
LOTS = {
    "mechanisms.membership.random_share": MEMBERS | {"mechanisms.membership.assign": "random"},
    "mechanisms.community.random_share": {"mechanisms.community.assign": "random"},
}
"""Blocks that are off unless a plan asks for them, and what asks for them."""
BY_BLOCK |= {"listings": {"merchants.A.products.x.listings": [{"name": "notes"}]}}
NEEDS |= {f"mechanisms.creators.{p}": {"mechanisms.creators.fee_response": 0.3} for p in ("fee_load", "fee_band")}
LOTS["mechanisms.referral.random_share"] = FRIENDS | {"mechanisms.referral.bonds": "random"}
HONESTY: dict[str, Any] = {
    **{f"mechanisms.{name}.enabled": True for name in ("reviews", "dishonesty", "moderation", "assurance")},
    "mechanisms.moderation.inspections": 0.9, "mechanisms.moderation.delay": 2, "mechanisms.creators.disclosure": False,
    "merchants.A.honesty": 0.2, "merchants.A.deposit": 500, "merchants.A.review_reward": {"yuan": 2},
    "merchants.A.tricks": {"fake_orders": 60, "when": "pays", "fee": 1, "counterfeit": 0.2},
    "merchants.A.assurance": {"refund": True, "compensation": 2, "verify": 0.3, "trace": True, "tryon": 0.3},
}  # fmt: skip
"""Everybody cheats, reviews, reassures and polices: under it the parameters of the four mechanisms speak."""
NEEDS |= {e.path: HONESTY for e in book() if e.path.startswith(
    ("mechanisms.reviews.", "mechanisms.dishonesty.", "mechanisms.moderation.", "mechanisms.assurance."))}  # fmt: skip
WATCHED = HONESTY | {"mechanisms.moderation.inspections": 1.0}
NEEDS["mechanisms.moderation.sample"] = WATCHED | {
    "merchants.A.honesty": 1.0, "merchants.A.tricks": {"counterfeit": 0.05}}  # fmt: skip
NEEDS["mechanisms.moderation.tolerance"] = WATCHED | {"merchants.A.tricks": {}}

BY_DESIGN = {
    "mechanisms.persuasion.aware.community": "members have bought, so they are aware already",
    "mechanisms.persuasion.aware.contact": "the rule that makes the contact makes aware",
    "mechanisms.sharing.seen_cap": "binds only when somebody is sent more shares a day than the cap",
    "mechanisms.community.group_size": "binds only in communities larger than one chat group",
}

UNTRIED = {
    "mechanisms.pricing.undercut": "needs rivals who follow a price that moves",
    "mechanisms.service.patience_minutes": "needs a desk with a line (see tests/systems/test_supply.py)",
    "mechanisms.crm.at_risk_days": "needs customers whose stage turns on it within the city's few days",
}
"""Parameters whose switch nobody has found yet in this small city."""


def _entries() -> list[Entry]:
    return [
        e for e in book() if e.path.startswith("mechanisms.") and _number(e) is not None and e.path not in BY_DESIGN
    ]


def _number(entry: Entry) -> float | None:
    try:
        return float(entry.default)
    except ValueError:
        return None


def _digest(scenario: sim.Scenario) -> str:
    run = sim.Market(scenario, seed=1, check=False).run()
    return hashlib.md5(run.daily.to_numpy().tobytes() + run.summary.to_numpy().tobytes()).hexdigest()


@pytest.fixture(scope="module")
def digests() -> dict[str, str]:
    """Digest of the city under each set of switches, by their text."""
    return {}


@pytest.mark.slow
@pytest.mark.parametrize("entry", _entries(), ids=lambda e: e.path)
def test_parameter_acts(entry: Entry, digests: dict[str, str]) -> None:
    if entry.path in UNTRIED:
        pytest.skip(UNTRIED[entry.path])
    switches = (NEEDS | LOTS).get(entry.path) or BY_BLOCK.get(entry.path.split(".")[1], {})
    city = sim.load(CITY, set=switches)
    base = digests.setdefault(str(switches), "") or _digest(city)
    digests[str(switches)] = base
    now = _number(entry)
    assert now is not None
    whole = entry.type.startswith("whole")
    for value in (*(entry.plausible or ()), now * 2 + 0.1, now / 2, now + 1, 0, 30):
        try:
            changed = city.with_set({entry.path: int(value) if whole else float(value)})
        except sim.ScenarioError:
            continue
        if _digest(changed) != base:
            return
    pytest.fail(f"no value of {entry.path} changes the run")
