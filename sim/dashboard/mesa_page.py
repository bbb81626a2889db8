"""A market in mesa's own page (SolaraViz), for those who come from Mesa; needs the extra ``solara``.

    # app.py, shown by:  solara run app.py
    from sim.dashboard import mesa_page
    page = mesa_page.page("koc_or_kol.yaml", set={"market.consumers": 2000})

Its components (:func:`graph`, :func:`funnel`, :func:`gmv`, :func:`profit`) take any :class:`sim.Market`, and so go into
a ``SolaraViz`` of one's own as well. Parameters are levers of the scenario's schema, as on the page of ``sim
dashboard``, which compares two strategies and lets one steer as days go by; here, as in mesa, they hold from the next
reset on.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from typing import Any
from weakref import WeakKeyDictionary

import solara
from matplotlib.figure import Figure

from sim.contract import Problem, ScenarioError
from sim.dashboard.charts_mesa import curve_figure, funnel_figure, graph_figure
from sim.dashboard.levers import Lever, levers, value_at
from sim.dashboard.reading import Reading, read
from sim.dashboard.sample import Sample, sample
from sim.experiments.identity import BASE, student_seed
from sim.market import Market
from sim.scenario import Scenario, load
from sim.scenario.paths import nearest

with warnings.catch_warnings():  # of solara, about a hook of mesa's; nothing a reader of this page can mend
    warnings.simplefilter("ignore", UserWarning)
    from mesa.visualization import Slider, SolaraViz
    from mesa.visualization.utils import update_counter

MOST = 8
"""Levers shown where none are named."""

_samples: WeakKeyDictionary[Market, Sample] = WeakKeyDictionary()
_readings: WeakKeyDictionary[Market, tuple[int, Reading]] = WeakKeyDictionary()


def page(scenario: Any, strategy: str | None = None, seed: int = 0, parameters: Sequence[str] | None = None,
         set: Mapping[str, Any] | None = None) -> Any:  # fmt: skip
    """The page of one market: a Solara element, with a market of its own for every browser that opens it.

    ``scenario``: a Scenario, a path or a mapping, with ``set`` applied. ``parameters``: paths that get a slider; by
    default the first of those the strategies move, then of the plan. Raises ScenarioError on bad input.
    """
    made = scenario if isinstance(scenario, Scenario) else load(scenario, set=set)
    return _Whole(playable(made, strategy, seed), sliders(made, strategy, seed, parameters), made.name)


@solara.component
def _Whole(kind: type[Market], shown: dict[str, Any], name: str) -> None:
    """One browser's page."""
    market = solara.use_memo(kind, [])
    SolaraViz(market, components=[(part, 0) for part in COMPONENTS], model_params=shown, name=name, play_interval=1)


def playable(scenario: Scenario, strategy: str | None = None, seed: int = 0) -> type[Market]:
    """A class of markets that mesa's page can make anew: keywords are ``strategy``, ``seed`` and dotted paths.

    A lever that stands where the scenario has it is not set, so that a strategy can still move it.
    """
    usual = scenario.resolved()

    class Played(Market):
        """A market of this scenario."""

        def __init__(self, **kwargs: Any) -> None:
            name = kwargs.pop("strategy", strategy)
            chosen = student_seed(kwargs.pop("seed", seed))
            moved = {path: value for path, value in kwargs.items() if value != value_at(usual, path)}
            super().__init__(scenario, None if name == BASE else name, chosen, **moved)

    return Played


def sliders(scenario: Scenario, strategy: str | None = None, seed: int = 0,
            parameters: Sequence[str] | None = None) -> dict[str, Any]:  # fmt: skip
    """``model_params`` of mesa's page: strategy, seed, and a control for each of these levers of the schema.

    Raises ScenarioError on a path that is no lever of the scenario.
    """
    usual, names = scenario.resolved(), [BASE, *scenario.strategies]
    known = {lever.path: lever for lever in levers(scenario) if value_at(usual, lever.path) is not None}
    for path in parameters or ():
        if path not in known:
            raise ScenarioError([Problem(f"no lever of this scenario{nearest(path, known)}", path)])
    paths = list(known)[:MOST] if parameters is None else parameters
    made: dict[str, Any] = {
        "strategy": {"type": "Select", "label": "strategy", "value": strategy or BASE, "values": names},
        "seed": {"type": "InputText", "label": "seed", "value": str(seed)},
    }
    return made | {path: _control(known[path], value_at(usual, path)) for path in paths}


def _control(lever: Lever, value: Any) -> Any:
    label = lever.label if lever.unit in ("-", "") else f"{lever.label}, {lever.unit}"
    if lever.kind == "switch":
        return {"type": "Checkbox", "label": label, "value": bool(value)}
    if lever.kind == "choice":
        return {"type": "Select", "label": label, "value": value, "values": list(lever.choices)}
    kind = int if lever.kind == "whole" else float
    return Slider(label, *map(kind, (value, lever.low, lever.high, lever.step)), dtype=kind)


def graph(market: Market) -> None:
    """The sampled graph: who knows, was seeded, shared and bought, and who was told by whom."""
    _shown(market, graph_figure(_sample(market), _reading(market), market.network.n))


def funnel(market: Market) -> None:
    """People by stage, from seeing the focal merchant's goods to buying again."""
    _shown(market, funnel_figure(_reading(market)))


def gmv(market: Market) -> None:
    """GMV of the focal merchant by day."""
    _shown(market, curve_figure(_reading(market), "gmv", "GMV a day, yuan", market.scenario.market.days))


def profit(market: Market) -> None:
    """Profit of the focal merchant so far, by day."""
    title = "Profit so far, yuan"
    _shown(market, curve_figure(_reading(market), "cumulative_profit", title, market.scenario.market.days))


COMPONENTS = (graph, funnel, gmv, profit)
"""What the page shows; each may stand alone in a page of one's own."""


def _shown(market: Market, figure: Figure) -> None:
    update_counter.get()
    solara.FigureMatplotlib(figure, dependencies=[id(market), market.day], format="svg")


def _sample(market: Market) -> Sample:
    """The same people, at the same places, as long as the market lives."""
    if market not in _samples:
        _samples[market] = sample(market.network, market.state.columns["author"] == 1)
    return _samples[market]


def _reading(market: Market) -> Reading:
    """Read once a day, whichever component asks first."""
    known = _readings.get(market)
    if known is None or known[0] != market.day:
        _readings[market] = known = (market.day, read(market, market.strategy, _sample(market)))
    return known[1]
