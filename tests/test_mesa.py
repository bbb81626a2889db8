"""A market is a mesa.Model among mesa's tools: agents, collectors, batch runs; consumers have an agent's face."""

from __future__ import annotations

import gc
import inspect
import itertools
import pickle
import weakref
from typing import Any

import mesa
import numpy as np
import pytest

import sim
from sim import ScenarioError, load
from sim.agents.creator import Creator
from sim.agents.merchant import Merchant
from sim.agents.platform import Platform
from sim.market import Market

TOWN: dict[str, Any] = {
    "name": "town",
    "market": {"consumers": 300, "days": 12},
    "network": {"mean_degree": 6},
    "categories": [{"name": "tea", "reference_price": 50, "occasions_per_year": 40}],
    "platforms": [{"name": "notes"}, {"name": "film", "activity": 0.5}],
    "creators": [{"name": "nano", "count": 5, "followers": 40}, {"name": "star", "followers": 200}],
    "merchants": [
        {"name": "Leaf", "cash": 1000, "products": [{"name": "green", "category": "tea", "price": 45, "unit_cost": 10,
                                                     "initial": {"aware": 0.6, "buyers": 0.2}}],
         "plan": {"budget_per_day": 60, "mix": {"ads": 1, "kol": 1, "koc": 1}}},
        {"name": "Rival", "products": [{"name": "black", "category": "tea", "price": 40}]},
    ],
    "focal": "Leaf",
    "strategies": {"cheap": {"merchants.Leaf.products.green.price": 30}},
    "outcomes": ["profit", "gmv", "roas@Leaf"],
}  # fmt: skip


@pytest.fixture(scope="module")
def town() -> Any:
    """The scenario, loaded once."""
    return load(TOWN)


@pytest.fixture(scope="module")
def lived(town: Any) -> Market:
    """The town at its horizon."""
    market = Market(town, seed=5)
    market.run()
    return market


# --------------------------------------------------------------------------------------------------------- the model


def test_a_market_is_a_model(town: Any) -> None:
    market = Market(town, "cheap", seed=5)
    assert isinstance(market, mesa.Model)
    assert (market.day, market.steps, market.running) == (0, 0, True)
    for day in range(12):
        assert market.running
        market.step()
        assert market.day == market.steps == day + 1
    assert not market.running
    assert market.strategy == "cheap"
    assert market.products.loc["Leaf.green", "price"] == 30.0


def test_a_market_nobody_holds_is_forgotten(town: Any) -> None:
    """mesa itself keeps every model it has numbered an agent of."""
    market = Market(town, seed=5)
    market.step()
    merchant = Merchant(market, "another", 0)
    assert merchant.unique_id == len({agent.unique_id for agent in market.agents})
    gone = weakref.ref(market)
    del market, merchant
    gc.collect()
    assert gone() is None


def test_mesa_runs_it_to_the_horizon(town: Any) -> None:
    market = Market(town, seed=5)
    market.run_model()
    assert market.day == 12
    assert len(market.result().daily) == 12


def test_steps_count_the_warm_up_and_days_do_not() -> None:
    market = Market(TOWN, seed=1, **{"market.warmup": 4})
    assert market.day == -4
    market.run()
    assert (market.day, market.steps) == (12, 16)


def test_a_market_without_a_seed_remembers_the_one_it_drew(town: Any) -> None:
    a, b = Market(town), Market(town)
    assert a.seed != b.seed
    assert isinstance(a.seed, int)
    again = Market(town, seed=a.seed)
    for market in (a, again):
        market.run()
    np.testing.assert_array_equal(a.book.tally, again.book.tally)
    assert a.result().meta["seed"] == a.seed


def test_mesas_own_generators_are_seeded_too(town: Any) -> None:
    one, two = Market(town, seed=9), Market(town, seed=9)
    assert one.random.random() == two.random.random()
    assert one.rng.random() == two.rng.random()


def test_overrides_are_keywords_by_path(town: Any) -> None:
    market = Market(town, seed=1, **{"market.consumers": 120, "merchants.Leaf.products.green.price": 33})
    assert len(market.consumers) == 120
    market.step()
    assert market.products.loc["Leaf.green", "price"] == 33.0
    with pytest.raises(ScenarioError, match="prise"):
        Market(town, **{"merchants.Leaf.products.green.prise": 33})
    with pytest.raises(ScenarioError, match="cheep"):
        Market(town, "cheep")


