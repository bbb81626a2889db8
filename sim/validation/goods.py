"""Goods and traffic against queueing, inventory and auction theory (V22): Little, a bulk queue, stock, second price."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import stats

from sim.contract import COUNT
from sim.state.records import PAID, SHIPPED
from sim.validation.case import Check, Curve, Finding, Picture, Shelf, dots, limit, live, mean, standard_error
from sim.validation.laws import YEAR, bulk_queue

SHELF = Shelf()
NEVER = -30000


def usual(people: int, days: int, **changes: Any) -> Any:
    """A small complete market, every mechanism on, one seller of tea on the notes platform, as a Scenario."""
    from sim.scenario import load

    tea = {"name": "tea", "category": "food", "price": 58, "unit_cost": 20, "quality": 0.75, "cycle_days": 30,
           "initial": {"aware": 0.05, "buyers": 0.01, "reviews": 60, "rating": 4.4}}
    plan = {"budget_per_day": 400, "mix": {"ads": 0.5, "kol": 0.3, "koc": 0.2}}
    return load({
        "extends": ["presets/market/small_city.yaml", "presets/platforms/notes.yaml"],
        "name": "A usual market", "market": {"consumers": people, "days": days, "reference_consumers": 20_000},
        "merchants": [{"name": "Seller", "products": [tea], "plan": plan}],
    }, set=changes or None)  # fmt: skip


@SHELF.put("V22.little", "Parcels on the way: L = lambda W", "Little 1961", kind="conservation")
def little(quick: bool) -> Finding:
    """In a usual market parcels on the way, summed over evenings, are exactly the days that parcels were on the way,
    and the mean stay is logistics.delivery_days."""
    from sim.market import Market

    market = Market(usual(5_000, 60), seed=5, check=True)
    standing: list[int] = []
    while market.running:
        market.step()
        standing.append(int((market.state.table("orders").rows["status"] == SHIPPED).sum()))
    orders = market.state.table("orders").rows
    shipped = orders[orders["shipped_day"] > NEVER]
    home = shipped["delivered_day"] > NEVER
    waits = np.where(home, shipped["delivered_day"], market.day).astype(int) - shipped["shipped_day"]
    law = float(market.scenario.logistics.delivery_days)
    stay = waits[home & (shipped["shipped_day"] < 45)]
    checks = [Check("parcel-days by counting evenings", float(waits.sum()), float(sum(standing)), 0),
              mean("mean stay, days (rounded to days; .02 for the rounding)", law, stay)]
    checks[1] = Check(checks[1].what, law, checks[1].observed, checks[1].tolerance + 0.02)
    days = np.arange(len(standing))
    rate = np.bincount(shipped["shipped_day"].astype(int), minlength=len(days))
    flow = np.convolve(rate, np.ones(7) / 7, mode="same") * law
    curves = [Curve("lambda W (7-day mean)", days, flow, law=True), Curve("on the way", days[::2], standing[::2])]
    return Finding("small city on notes: 5,000 people, 60 days, every mechanism on", checks,
                   Picture("day", "parcels on the way", curves))


def _orders(people: int, rate: float) -> list[dict[str, Any]]:
    """The category of a good that ``people`` need ``rate`` times a day together."""
    return [{"name": "good", "occasions_per_year": rate * YEAR / people, "occasion_shape": 1000}]


@SHELF.put("V22.queue", "Parcels that wait for a place: a bulk-service queue",
           "Bailey 1954; the recursion Q <- (Q + A - c)+, solved exactly")
def queue(quick: bool) -> Finding:
    """20 orders a day, Poisson, and room for 22 parcels a day: after the van left, parcels wait as the stationary law
    of Q <- (Q + A - c)+ says. Room for 23 has another law."""
    from sim.market import Market

    people, days, warm, rate, room = 4000, 700 if quick else 1800, 100, 20.0, 22
    scenario = limit("nbd", market={"consumers": people, "days": days}, categories=_orders(people, rate),
                     logistics={"capacity": room})
    found = []
    for seed in range(2 if quick else 4):
        market = Market(scenario, seed=seed, check=False)
        left = []
        while market.running:
            market.step()
            left.append(int((market.state.table("orders").open_rows["status"] == PAID).sum()))
        found.append(left[warm:])
    seen = np.array(found, float)
    law = bulk_queue(rate, room, 400)
    expected = float((law * np.arange(len(law))).sum())
    # Days are not independent: means over stretches of 50 days are nearly so.
    stretches = seen[:, : seen.shape[1] // 50 * 50].reshape(-1, 50)
    empty, at = stretches == 0, np.arange(25)
    looser = bulk_queue(rate, room + 1, 400)
    checks = [
        mean("parcels waiting after the van left", expected, stretches.mean(axis=1)),
        mean("share of days nothing waits", float(law[0]), empty.mean(axis=1)),
        mean("share of days more than 5 wait", float(law[6:].sum()), (stretches > 5).mean(axis=1)),
        mean("share of days nothing waits, with room for one more", float(looser[0]), empty.mean(axis=1), "far"),
    ]
    seen_at = [float((seen == k).mean()) for k in at]
    curves = [Curve("stationary law", at, law[:25], law=True), Curve("observed", at, seen_at)]
    return Finding(f"limits/nbd with capacity {room}: {people:,} people, {days} days", checks,
                   Picture("parcels waiting", "share of days", curves))


@SHELF.put("V22.stock", "What a stock sells: the newsvendor's demand", "Arrow, Harris & Marschak 1951")
def newsvendor(quick: bool) -> Finding:
    """Forty goods are each asked for 30 times, Poisson, and cannot be bought again: from a stock of S they sell
    E min(D, S) and run out w.p. P(D > S). So the best stock at a margin of 60 % is the .6 fractile of demand, 31."""
    people, days, goods, worlds = 2000, 30, 40, 4 if quick else 12
    stocks = (24, 28, 31, 36, 42)
    names = ["good", *(f"good{k}" for k in range(1, goods))]
    need = {"occasions_per_year": 30 / days * YEAR / people, "occasion_shape": 1000}
    sold: dict[int, np.ndarray] = {}
    for stock in stocks:
        products = [{"name": "item" if c == "good" else f"item {c}", "category": c, "price": 100, "inventory": stock,
                     "initial": {"aware": 1}} for c in names]
        scenario = limit("nbd", market={"consumers": people, "days": days},
                         categories=[{"name": c, "reference_price": 100, **need} for c in names],
                         merchants=[{"name": "Seller", "products": products}])
        runs = [live(scenario, seed, check=False).products["sold"].to_numpy() for seed in range(worlds)]
        sold[stock] = np.concatenate(runs).astype(float)
    demand = stats.poisson(30)
    k = np.arange(200)
    law = {s: float((np.minimum(k, s) * demand.pmf(k)).sum()) for s in stocks}
    checks = [mean(f"sold from a stock of {s}", law[s], sold[s]) for s in stocks]
    checks += [mean(f"sold out with a stock of {s}", float(demand.sf(s - 1)), sold[s] == s) for s in (28, 31, 36)]
    checks.append(mean("sold from a stock of 31, if lost demand came back", 30.0, sold[31], "far"))
    profit = {s: float((100 * sold[s] - 40 * s).mean()) for s in stocks}
    best = max(profit, key=lambda s: profit[s])
    checks.append(Check("most profitable stock of those tried", 31, best, 0))
    grid = np.arange(20, 46)
    curves = [Curve("E min(D, S)", grid, [(np.minimum(k, s) * demand.pmf(k)).sum() for s in grid], law=True),
              Curve("observed", stocks, [float(sold[s].mean()) for s in stocks],
                    [2 * standard_error(sold[s]) for s in stocks])]
    return Finding(f"limits/nbd: {goods} goods with stocks of {stocks[0]} to {stocks[-1]}, {worlds} worlds", checks,
                   Picture("units in stock", "units sold", curves))


def ad_market(bids: list[float], seed: int) -> tuple[np.ndarray, np.ndarray, float]:
    """Yuan paid and impressions bought by merchants with ``bids`` (yuan per 1,000) and deep purses who alone compete
    for the ad slots of 2,000 people for five days, and the slots there were."""
    names = ["Seller", *(f"Rival {k}" for k in range(1, len(bids)))]
    scenario = limit(
        "nbd", market={"consumers": 2000, "days": 5},
        platforms=[{"name": "market", "activity": 1, "feed_length": 20, "commercial_load": 0.5,
                    "feed": {"ads": 1, "follow": 0, "friend": 0, "interest": 0, "search": 0}}],
        mechanisms={"visits": {"enabled": True, "fatigue_effect": 0}, "ads": {"enabled": True, "competitors": 0},
                    "persuasion": {"enabled": True}, "clicks": {"enabled": True, "relevance_weight": 0},
                    "occasions": {"need": False}},
        merchants=[{"name": n, "products": [{"name": "item", "category": "good", "price": 100}],
                    "plan": {"budget_per_day": 1e6, "mix": {"ads": 1}, "ads": {"bid": bid, "target": "broad"}}}
                   for n, bid in zip(names, bids, strict=True)],
    )
    market = live(scenario, seed)
    result = market.result()
    money = np.array([float(result.summary[f"marketing_spend@{n}"]) for n in names])
    shown = market.book.tally[:, COUNT["impressions"]].sum(axis=(0, 2)).astype(float)
    of = market.world.products.merchant
    order = list(market.world.merchants)
    views = np.array([shown[of == order.index(n)].sum() for n in names])
    return money, views, 2000 * 5 * 10.0


@SHELF.put("V22.auction", "The highest bid pays the second: revenue (n-1)/(n+1)", "Vickrey 1961; Edelman et al. 2007")
def second_price(quick: bool) -> Finding:
    """Bidders with bids from U(0, 100) yuan per 1,000 views: the highest gets every slot and pays the second bid, so
    over many draws of n bids revenue per 1,000 views is 100 (n-1)/(n+1), 33.3 for two and 60 for four."""
    rounds = 40 if quick else 120
    rng = np.random.default_rng(22)
    checks: list[Check] = []
    seen = []
    for n in (2, 4):
        paid, gap, lost, slots = [], [], 0.0, 0.0
        for r in range(rounds):
            bids = rng.uniform(0, 100, n)
            money, views, room = ad_market(np.maximum(bids, 0.01).tolist(), r)
            top = int(bids.argmax())
            paid.append(1000 * money.sum() / views.sum())
            gap.append(abs(paid[-1] - np.sort(bids)[-2]))
            lost += views.sum() - views[top]
            slots += views[top] / room
        checks += [
            Check(f"{n} bidders: largest gap of price to the second bid, yuan", 0.0, max(gap), 0.01),
            Check(f"{n} bidders: views that went to another than the highest", 0.0, lost, 0.0),
            Check(f"{n} bidders: slots filled, share", 1.0, slots / rounds, 0.01),
            mean(f"{n} bidders: revenue per 1,000 views", 100 * (n - 1) / (n + 1), paid),
            mean(f"{n} bidders: revenue, if the winner paid the own bid", 100 * n / (n + 1), paid, "far"),
        ]
        seen.append((n, float(np.mean(paid)), 2 * standard_error(paid)))
    at = np.arange(2, 7)
    curves = [Curve("100 (n-1)/(n+1)", at, 100 * (at - 1) / (at + 1), law=True),
              dots(seen)]
    return Finding(f"limits/nbd with ads and no outside bidders, {rounds} draws of bids", checks,
                   Picture("bidders", "yuan per 1,000 views", curves))
