"""What happens at the edges: the last evening of a market, the last unit of a product."""

from __future__ import annotations

from city import lived, plain

from sim.contract import CHANNEL, COUNT
from sim.state.ledger import REASON


def test_the_rewards_of_the_last_evening_are_paid() -> None:
    """Every good report that was told has earned its reward by the end, those of the last day included."""
    mechanisms = {"sharing": {"incentive": 2.0, "share_rate": 0.5}, "seeding": {"enabled": False}}
    market = lived(plain(mechanisms=mechanisms))
    shares = market.state.table("shares").rows
    told = shares[(shares["parent"] < 0) & (shares["good"] == 1)]
    assert (told["day"] == market.day - 1).any()
    assert market.book.flow[:, REASON["share_reward"]].sum() == 200 * len(told)
    assert len(market.state.table("bills")) == 0


def test_what_is_sold_out_leaves_the_shelf() -> None:
    """Nobody meets it by search any more, and its place goes to the others; notes about it may still be read."""
    market = lived(plain(), days=10)
    p, search = market.world.product_names.index("Leaf.black"), CHANNEL["search"]
    market.state.columns["stock"][p] = 0
    market.step()
    seen = market.book.tally[:, COUNT["impressions"], :, search]
    assert seen[9, p] > 0
    assert seen[10, p] == 0
    assert (market.mechanisms["feed"].weight[:, :, search] > 0).any(axis=0).sum() == len(market.world.product_names) - 1