# -------------------------------------------------------------------------------------------------------- the agents


def test_the_few_who_decide_are_agents(lived: Market) -> None:
    assert set(lived.agent_types) == {Platform, Merchant, Creator}
    assert [m.name for m in lived.agents_by_type[Merchant]] == ["Leaf", "Rival"]
    assert len(lived.agents_by_type[Creator]) == 6
    assert len(lived.agents) == 2 + 2 + 6
    assert all(callable(agent.plan) for agent in lived.agents)
    assert len(lived.agents.select(lambda a: isinstance(a, Platform))) == 2
    assert set(lived.agents.get("unique_id")) == set(range(1, 11))


def test_agents_know_their_own_books_and_entries(lived: Market) -> None:
    leaf, film = lived.merchants[0], next(p for p in lived.platforms if p.name == "film")
    assert leaf.spec.cash == 1000
    assert leaf.cash == lived.ledger.merchant_cash()[0] / 100
    assert film.spec.activity == 0.5
    assert sum(p.cash for p in lived.platforms) > 0
    star = next(c for c in lived.creators if c.spec.name == "star")
    nano = next(c for c in lived.creators if c.spec.name == "nano")
    assert star.fee > nano.fee > 0
    assert star.lift < nano.lift


def test_plans_are_plans(lived: Market) -> None:
    orders = lived.merchants[0].plan(lived)
    assert orders.budget_per_day == 60
    assert orders.mix.kol == 1
    creator = lived.creators[0]
    creator.capacity = 1.0
    assert creator.plan([(creator.fee * 0.5, 0, 0)]) == [], "an offer below the fee"
    assert creator.plan([(creator.fee, 0, 0), (creator.fee * 2, 1, 1)]) == [(creator.fee * 2, 1, 1)], "the best paid"
    assert creator.plan([(creator.fee * 9, 0, 0)]) == [], "no room left this week"


def test_a_merchant_of_ones_own_may_plan_otherwise(town: Any) -> None:
    """A subclass, put in the place of a merchant, is asked every morning."""

    class Cautious(Merchant):
        def plan(self, market: Any) -> Any:
            orders = super().plan(market)
            return orders if market.day < 6 else type(orders)(**{**vars(orders), "budget_per_day": 0.0})

    market = Market(town, seed=5)
    market.merchants[0].remove()
    market.merchants[0] = Cautious(market, "Leaf", 0)
    market.run()
    assert market.state.columns["budget"][0].sum() == 0
    assert Cautious in market.agent_types


# --------------------------------------------------------------------------------------------------- data collectors


def test_the_market_keeps_a_diary(lived: Market) -> None:
    frame = lived.datacollector.get_model_vars_dataframe()
    assert list(frame["day"]) == list(range(12))
    assert list(frame.columns[-3:]) == TOWN["outcomes"]
    assert frame["total_orders"].is_monotonic_increasing
    result = lived.result()
    for name in TOWN["outcomes"]:
        assert frame[name].iloc[-1] == result.outcome(name)
        assert frame[name].iloc[:-1].isna().all()
    both = result.merchants["gmv"].sum()
    assert frame["total_gmv"].iloc[-1] == pytest.approx(both)


def test_a_collector_of_ones_own(town: Any) -> None:
    """Model, agent and agent-type reporters, by attribute and by function, in the collector of mesa."""

    def merchants_cash(market: Market) -> float:
        return sum(m.cash for m in market.merchants)

    market = Market(town, seed=5)
    market.datacollector = mesa.DataCollector(
        model_reporters={"day": "day", "cash": merchants_cash, "agents": lambda m: len(m.agents)},
        agent_reporters={"name": "name"},
        agenttype_reporters={Merchant: {"cash": "cash", "phase": lambda m: m.phase}, Platform: {"cash": "cash"}},
    )
    market.run()
    model = market.datacollector.get_model_vars_dataframe()
    assert list(model["day"]) == list(range(1, 13))
    assert set(model["agents"]) == {10}
    cash = market.datacollector.get_agenttype_vars_dataframe(Merchant)
    assert len(cash) == 24
    assert cash["cash"].groupby("Step").sum().to_numpy() == pytest.approx(model["cash"].to_numpy())
    assert len(market.datacollector.get_agent_vars_dataframe()) == 120
    assert market.datacollector.get_agenttype_vars_dataframe(Platform)["cash"].iloc[-1] >= 0


