"""Own posts by class and maker, sets, paid content, store visits, donations, green goods: closed forms, conservation,
paired worlds. The rows are those of ``offers.yaml``."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any

import numpy as np
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

import sim
from sim.contract import CHANNEL, COUNT
from sim.rules.causes import lean, premium
from sim.rules.classes import alike, heard, together
from sim.rules.experience import trust
from sim.rules.packed import EVIDENCE, QUALITY, SHARE, TASTE, code_of, number_of
from sim.rules.store import goes, looks
from sim.state.columns import unpacked

Plain = dict[str, Any]
NAMES = ("content", "bundles", "paid_content", "store", "charity", "green")
ON = {f"mechanisms.{name}.enabled": True for name in NAMES}
PLAN = "merchants.Leaf.plan"
GOODS = "merchants.Leaf.products"
SEEDS = (3, 4)
CONTENT, STORE = CHANNEL["content"], CHANNEL["store"]


def shop(**fields: Any) -> Plain:
    """One tea shop that most know, without friends or sharing; ``fields`` of the merchant."""
    return {
        "market": {"consumers": 1200, "days": 30}, "network": {"mean_degree": 6},
        "categories": [{"name": "tea", "reference_price": 50, "occasions_per_year": 24}],
        "platforms": [{"name": "feed", "activity": 0.6}],
        "merchants": [{
            "name": "Leaf", "cash": 100_000,
            "products": [{"name": "green", "category": "tea", "price": 50, "unit_cost": 15, "quality": 0.7,
                          "initial": {"aware": 0.6, "buyers": 0.2}}],
            "plan": {"budget_per_day": 0}, **fields,
        }],
        "mechanisms": {"sharing": {"enabled": False}, "group_buy": {"enabled": False}},
        "focal": "Leaf",
    }  # fmt: skip


@lru_cache(maxsize=128)
def _lived(text: str, seed: int) -> Any:
    made = yaml.safe_load(text)
    market = sim.Market(sim.load(made["world"], set=made["set"]), seed=seed, check=True)
    return market, market.run()


def lived(world: Plain, seed: int = 3, **change: Any) -> Any:
    """The market after its days, and what it reports; changes are paths with ``__`` for dots."""
    paths = {key.replace("__", "."): value for key, value in change.items()}
    return _lived(yaml.safe_dump({"world": world, "set": paths}, sort_keys=True), seed)


def chain(world: Plain, toggle: tuple[Plain, Plain], links: list[tuple[Any, int]], **both: Any) -> None:
    """The mean of each observable, in causal order, is higher (1) or lower (-1) in the first world of the two."""
    found = []
    for look, sign in links:
        arms = [np.mean([_see(look, *lived(world, seed, **both, **arm)) for seed in SEEDS]) for arm in toggle]
        found.append((getattr(look, "__name__", look), sign, *map(float, arms)))
    for _, sign, first, second in found:
        assert sign * (first - second) > 0, found


def _see(look: Any, market: Any, run: Any) -> float:
    return float(run.summary[look] if isinstance(look, str) else look(market, run))


def tallied(name: str, channel: int) -> Any:
    def look(market: Any, run: Any) -> float:
        return float(market.book.tally[:, COUNT[name], :, channel].sum())

    look.__name__ = f"{name}@{channel}"
    return look


def near(count: float, n: float, p: float) -> bool:
    return bool(abs(count - n * p) < 4.0 * math.sqrt(n * p * (1 - p)) + 1e-9)


def sold(name: str) -> Any:
    def look(market: Any, run: Any) -> float:
        return float(market.state.columns["sold"][market.world.product_names.index(f"Leaf.{name}")])

    look.__name__ = f"sold {name}"
    return look


# ---------------------------------------------------------------------------------------------------- closed forms


@given(st.integers(1, 500), st.floats(0, 1), st.floats(0, 1))
def test_like_posts_weigh_as_their_effective_number(n: int, rho: float, rho_ai: float) -> None:
    """Kish 1965: n items of mutual correlation rho are worth n/(1 + rho (n - 1))."""
    by_hand = n / (1.0 + together(float(n), 0.0, *alike(float(n), 0.0, 0.0, rho, rho_ai)))
    by_ai = n / (1.0 + together(0.0, float(n), *alike(0.0, float(n), float(n), rho, rho_ai)))
    assert by_hand == pytest.approx(n / (1.0 + rho * (n - 1)))
    assert by_ai == pytest.approx(n / (1.0 + rho_ai * (n - 1)))
    assert 1.0 - 1e-9 <= by_hand <= n + 1e-9


@given(st.integers(2, 60), st.integers(0, 60), st.integers(0, 40))
def test_posts_are_worth_what_pairs_leave_of_them(people: int, machine: int, elsewhere: int) -> None:
    """Counted pair by pair: AI with all AI of the category, everything else with what is in the cell."""
    kinds = [0] * people + [1] * machine + [2] * elsewhere  # 2: another merchant's, by AI
    rho = np.array([[0.05, 0.05, 0.0], [0.05, 0.4, 0.4], [0.0, 0.4, 0.4]])
    worth = 0.0
    for x, kind in enumerate(kinds):
        if kind < 2:
            worth += 1.0 / (1.0 + sum(rho[kind, other] for y, other in enumerate(kinds) if y != x))
    each = alike(float(people), float(machine), float(machine + elsewhere), 0.05, 0.4)
    assert (people + machine) / (1.0 + together(float(people), float(machine), *each)) == pytest.approx(worth)


SHARES = st.floats(0, 0.5)


@given(SHARES, st.floats(0, 40), st.floats(1, 20), SHARES, st.integers(1, 90), st.integers(0, 10))
def test_redeemed_in_time(visit: float, km: float, decay: float, hurry: float, days: int, last: int) -> None:
    """1 - (1 - h e^(-km/decay))^n (1 - hurry)^l, against the days one by one."""
    late = (np.arange(days) >= days - last).astype(float)
    daily = np.prod(1.0 - goes(visit, km, decay, hurry, late))
    closed = (1.0 - visit * math.exp(-km / decay)) ** days * (1.0 - hurry) ** min(last, days)
    assert daily == pytest.approx(closed, abs=1e-12)


def test_the_worth_of_a_donation_grows_less_than_the_donation() -> None:
    """Elfenbein & McManus 2010: all given is worth 11/6 of what a tenth given is."""
    given_ = sim.load(shop()).mechanisms.charity
    tenth, all_ = (premium(s, given_.premium, given_.half) for s in (0.1, 1.0))
    assert all_ / tenth == pytest.approx(11 / 6, rel=0.02)
    assert premium(0.0, 0.3, 0.1) == 0.0


@given(st.floats(0, 5), st.floats(0, 20), st.floats(0, 20))
def test_words_of_trust_move_the_distrust_that_is_left(e: float, good: float, bad: float) -> None:
    """Evidence is added in proportion to 1 - T; what counts against is added in full."""
    a, b, since = (np.array([[code_of(x, EVIDENCE)]], np.uint16) for x in (good + 1, bad + 1, 0))
    day = since.astype(np.int16)
    before = trust(number_of(a[0, 0], EVIDENCE), number_of(b[0, 0], EVIDENCE))
    start = number_of(a[0, 0], EVIDENCE)
    heard(0, 0, 0, e, 0.5, (3.0, 1.0), 60.0, a, b, day)
    assert number_of(a[0, 0], EVIDENCE) == pytest.approx(min(start + e * (1 - before), 128), abs=2 * EVIDENCE.step)
    assert number_of(b[0, 0], EVIDENCE) == pytest.approx(bad + 1.5, abs=2 * EVIDENCE.step)


@given(st.floats(-60, 4), st.floats(0, 5), st.floats(0, 5))
def test_what_a_cause_adds_can_be_taken_away_to_the_bit(taste: float, first: float, second: float) -> None:
    codes = np.array([[code_of(taste, TASTE)]], np.uint16)
    start, held = codes.copy(), np.zeros((1, 1), np.int16)
    full, one = np.full((1, 1), int(SHARE.top), np.uint16), np.full((1, 1), 512, np.uint16)
    for worth in (first, second, 0.0):
        lean(np.array([worth]), np.zeros(1), np.zeros(1, np.int64), np.array([4096], np.uint16), 1.0, full[0], full,
             one, np.zeros((1, 1), np.uint16), np.zeros((0, 0), np.uint8), codes, held)
        assert int(codes[0, 0]) - int(start[0, 0]) == held[0, 0] <= round(worth / TASTE.step) + 1
    assert codes[0, 0] == start[0, 0]


def test_who_is_pleased_looks_around() -> None:
    assert looks(0.0, 0.4) == pytest.approx(0.4)
    assert looks(-0.5, 0.4) == 0.0
    assert looks(9.0, 0.4) == 1.0
    assert looks(0.5, 0.4) == pytest.approx(0.8)


# ---------------------------------------------------------------------------------------- own posts by class and maker

POSTS = shop(honesty=0.5)
POSTS["merchants"][0]["products"][0]["initial"] = {"aware": 0.1}
POSTS["mechanisms"] = {"sharing": {"share_rate": 0.0, "bad_share_rate": 0.0}, "group_buy": {"enabled": False},
                       "content": {"enabled": True}}  # fmt: skip
POSTS["merchants"][0]["plan"] = {"budget_per_day": 1200, "mix": {"content": 1.0}}


def only(sort: str) -> Plain:
    """All posts of one class."""
    return {f"{PLAN}.content.matrix": {"seed": 0.0, sort: 1.0}}


def gap_of_clicks(market: Any, run: Any) -> float:
    """How much more than the truth is expected, mean of those reached."""
    c = market.state.columns
    met = (c["flags"][:, 0] & 2) > 0
    return float(unpacked(c["expectation"][met, 0], QUALITY).mean()) - 0.7


def content_ctr(market: Any, run: Any) -> float:
    t = market.book.tally
    return float(t[:, COUNT["clicks"], :, CONTENT].sum() / t[:, COUNT["impressions"], :, CONTENT].sum())


def adstock(market: Any, run: Any) -> float:
    return float(market.state.columns["adstock"].mean())


def test_each_class_moves_its_own_stage() -> None:
    """Seed: known and wanted; decision: clicks and the truth; trust: trust; fission: shares. One against another."""
    chain(POSTS, (only("seed"), only("decision")), [(tallied("aware", CONTENT), 1), (adstock, 1), (content_ctr, -1)])
    chain(POSTS, (only("decision"), only("seed")), [(gap_of_clicks, -1), (content_ctr, 1), ("satisfaction", 1)])
    chain(POSTS, (only("trust"), only("seed")), [("trust", 1)])
    chain(POSTS, (only("fission"), only("trust")), [("shares", 1), (tallied("impressions", CHANNEL["friend"]), 1)])


def test_a_matrix_is_kept_and_paid_for() -> None:
    """Posts by class in the shares asked for, within one; their cost is what was booked."""
    matrix = {"seed": 4, "decision": 3, "trust": 2, "fission": 1}
    market, run = lived(POSTS, **{f"{PLAN}.content": {"matrix": matrix, "ai": 0.25}})
    made = market.mechanisms["content"].made[0]
    total, by_class = made.sum(), made[:4] + made[4:]
    assert np.abs(by_class - total * np.array([4, 3, 2, 1]) / 10).max() <= 1.0
    assert abs(made[4:].sum() - 0.25 * total) <= 1.0
    cost = 400.0 * made[:4].sum() + 40.0 * made[4:].sum()
    assert run.summary["own_posts_cost"] == pytest.approx(cost)
    assert run.channels.set_index("channel").spend["content"] == pytest.approx(cost)


def test_a_machine_makes_more_that_is_worth_less() -> None:
    """For the same money: more posts, more alike, fewer views each."""
    def likeness(market: Any, run: Any) -> float:
        return float(market.state.columns["alike"].sum())

    def views_a_post(market: Any, run: Any) -> float:
        return tallied("impressions", CONTENT)(market, run) / run.summary["own_posts"]

    ai, hand = {f"{PLAN}.content.ai": 1.0}, {f"{PLAN}.content.ai": 0.0}
    chain(POSTS, (ai, hand), [("own_posts", 1), (likeness, 1), (views_a_post, -1)])
    chain(POSTS, (ai, ai | {"mechanisms.content.ai_similarity": 0.0}),
          [(likeness, 1), (tallied("impressions", CONTENT), -1), ("clicks", -1)])  # fmt: skip


def test_hidden_machines_cost_trust_and_labelled_ones_pull() -> None:
    ai = {f"{PLAN}.content.ai": 1.0, "mechanisms.content.notice": 0.5}
    chain(POSTS, (ai | {"mechanisms.content.label": False}, ai), [("trust", -1)])
    seen = ai | {"mechanisms.content.label_seen": 1.0, "mechanisms.content.discount": 0.8}
    chain(POSTS, (seen, seen | {"mechanisms.content.label_seen": 0.0}), [(adstock, -1)])


# --------------------------------------------------------------------------------------------------------- the store

HOUSE: Plain = {"name": "house", "category": "tea", "price": 40, "unit_cost": 12, "voucher": {"valid_days": 9},
                "initial": {"aware": 0.8}}  # fmt: skip
EATERY = shop()
EATERY["merchants"][0]["products"] = [HOUSE, *EATERY["merchants"][0]["products"]]
EATERY["mechanisms"]["store"] = {"enabled": True, "hurry": 0.0, "visit": 0.1}
EATERY["mechanisms"]["loyalty"] = {"enabled": False}


def vouchers(market: Any) -> Any:
    """Paid vouchers that have had all their days."""
    rows = market.state.table("orders").rows
    return rows[(rows["product"] == 1) & (rows["paid_day"] >= 0) & (rows["paid_day"] < market.day - 10)]


def test_the_closed_form_of_redemption_holds_in_the_market() -> None:
    """1 - (1 - h)^9; what ran out was refunded, and nothing was sent, returned or late."""
    market, run = lived(EATERY, seed=5, **{"market.consumers": 3000, "market.days": 40})
    assert market.world.product_names[1] == "Leaf.house"
    held = vouchers(market)
    went = held["delivered_day"] >= 0
    assert len(held) > 300
    assert near(went.sum(), len(held), 1.0 - 0.9**9)
    assert (held["status"][~went] == 6).all()
    assert (held["delivered_day"][went] - held["paid_day"][went]).max() <= 9
    assert market.book.tally[:, COUNT["returned"], 1].sum() == 0
    assert run.summary["carried_over"] == pytest.approx(0.0, abs=0.02)


def test_who_lives_far_buys_less_and_goes_less() -> None:
    """Distance acts twice: on the choice, and on the way."""
    far = {"logistics.regions": [{"name": "near", "share": 1}, {"name": "far", "share": 1}],
           "mechanisms.regions.enabled": True, f"{GOODS}.house.voucher": {"valid_days": 9, "km": {"far": 15}},
           "market.consumers": 2500}  # fmt: skip
    market, _ = lived(EATERY, **far)
    held, region = vouchers(market), market.state.columns["region"]
    names = sorted(("near", "far"))
    bought = np.bincount(region[held["consumer"]], minlength=2)
    went = np.bincount(region[held["consumer"]], held["delivered_day"] >= 0, minlength=2) / bought
    far_, near_ = names.index("far"), names.index("near")
    assert bought[far_] < 0.8 * bought[near_]
    assert near(went[far_] * bought[far_], bought[far_], 1.0 - (1.0 - 0.1 * math.exp(-15 / 8)) ** 9)


def test_a_visit_sells_what_else_is_there() -> None:
    """Visits -> the other products are seen there -> they sell."""
    chain(EATERY, ({"mechanisms.store.browse": 1.0}, {"mechanisms.store.browse": 0.0}),
          [(tallied("considered", STORE), 1), (tallied("orders", STORE), 1), (sold("green"), 1)])  # fmt: skip
    chain(EATERY, ({"mechanisms.store.visit": 0.2}, {"mechanisms.store.visit": 0.02}),
          [("store_visits", 1), (tallied("impressions", STORE), 1), (tallied("expired", CHANNEL["search"]), -1)])


def test_what_runs_out_is_refunded_or_kept() -> None:
    """Kept by the merchant: same visits, no refunds of vouchers, and the difference of profit is their price."""
    keep = {f"{GOODS}.house.voucher": {"valid_days": 9, "refund_expired": False}}
    chain(EATERY, (keep, {}), [("refunds", -1), ("net_sales", 1), ("profit", 1)])
    market, run = lived(EATERY, **keep)
    assert run.summary["carried_over"] == pytest.approx(0.0, abs=0.02)
    held = vouchers(market)
    assert set(np.unique(held["status"][held["delivered_day"] < 0])) == {5}


# --------------------------------------------------------------------------------------------- sets and paid content

COURSE: Plain = {"name": "course", "category": "tea", "price": 30, "access": {"trial": 0.3}, "initial": {"aware": 0.5},
                 "quality": 0.7}  # fmt: skip
SET: Plain = {"name": "set", "category": "tea", "price": 110, "unit_cost": 2, "initial": {"aware": 0.8},
              "bundle": {"units": {"green": 2, "course": 1}}}  # fmt: skip
SCHOOL = shop()
SCHOOL["merchants"][0]["products"] += [COURSE, SET]
SCHOOL["mechanisms"] |= {"paid_content": {"enabled": True}, "bundles": {"enabled": True}}


def test_a_set_is_made_of_its_parts() -> None:
    """Reference, cost and quality are sums and means of the parts; tastes even out: spread x sqrt(sum share^2)."""
    market, _ = lived(SCHOOL)
    p, at = market.world.products, {n.split(".")[1]: k for k, n in enumerate(market.world.product_names)}
    worth = np.array([50.0, 50 * 1.8])
    share = worth / worth.sum()
    assert p.reference[at["set"]] == pytest.approx(worth.sum())
    assert p.unit_cost[at["set"]] == 200 + 2 * 1500
    assert p.spread[at["set"]] == pytest.approx(0.1 * math.sqrt((share**2).sum()))
    taste = unpacked(market.state.columns["taste"], TASTE)
    mixed = share[0] * taste[:, at["course"]] + share[1] * taste[:, at["green"]]
    assert taste[:, at["set"]] == pytest.approx(mixed, abs=2 * TASTE.step)
    ratio = taste[:, at["set"]].std() / taste[:, at["green"]].std()
    assert ratio == pytest.approx(math.sqrt((share**2).sum()), rel=0.06)


@pytest.mark.parametrize("n", [1, 4, 16])
def test_a_set_of_many_things_is_worth_alike_to_all(n: int) -> None:
    """Bakos & Brynjolfsson 1999: the spread of what people would pay for a set of n like things falls as 1/sqrt(n)."""
    world = shop()
    things = [f"t{k:02d}" for k in range(max(2, n))]
    world["merchants"][0]["products"] = [
        {"name": name, "category": "tea", "price": 10, "access": {}} for name in things
    ] + [{"name": "zset", "category": "tea", "price": 1, "bundle": {"units": dict.fromkeys(things[:n], 1) if n > 1
                                                                     else {things[0]: 2}}}]  # fmt: skip
    world["mechanisms"] |= {"paid_content": {"enabled": True}, "bundles": {"enabled": True}}
    market = sim.Market(sim.load(world, set={"market.consumers": 4000}), seed=2)
    taste = unpacked(market.state.columns["taste"], TASTE)
    assert taste[:, -1].std() / taste[:, 0].std() == pytest.approx(1.0 / math.sqrt(n), rel=0.05)


def test_who_buys_a_set_has_what_is_in_it() -> None:
    """Units, purchase days and access follow the paid sets; the ledger pays for two units and the packing."""
    market, run = lived(SCHOOL)
    c, rows = market.state.columns, market.state.table("orders").rows
    at = {n.split(".")[1]: k for k, n in enumerate(market.world.product_names)}
    paid = rows[(rows["paid_day"] >= 0) & (rows["sample"] == 0)]
    sets = np.bincount(paid["consumer"][paid["product"] == at["set"]], minlength=1200)
    alone = np.bincount(paid["consumer"][paid["product"] == at["course"]], minlength=1200)
    assert sets.sum() > 10
    assert (c["units"][:, at["course"]] == sets + alone).all()
    assert ((c["access_until"][:, at["course"]] > 0) == (sets + alone > 0)).all()
    assert (paid["price"][paid["product"] == at["set"]] == 11_000).all()
    assert run.summary["carried_over"] == pytest.approx(0.0, abs=0.02)


def told_truly(quality: float, advertised: float) -> Plain:
    return {f"{GOODS}.course.quality": quality, f"{GOODS}.course.advertised_quality": advertised,
            f"{GOODS}.course.fit_uncertainty": 0.1, "merchants.Leaf.plan.budget_per_day": 200,
            "market.consumers": 2500}  # fmt: skip


def expected(market: Any, run: Any) -> float:
    """Mean expectation of the course."""
    k = market.world.product_names.index("Leaf.course")
    c = market.state.columns
    return float(unpacked(c["expectation"][:, k], QUALITY).mean())


def test_a_free_part_makes_buyers_of_good_content_and_loses_them_for_bad() -> None:
    """Trial -> expectation towards the truth -> orders: up where it beats its claim, down where it falls short."""
    free, none = {f"{GOODS}.course.access": {"trial": 0.5}}, {f"{GOODS}.course.access": {}}
    chain(SCHOOL, (free, none), [("trials", 1), (expected, 1), (sold("course"), 1)], **told_truly(0.9, 0.4))
    chain(SCHOOL, (free, none), [("trials", 1), (expected, -1), (sold("course"), -1)], **told_truly(0.2, 0.9))


def test_readers_come_to_want_what_is_spoken_of() -> None:
    """A course that speaks of the tea: its readers know the tea, think of it, buy it."""
    speaks, silent = ({f"{GOODS}.course.access": {"recommends": names}} for names in (["green"], []))
    lively = {"mechanisms.paid_content.thinks": 0.1, f"{GOODS}.green.initial.aware": 0.1}
    chain(SCHOOL, (speaks, silent), [(tallied("aware", CONTENT), 1), (tallied("considered", CONTENT), 1),
                                     (tallied("orders", CONTENT), 1)], **lively)  # fmt: skip


# ---------------------------------------------------------------------------------------------- donations and green

GIVER = shop()
GIVER["market"]["consumers"] = 2500
GIVER["mechanisms"] |= {"charity": {"enabled": True}, "moderation": {"enabled": True, "inspections": 1.0, "power": 1.0,
                        "fine": 0.0, "suspension": 0.0, "news_reach": 0.8}}  # fmt: skip
GIVES = {"share": 0.1}


def belief(name: str) -> Any:
    def look(market: Any, run: Any) -> float:
        return float(market.state.columns[name].mean()) * SHARE.step

    look.__name__ = name
    return look


def test_donations_are_the_promised_part_of_what_was_paid() -> None:
    market, run = lived(GIVER, **{f"{PLAN}.donation": {"share": 0.1, "given": 0.8}})
    rows = market.state.table("orders").rows
    paid = rows[(rows["paid_day"] >= 0) & (rows["sample"] == 0)]
    owed = np.rint(0.08 * paid["price"].astype(float)).sum()
    assert market.ledger.balance[market.ledger.charity] == owed == market.state.columns["given"][0] > 0
    assert market.ledger.balance.sum() == 0
    assert run.summary["donations"] == pytest.approx(owed / 100)


def test_a_promise_sells_to_those_who_care_and_believe() -> None:
    """Donation -> worth to who cares -> orders; nothing where nobody cares."""
    def worth(market: Any, run: Any) -> float:
        return float(market.state.columns["charity_worth"].mean())

    gives = {f"{PLAN}.donation": GIVES}
    chain(GIVER, (gives, {}), [(worth, 1), ("donations", 1), ("orders", 1)])
    c = lived(GIVER, **gives)[0].state.columns
    cares, much = c["charitable"], c["charity_worth"][:, 0]
    assert (much[cares == 0] == 0).all()
    assert np.corrcoef(cares, much)[0, 1] > 0.6


def test_reports_raise_belief_and_a_broken_promise_ends_it() -> None:
    """Report -> belief -> orders. Half the promise broken -> found -> told -> belief and trust down -> orders down."""
    said = {"share": 0.3}
    chain(GIVER, ({f"{PLAN}.donation": said | {"report_days": 5, "report_cost": 0}}, {f"{PLAN}.donation": said}),
          [(belief("charity_belief"), 1), ("orders", 1)])  # fmt: skip
    half = {f"{PLAN}.donation": said | {"given": 0.2}}
    chain(GIVER, (half, half | {"mechanisms.moderation.inspections": 0.0}),
          [(lambda market, run: float(market.state.columns["told"].mean()), 1), (belief("charity_belief"), -1),
           ("trust", -1), ("orders", -1)])  # fmt: skip


FOREST = shop()
FOREST["market"]["consumers"] = 2500
FOREST["merchants"][0]["products"].append({
    "name": "plain", "category": "tea", "price": 45, "unit_cost": 15, "quality": 0.7,
    "initial": {"aware": 0.6, "buyers": 0.2}})  # fmt: skip
FOREST["merchants"][0]["plan"]["membership"] = {"points": {"earn": 0.001}}
FOREST["mechanisms"] |= {"green": {"enabled": True}, "membership": {"enabled": True, "enrol": 0.9}} | {
    "moderation": GIVER["mechanisms"]["moderation"]}  # fmt: skip
CLAIMS = {f"{GOODS}.green.green_claim": 0.8, f"{GOODS}.green.green": 0.8}


def test_a_green_claim_sells_at_a_higher_price_and_points_add_to_it() -> None:
    """Claim -> worth to who cares -> green share. Points -> owed and held -> green share up among members."""
    def share(market: Any, run: Any) -> float:
        return sold("green")(market, run) / float(market.state.columns["sold"].sum())

    chain(FOREST, (CLAIMS, {}), [(share, 1), ("gmv", 1)])
    points = CLAIMS | {f"{PLAN}.green_points": {"per_order": 6}}
    chain(FOREST, (points, CLAIMS), [("points_owed", 1), (share, 1)])
    market, run = lived(FOREST, **points)
    held = int(market.state.columns["points"].sum())
    assert market.ledger.balance[market.ledger.points] == held
    assert run.summary["points_owed"] == pytest.approx(held / 100)
    assert run.summary["carried_over"] == pytest.approx(0.0, abs=0.02)


def test_a_false_claim_is_found_where_there_is_inspection() -> None:
    """漂绿: found -> told -> belief gone -> green share down. A true claim under the same inspections is left alone."""
    false = CLAIMS | {f"{GOODS}.green.green": 0.1}
    chain(FOREST, (false, CLAIMS), [(lambda market, run: float(market.state.columns["told"].mean()), 1),
                                    (belief("green_belief"), -1), ("trust", -1), ("green_share", -1)])  # fmt: skip


def test_a_channel_that_is_off_shows_nothing() -> None:
    """off: [content, store]: nothing seen, thought of or paid for there; visits and posts' money stay as granted."""
    market, run = lived(EVERYTHING, **{"merchants.Leaf.off": ["content", "store"]})
    t = market.book.tally
    for name in ("impressions", "considered", "intents"):
        assert t[:, COUNT[name], :, [CONTENT, STORE]].sum() == 0
    assert run.summary["store_visits"] > 0 == run.summary["own_posts"] == run.summary["own_posts_cost"]


