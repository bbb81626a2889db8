"""How a scenario shows itself: as HTML in a notebook, as a table of what strategies change, as a figure, in words."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from sim.scenario.paths import PathError, parse_path


class Shows:
    """Methods of a scenario for people; what draws them is loaded when they are called."""

    @property
    def strategies_names(self) -> list[str]:
        """Names of the strategies, in the order of the file."""
        me: Any = self
        return list(me.strategies)

    @property
    def scale(self) -> float:
        """N over the number of consumers for which extensive quantities are stated; 1 while N is not known."""
        me: Any = self
        n, reference = me.market.consumers, me.market.reference_consumers
        return n / reference if n and reference else 1.0

    def to_frame(self) -> Any:
        """DataFrame of what strategies change: a row a path, column ``base`` for none, then one a strategy."""
        pd = import_module("pandas")
        me: Any = self
        paths = list(dict.fromkeys(path for change in me.strategies.values() for path in change))
        names = [None, *me.strategies]
        made = {name or "base": [value_at(me.for_strategy(name).resolved(), p) for p in paths] for name in names}
        return pd.DataFrame(made, index=pd.Index(paths, name="path", dtype=object), dtype=object)

    def explain(self, path: str) -> str:
        """A parameter in words: its value here, meaning, unit, bounds, default and source.

        Raises ScenarioError naming the nearest path when there is none of that name.
        """
        from sim.scenario.explain import STANDINGS, explain

        me: Any = self
        found = explain(path, me._registry)
        now = value_at(me.resolved(), path if "." in path else found.path)
        low_high = f"plausible {found.plausible[0]:g} to {found.plausible[1]:g}" if found.plausible else ""
        source = ": ".join(filter(None, (STANDINGS.get(found.standing, found.standing), found.source)))
        unit = "" if found.unit in ("", "-") else f" {found.unit}"
        told = [f"{found.path} = {now}{unit}" if now is not None else found.path, found.description,
                f"default {found.default}" if found.default else "", found.bounds, low_high, source]  # fmt: skip
        return "; ".join(text.rstrip(".") for text in told if text)

    def plot(self, kind: str = "plan", **options: Any) -> Any:
        """A matplotlib Figure of the scenario itself. ``plan``: what each strategy spends its budget on, by day."""
        return import_module("sim.report.plan").plot_scenario(self, kind, **options)

    def _repr_html_(self) -> str:
        return str(import_module("sim.report.cards").scenario(self))


def value_at(data: Any, path: str) -> Any:
    """The value at a dotted path of resolved data, items of lists by name; None where it leads nowhere."""
    try:
        names = parse_path(path)
    except PathError:
        return None
    for name in names:
        if isinstance(data, list):
            data = next((item for item in data if isinstance(item, dict) and item.get("name") == name), None)
        else:
            data = data.get(name) if isinstance(data, dict) else None
    return data