# -------------------------------------------------------------------------------------------------------- batch runs


def batch(parameters: dict[str, Any], seeds: list[int], **options: Any) -> list[dict[str, Any]]:
    """mesa.batch_run; from 3.5 on it takes the seeds apart, as ``rng=``, and hands them to a ``seed`` of the model."""
    if "rng" in inspect.signature(mesa.batch_run).parameters:
        return mesa.batch_run(Market, parameters, rng=seeds, display_progress=False, **options)
    return mesa.batch_run(Market, parameters | {"seed": seeds}, display_progress=False, **options)


def test_a_batch_of_markets(town: Any) -> None:
    """Seeds, strategies and overrides by path, as mesa varies them; a row for the last day of each."""
    rows = batch({"scenario": [town], "strategy": [None, "cheap"], "market.consumers": [100, 150]}, [0, 1])
    assert len(rows) == 8
    assert {row["day"] for row in rows} == {11}
    key = lambda row: (row["seed"], row["strategy"], row["market.consumers"])  # noqa: E731
    assert {key(row) for row in rows} == set(itertools.product(range(2), [None, "cheap"], [100, 150]))
    for row in rows[:2]:
        market = Market(town, row["strategy"], row["seed"], **{"market.consumers": row["market.consumers"]})
        assert row["profit"] == market.run().outcome("profit")


def test_a_batch_by_day(town: Any) -> None:
    rows = batch({"scenario": [town]}, [1], data_collection_period=1)
    assert [row["day"] for row in rows] == list(range(12))
    assert np.isnan(rows[0]["profit"])
    assert np.isfinite(rows[-1]["profit"])


# --------------------------------------------------------------------------------------------------------- consumers


def test_consumers_are_rows_with_a_face(lived: Market) -> None:
    people = lived.consumers
    assert len(people) == 300
    assert len(list(people)) == 300
    row = int(lived.state.table("orders").rows["consumer"][0])
    person = people[row]
    assert person.segment == "everyone"
    assert set(person.trust) == {"Leaf", "Rival"}
    assert all(0 < value < 1 for value in person.trust.values())
    assert len(person.friends) == np.diff(lived.network.indptr)[row]
    assert all(row in people[int(friend)].friends for friend in person.friends)
    assert person.income == people.income[row]
    history = person.history()
    assert len(history) == (lived.state.table("orders").rows["consumer"] == row).sum()
    bought = history["product"][0]
    assert bought in person.knows
    assert "bought" in person.why(bought)
    assert repr(person).startswith(f"Consumer({row}")
    assert people[-1].row == 299


def test_consumers_refuse_what_they_have_not(lived: Market) -> None:
    with pytest.raises(IndexError, match="300"):
        lived.consumers[300]
    with pytest.raises(AttributeError, match="charm"):
        _ = lived.consumers.charm
    with pytest.raises(AttributeError, match="charm"):
        _ = lived.consumers[0].charm
    with pytest.raises(ValueError, match="read-only"):
        lived.consumers.income[0] = 1


def test_the_frame_of_all_consumers(lived: Market) -> None:
    frame = lived.consumers.frame()
    assert len(frame) == 300
    assert {"id", "income", "segment", "degree", "fit:tea", "units:Leaf.green", "alive:Rival"} <= set(frame.columns)
    np.testing.assert_array_equal(frame["degree"], np.diff(lived.network.indptr))
    assert (frame["units:Leaf.green"] > 0).sum() == lived.products.loc["Leaf.green", "buyers"]


# --------------------------------------------------------------------------- sets of consumers, as of agents