# ------------------------------------------------------------------------------------------- all of them, and none

EVERYTHING = shop(honesty=0.9)
EVERYTHING["merchants"][0]["products"] += [COURSE, SET, HOUSE]
EVERYTHING["merchants"][0]["products"][0] |= {"green": 0.8, "green_claim": 0.8}
EVERYTHING["merchants"][0]["plan"] = {
    "budget_per_day": 300, "mix": {"content": 0.7, "ads": 0.3},
    "content": {"matrix": {"seed": 1, "decision": 1, "trust": 1, "fission": 1}, "ai": 0.5},
    "donation": {"share": 0.1, "report_days": 10}, "green_points": {"per_order": 2}, "membership": {"points": {}},
}  # fmt: skip
EVERYTHING["mechanisms"] = {name: {"enabled": True} for name in (*NAMES, "membership", "moderation", "reviews")}


def test_money_and_goods_are_conserved_with_all_of_them_on() -> None:
    """The books are checked every day; every yuan of profit has its line."""
    market, run = lived(EVERYTHING)
    s = run.summary
    assert market.ledger.balance.sum() == 0
    assert s["carried_over"] == pytest.approx(0.0, abs=0.02)
    assert min(s["own_posts"], s["store_visits"], s["trials"], s["set_share"], s["green_share"], s["donations"]) > 0


