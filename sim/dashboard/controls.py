"""The things one can press: the bar on top, the levers of a side, the library's events."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from pathlib import Path
from typing import Any

import panel as pn
from panel.links import Callback

from sim.dashboard.levers import GROUPS, Lever
from sim.dashboard.player import SPEEDS, Player
from sim.dashboard.reading import Picture
from sim.dashboard.session import MOST_PEOPLE, SIDES
from sim.dashboard.story import BASE
from sim.dashboard.words import Words
from sim.scenario.library import shelf

STYLE = (Path(__file__).with_name("page.css")).read_text(encoding="utf-8")

Ask = Callable[[Callable[[], None]], None]
"""Hands an order to the player, and says so where it was refused."""


class Bar:
    """Play, step, reset, speed; which strategies are played; another seed or size."""

    def __init__(self, player: Player, ask: Ask, w: Words) -> None:
        self._player, self._w = player, w
        session = player.session
        names = {w("as_is") if name == BASE else name: name for name in (BASE, *session.story.source.strategies)}
        self.play = pn.widgets.Button(name=w("play"), button_type="primary", width=110, on_click=self._toggle)
        step = pn.widgets.Button(name=w("step"), width=80, on_click=lambda _: ask(lambda: session.step(1)))
        week = pn.widgets.Button(name=w("week"), width=80, on_click=lambda _: ask(lambda: session.step(7)))
        reset = pn.widgets.Button(name=w("reset"), width=90, on_click=lambda _: self._restart(ask, session.reset))
        clear = pn.widgets.Button(name=w("clear"), width=90, on_click=lambda _: self._restart(ask, session.clear))
        speeds = {f"{speed:g}" if speed else w("fastest"): speed for speed in SPEEDS}
        self._speed = pn.widgets.Select(name=w("speed"), options=speeds, value=player.speed, width=150)
        self._speed.param.watch(lambda event: setattr(player, "speed", event.new), "value")
        self.sides = {
            key: pn.widgets.Select(name=w("side", key), options=names, value=session.sides[key].strategy, width=190)
            for key in SIDES
        }  # fmt: skip
        for key, select in self.sides.items():
            select.param.watch(lambda event, key=key: ask(lambda: session.choose(key, event.new)), "value")
        market = session.scenario.market
        self._seed = pn.widgets.IntInput(name=w("seed"), value=session.seed, start=0, width=110)
        self._people = pn.widgets.IntInput(name=w("consumers"), value=market.consumers or 0, start=50, end=MOST_PEOPLE,
                                           step=1000, width=120, disabled=market.consumers is None)  # fmt: skip
        self._days = pn.widgets.IntInput(name=w("days"), value=market.days, start=1, end=3650, width=100)
        anew = pn.widgets.Button(name=w("again"), width=130, align="end", on_click=lambda _: self._anew(ask))
        self.view = pn.Column(
            pn.FlexBox(self.play, step, week, reset, clear, self._speed, align_items="end", gap="2px"),
            pn.FlexBox(*self.sides.values(), self._seed, self._people, self._days, anew, align_items="end", gap="2px"),
            sizing_mode="stretch_width",
        )  # fmt: skip

    def draw(self) -> None:
        """Show whether days go by."""
        name = self._w("pause" if self._player.playing else "play")
        if self.play.name != name:
            self.play.name = name

    def _toggle(self, _: Any) -> None:
        self._player.playing = not self._player.playing and not self._player.session.over
        self.draw()

    def _restart(self, ask: Ask, how: Callable[[], None]) -> None:
        self._player.playing = False
        ask(how)

    def _anew(self, ask: Ask) -> None:
        self._player.playing = False
        seed, days = int(self._seed.value or 0), int(self._days.value or 1)
        market = {"days": days} | ({} if self._people.disabled else {"consumers": int(self._people.value or 50)})
        ask(lambda: self._player.session.reset(seed, **market))


class Levers:
    """Sliders and choices of one side and one group at a time, where the last picture has them."""

    def __init__(self, player: Player, ask: Ask, w: Words) -> None:
        self._player, self._ask, self._w = player, ask, w
        self._drawn: tuple[Any, ...] = ()
        self._stands: tuple[Any, ...] = ()
        self._silent = False
        self._widgets: dict[str, Any] = {}
        self.side = pn.widgets.RadioButtonGroup(name=w("steer"), options=list(SIDES), value="B", width=110)
        groups = {w(f"g_{group}"): group for group in GROUPS}
        self.group = pn.widgets.RadioButtonGroup(name=w("steer"), options=groups, value=GROUPS[0])
        for choice in (self.side, self.group):
            choice.param.watch(lambda _: self.draw(self._player.picture), "value")
        self._head = pn.pane.HTML("", sizing_mode="stretch_width", stylesheets=[STYLE])
        self._box = pn.Column(sizing_mode="stretch_width", max_height=560, scroll="y-auto")
        self.view = pn.Column(self._head, pn.FlexBox(self.side, self.group), self._box, sizing_mode="stretch_width")

    def draw(self, picture: Picture) -> None:
        """Show where the levers of the chosen side stand; widgets are made anew only when others are needed."""
        key = self.side.value
        if key not in picture.script.values:
            return
        values = picture.script.values[key]
        levers = [lever for lever in self._player.session.levers.values()
                  if lever.group == self.group.value and lever.path in values]  # fmt: skip
        chosen = (key, self.group.value, tuple(lever.path for lever in levers))
        if self._drawn != chosen:
            unlink(*self._widgets.values())
            self._widgets = {lever.path: self._widget(key, lever, values[lever.path]) for lever in levers}
            self._box[:] = list(self._widgets.values())
            self._drawn = chosen
        name = escape(picture.sides[key].name) if key in picture.sides else key
        note = self._w("no_levers" if not levers else "unknown_note" if self.group.value == "unknown" else "lever_note")
        self._head.object = f"<h3>{self._w('levers', f'{key} {name}')}</h3><p class=note>{note}</p>"
        if self._stands != (chosen, picture.script.changed):  # not at every picture: somebody may be dragging
            self._silent = True
            for path, widget in self._widgets.items():
                if widget.value != values[path]:
                    widget.value = values[path]
            self._silent = False
            self._stands = (chosen, picture.script.changed)

    def put_back(self) -> None:
        """Show at the next drawing where the levers really stand, as after a refusal."""
        self._stands = ()

    def _widget(self, key: str, lever: Lever, value: Any) -> Any:
        unit = f" ({lever.unit})" if lever.unit not in ("-", "") else ""
        fixed = "" if lever.applies == "day" else f" – {self._w('at_reset')}"
        name = f"{lever.label}{unit}{fixed}"
        full: dict[str, Any] = {"name": name, "value": value, "sizing_mode": "stretch_width", "max_width": 420}
        if lever.kind == "choice":
            made = pn.widgets.Select(options=list(lever.choices), **full)
        elif lever.kind == "switch":
            made = pn.widgets.Checkbox(**full)
        else:
            kind = pn.widgets.EditableIntSlider if lever.kind == "whole" else pn.widgets.EditableFloatSlider
            number = int if lever.kind == "whole" else float
            low, high = number(min(lever.low, value)), number(max(lever.high, value))
            made = kind(start=low, end=high, step=number(lever.step), fixed_start=_limit(lever.least, number),
                        fixed_end=_limit(lever.most, number), **full)  # fmt: skip
        watched = "value_throttled" if lever.kind in ("number", "whole") else "value"
        made.param.watch(lambda event: self._moved(key, lever.path, event.new), watched)
        return made

    def _moved(self, key: str, path: str, value: Any) -> None:
        if not self._silent and value is not None:
            self._ask(lambda: self._player.session.move(key, path, value))


class Events:
    """Events of the library, thrown in by a button."""

    def __init__(self, player: Player, ask: Ask, w: Words) -> None:
        session = player.session
        places = {w("everywhere"): ""} | {place.name: place.name for place in session.scenario.platforms}
        what = pn.widgets.Select(name=w("event"), options=shelf("events"), value="parcel_jam", width=190)
        strength = pn.widgets.FloatSlider(name=w("strength"), start=0.25, end=2.0, step=0.25, value=1.0, width=170)
        days = pn.widgets.IntInput(name=w("lasting"), value=0, start=0, end=365, width=170)
        place = pn.widgets.Select(name=w("place"), options=places, value="", width=150)

        def throw(_: Any) -> None:
            order = (what.value, days.value or None, strength.value, None, place.value or None)
            ask(lambda: session.throw(*order))

        button = pn.widgets.Button(name=w("throw"), button_type="warning", align="end", on_click=throw)
        self.view = pn.Column(
            pn.pane.HTML(f"<h3>{w('events')}</h3><p class=note>{w('events_note')}</p>", stylesheets=[STYLE]),
            pn.FlexBox(what, strength, days, place, button, align_items="end", gap="2px"),
            sizing_mode="stretch_width",
        )  # fmt: skip


def unlink(*views: Any) -> None:
    """Take views that are shown no more off panel's list of scripted callbacks.

    An editable slider is listed there with its parts, which know the slider and through its watchers the whole page; the
    list would keep them for as long as the server lives.
    """
    for view in views:
        for part in view.select():
            Callback.registry.pop(part, None)


def _limit(value: float | None, number: Callable[[float], float]) -> float | None:
    return None if value is None else number(value)