def test_consumers_are_a_set_as_agents_are(lived: Market) -> None:
    """Every operation against the same one person by person."""
    people = lived.consumers
    rich = people.select(lambda c: c.income > np.median(c.income))
    one_by_one = [person for person in people if person.income > np.median(people.income)]
    assert [p.row for p in rich] == [p.row for p in one_by_one]
    assert len(rich) == 150
    assert one_by_one[0] in rich
    assert rich.agg("income", [np.min, np.max]) == [rich.income.min(), rich.income.max()]
    assert rich.agg("income", np.sum) == pytest.approx(sum(p.income for p in one_by_one))
    np.testing.assert_array_equal(rich.get("fatigue"), [p.fatigue for p in one_by_one])
    assert rich.get(["income", "fatigue"]).shape == (150, 2)
    assert rich.do(lambda c, k: k * len(c), 2) == 300
    assert [p.income for p in rich.sort("income").select(at_most=3)] == sorted(rich.income.tolist())[:-4:-1]
    assert len(people.select(at_most=0.5)) == 150
    assert people.select(rich.rows).rows.tolist() == rich.rows.tolist()
    assert "150 of 300" in repr(rich)
    with pytest.raises(ValueError, match="mask over 300 people"):
        people.select(np.ones(3, bool))
    with pytest.raises(ValueError, match="read-only"):
        rich.income[0] = 1


def test_consumers_are_grouped(lived: Market) -> None:
    groups = lived.consumers.groupby("segment")
    assert groups.count() == {"everyone": 300}
    bought = lived.consumers.groupby(lambda c: c.units.sum(axis=1) > 0)
    assert sum(bought.count().values()) == 300
    assert bought.agg("units", np.sum)[False] == 0
    assert bought.do(len) == bought.count()


def test_consumers_report_to_a_collector(town: Any) -> None:
    market = Market(town, seed=5)
    market.datacollector = sim.DataCollector(
        model_reporters={"tired": lambda m: m.consumers.agg("fatigue", np.mean)},
        agenttype_reporters={Merchant: {"cash": "cash"}},
        consumer_reporters={"fatigue": "fatigue", "bought": lambda c: c.units.sum(axis=1)},
        consumers=lambda people: people.select(at_most=100),
        every=3,
    )
    market.run()
    frame = market.datacollector.get_consumer_vars_dataframe()
    assert len(frame) == 4 * 100
    assert list(frame.index.names) == ["Step", "AgentID"]
    last = frame.loc[12]
    np.testing.assert_array_equal(last["bought"], market.consumers.units[:100].sum(axis=1))
    assert len(market.datacollector.get_agenttype_vars_dataframe(Merchant)) == 24
    assert market.datacollector.get_model_vars_dataframe()["tired"].iloc[-1] == market.consumers.fatigue.mean()
    market.datacollector.consumer_reporters = {"odd": lambda c: c.units}
    with pytest.raises(ValueError, match="odd"):
        market.datacollector.collect(market)


def test_a_running_market_can_be_kept_and_goes_on(town: Any) -> None:
    market = Market(town, seed=5)
    for _ in range(6):
        market.step()
    kept = pickle.loads(pickle.dumps(market))
    assert kept.day == 6
    for one in (market, kept):
        one.run()
    assert market.result().daily.equals(kept.result().daily)
    assert [m.name for m in kept.agents_by_type[Merchant]] == ["Leaf", "Rival"]
    assert kept.merchants[0].model is kept


def test_operations_on_the_few(lived: Market) -> None:
    """AgentSet of mesa on merchants, platforms and creators: select, get, agg, do, groupby, sort, set."""
    few = lived.agents
    assert few.select(agent_type=Merchant).get("name") == ["Leaf", "Rival"]
    assert few.select(agent_type=Merchant).agg("cash", sum) == pytest.approx(sum(m.cash for m in lived.merchants))
    assert few.select(agent_type=Creator).groupby("tier").count() == {0: 5, 1: 1}
    fees = [c.fee for c in few.select(agent_type=Creator).sort("fee")]
    assert fees == sorted(fees, reverse=True)
    few.select(agent_type=Platform).set("note", 3)
    assert few.select(agent_type=Platform).get("note") == [3, 3]
    said: list[str] = []
    few.select(agent_type=Merchant).do(lambda m: said.append(m.name))
    assert said == ["Leaf", "Rival"]