@pytest.mark.parametrize("seed", [3, 8])
def test_switched_on_and_not_used_they_leave_every_draw_alone(seed: int) -> None:
    """A market with all six mechanisms on and nothing for them to do is the same market bit for bit."""
    plain = shop(plan={"budget_per_day": 100, "mix": {"ads": 1.0}})
    bare, full = lived(plain, seed)[1], lived(plain, seed, **ON)[1]
    assert bare.daily.to_numpy().tobytes() == full.daily.to_numpy().tobytes()
    assert bare.summary.to_numpy().tobytes() == full.summary.to_numpy().tobytes()


@pytest.mark.parametrize(
    ("change", "where", "why"),
    [
        ({f"{PLAN}.mix": {"content": 1}, "mechanisms.content.enabled": False}, "mix.content", "mechanisms.content"),
        ({f"{PLAN}.content.matrix": {"seed": 0}}, "content.matrix", "at least one class"),
        ({f"{PLAN}.content.platform": "fed"}, "content.platform", "did you mean 'feed'"),
        ({f"{PLAN}.content.products": ["gren"]}, "content.products", "did you mean 'green'"),
        ({"mechanisms.feed.enabled": False}, "mechanisms.content", "needs mechanisms.feed"),
        ({f"{GOODS}.set.bundle": {"units": {"house": 2}}}, "set.bundle", "no voucher"),
        ({f"{GOODS}.set.bundle": {"units": {"green": 1}}}, "set.bundle", "two units at least"),
        ({f"{GOODS}.set.bundle": {"units": {"set": 2}}}, "set.bundle", "unknown 'set'"),
        ({f"{GOODS}.set.price": 999}, "set.price", "one by one (130)"),
        ({f"{GOODS}.set.quality": 0.9}, "set.quality", "leave it out"),
        ({f"{GOODS}.green.inventory": 9}, "set.bundle", "packed beforehand"),
        ({f"{GOODS}.course.unit_cost": 3}, "course.unit_cost", "costs nothing"),
        ({f"{GOODS}.course.inventory": 3}, "course.inventory", "does not run out"),
        ({f"{GOODS}.course.voucher": {}}, "course.voucher", "drop one"),
        ({f"{GOODS}.course.access.recommends": ["gren"]}, "recommends", "did you mean 'green'"),
        ({f"{GOODS}.house.voucher.km": {"far": 3}}, "voucher.km", "unknown 'far'"),
        ({f"{GOODS}.house.delivery_days": 3}, "house.delivery_days", "not sent"),
        ({f"{GOODS}.house.presale": {"days": 9, "moq": 3}}, "house.presale", "leave it out"),
        ({"mechanisms.charity.enabled": False}, "donation", "mechanisms.charity"),
        ({f"{PLAN}.membership": None}, "green_points", "plan.membership"),
        ({f"{GOODS}.green.green_claim": None, f"{GOODS}.green.green": 0}, "green_points", "no product"),
        ({"mechanisms.green.enabled": False}, "green", "mechanisms.green"),
        ({"mechanisms.choice.tastes": "dirichlet"}, "mechanisms.bundles", "tastes to normal"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_with_a_remedy(change: Plain, where: str, why: str) -> None:
    with pytest.raises(sim.ScenarioError) as refused:
        sim.load(EVERYTHING, set=change)
    said = [str(problem) for problem in refused.value.problems]
    assert any(where in line and why in line for line in said), said
