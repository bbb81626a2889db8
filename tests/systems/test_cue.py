"""V18: a friend's endorsement lifts clicks at the first friend, and no further friend adds to it (Huang & Lin)."""

from __future__ import annotations

import numpy as np
import pytest

from sim import load
from sim.contract import CHANNEL
from sim.market import Market
from sim.state.exposures import table
from sim.state.records import MESSAGE

PEOPLE, MOST, UNTIL = 24_000, 3, 40
SHOP = {
    "name": "one shop",
    "market": {"consumers": PEOPLE, "days": UNTIL},
    "network": {"kind": "community", "mean_degree": 8},
    "segments": [{"name": "all", "share": 1, "affinity": {"tea": 0.5}}],
    "categories": [{"name": "tea", "reference_price": 50, "occasions_per_year": 6}],
    "platforms": [{"name": "feed", "activity": 0.8, "feed_length": 60, "rest_of_market": 100}],
    "merchants": [{"name": "Leaf", "products": [{"name": "green", "category": "tea", "price": 45, "unit_cost": 15}],
                   "plan": {"budget_per_day": 60_000, "mix": {"ads": 1}}}],
    "mechanisms": {"sharing": {"share_rate": 0, "bad_share_rate": 0}, "seeding": {"enabled": False}},
    "outcomes": ["profit"],
}  # fmt: skip


def told(market: Market, friends: np.ndarray) -> None:
    """Tomorrow as many friends as ``friends`` says speak well of the product to each person."""
    whom = np.repeat(np.arange(PEOPLE), friends)
    news = np.zeros(len(whom), MESSAGE)
    news["target"], news["sender"] = whom, (whom + 1 + np.arange(len(whom))) % PEOPLE
    news["good"], news["signal"] = 1, 0.7
    market.state.table("outbox").append(news)


@pytest.mark.parametrize("cue", [1.3, 1.0])
def test_clicks_jump_at_the_first_friend_and_are_flat_after(cue: float) -> None:
    market = Market(load(SHOP, set={"mechanisms.clicks.cue": cue}), seed=3)
    friends = np.random.default_rng(5).integers(0, MOST + 1, PEOPLE)
    market.step()
    told(market, friends)
    seen, clicked = np.zeros(MOST + 1), np.zeros(MOST + 1)
    while market.day < UNTIL:
        market.step()
        if market.day < 20:
            continue  # the friends' own words are as good as forgotten: only their endorsement stays
        for words, count in ((market._scratch[0].shown, seen), (market._scratch[0].clicked, clicked)):
            found = table(words.rows)
            ads = found["channel"] == CHANNEL["ads"]
            times = found["count"][ads] if count is seen else np.ones(ads.sum())
            np.add.at(count, friends[found["row"][ads]], times)
    rate = clicked / seen
    error = np.sqrt(rate / seen)
    assert clicked.min() > 2_000
    assert rate[1] / rate[0] == pytest.approx(cue, abs=4 * error[0] / rate[0] * cue)
    for more in (2, 3):
        assert rate[more] == pytest.approx(rate[1], abs=4 * np.hypot(error[more], error[1]))
