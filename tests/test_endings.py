"""What happens at the edges: the last evening of a market, the last unit of a product."""

from __future__ import annotations

from city import lived, plain

from sim.state.ledger import REASON


def test_the_rewards_of_the_last_evening_are_paid() -> None:
    """Every good report that was told has earned its reward by the end, those of the last day included."""
    mechanisms = {"sharing": {"incentive": 2.0, "share_rate": 0.5}, "seeding": {"enabled": False}}
    market = lived(plain(mechanisms=mechanisms))
    shares = market.state.table("shares").rows
    told = shares[(shares["parent"] < 0) & (shares["good"] == 1)]
    assert (told["day"] == market.day - 1).any()
    assert market.book.flow[:, REASON["note_reward"]].sum() == 200 * len(told)
    assert len(market.state.table("bills")) == 0
