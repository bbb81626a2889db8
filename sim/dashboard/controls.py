"""The things one can press: the bar on top, the levers of a side, the library's events."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import escape
from typing import Any

import panel as pn

from sim.dashboard.fields import STYLE, Fields, Numbers, row
from sim.dashboard.levers import GROUPS, Lever
from sim.dashboard.player import SPEEDS, Player
from sim.dashboard.reading import Picture
from sim.dashboard.session import MOST_PEOPLE, SIDES
from sim.dashboard.story import BASE
from sim.dashboard.words import Words
from sim.report.glossary import linked
from sim.scenario.library import shelf

Ask = Callable[[Callable[[], None]], None]
"""Hands an order to the player, and says so where it was refused."""


class Bar:
    """Play, step, reset, speed; which strategies are played; another seed or size."""

    def __init__(self, player: Player, ask: Ask, w: Words, lang: str) -> None:
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
        self._fixed = market.consumers is None
        self._numbers = Numbers(
            [row("seed", w("seed"), "whole", least=0, most=2**31, width=90),
             row("consumers", w("consumers"), "whole", step=1000, least=50, most=MOST_PEOPLE, width=100,
                 disabled=self._fixed),
             row("days", w("days"), "whole", least=1, most=3650, width=80)],
            {"seed": session.seed, "consumers": market.consumers or 50, "days": market.days}, lang,
        )  # fmt: skip
        anew = pn.widgets.Button(name=w("again"), width=130, align="end", on_click=lambda _: self._anew(ask))
        self.view = pn.Column(
            pn.FlexBox(self.play, step, week, reset, clear, self._speed, align_items="end", gap="2px"),
            pn.FlexBox(*self.sides.values(), self._numbers.view, anew, align_items="end", gap="2px"),
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
        numbers = {key: int(self._numbers[key]) for key in ("seed", "days", *(() if self._fixed else ("consumers",)))}
        ask(lambda: self._player.session.reset(**numbers))


class Levers:
    """Sliders and choices of one side and one group at a time, where the last picture has them."""

    def __init__(self, player: Player, ask: Ask, w: Words, lang: str) -> None:
        self._player, self._ask, self._w, self._lang = player, ask, w, lang
        self._drawn: tuple[Any, ...] = ()
        self._stands: tuple[Any, ...] = ()
        self.side = pn.widgets.RadioButtonGroup(name=w("steer"), options=list(SIDES), value="B", width=110)
        groups = {w(f"g_{group}"): group for group in GROUPS}
        self.group = pn.widgets.RadioButtonGroup(name=w("steer"), options=groups, value=GROUPS[0])
        for choice in (self.side, self.group):
            choice.param.watch(lambda _: self.draw(self._player.picture), "value")
        self._head = pn.pane.HTML("", sizing_mode="stretch_width", stylesheets=[STYLE])
        self.fields = Fields(self._moved, lang=lang, sizing_mode="stretch_width", css_classes=["high"])
        self.view = pn.Column(self._head, pn.FlexBox(self.side, self.group), self.fields, sizing_mode="stretch_width")

    def draw(self, picture: Picture) -> None:
        """Show where the levers of the chosen side stand; inputs are made anew only when others are needed."""
        key = self.side.value
        if key not in picture.script.values:
            return
        values = picture.script.values[key]
        levers = [lever for lever in self._player.session.levers.values()
                  if lever.group == self.group.value and lever.path in values]  # fmt: skip
        standing = {f"{key} {lever.path}": values[lever.path] for lever in levers}
        chosen = (self.group.value, *standing)
        if self._drawn != chosen:
            self.fields.show(standing, [self._row(key, lever) for lever in levers])
            self._drawn = chosen
        elif self._stands != (chosen, picture.script.changed):  # not at every picture: somebody may be typing
            self.fields.show(standing)
        self._stands = (chosen, picture.script.changed)
        name = escape(picture.sides[key].name) if key in picture.sides else key
        note = self._w("no_levers" if not levers else "unknown_note" if self.group.value == "unknown" else "lever_note")
        self._head.object = f"<h2>{self._w('levers', f'{key} {name}')}</h2><p class=note>{note}</p>"

    def put_back(self) -> None:
        """Show at the next drawing where the levers really stand, as after a refusal."""
        self._stands = ()

    def _row(self, key: str, lever: Lever) -> dict[str, Any]:
        more: dict[str, Any] = {"choices": list(lever.choices)} if lever.kind == "choice" else {}
        if lever.kind in ("number", "whole"):
            more = {"slider": True, "low": lever.low, "high": lever.high, "step": lever.step, "least": lever.least,
                    "most": lever.most}  # fmt: skip
        return row(f"{key} {lever.path}", lever.label, lever.kind, about=about(lever, self._w, self._lang), **more)

    def _moved(self, what: str, value: Any) -> None:
        key, _, path = what.partition(" ")
        if key in SIDES:
            self._ask(lambda: self._player.session.move(key, path, value))


class Events:
    """Events of the library, thrown in by a button."""

    def __init__(self, player: Player, ask: Ask, w: Words, lang: str) -> None:
        session = player.session
        places = {w("everywhere"): ""} | {place.name: place.name for place in session.scenario.platforms}
        what = pn.widgets.Select(name=w("event"), options=shelf("events"), value="parcel_jam", width=190)
        numbers = Numbers(
            [row("strength", w("strength"), "number", step=0.25, least=0.25, most=2, width=90),
             row("days", w("lasting"), "whole", least=0, most=365, width=180)],
            {"strength": 1, "days": 0}, lang,
        )  # fmt: skip
        place = pn.widgets.Select(name=w("place"), options=places, value="", width=150)

        def throw(_: Any) -> None:
            order = (what.value, int(numbers["days"]) or None, numbers["strength"], None, place.value or None)
            ask(lambda: session.throw(*order))

        button = pn.widgets.Button(name=w("throw"), button_type="primary", button_style="outline", align="end",
                                   on_click=throw)  # fmt: skip
        self.view = pn.Column(
            pn.pane.HTML(f"<h2>{w('events')}</h2><p class=note>{w('events_note')}</p>", stylesheets=[STYLE]),
            pn.FlexBox(what, place, numbers.view, button, align_items="end", gap="2px"),
            sizing_mode="stretch_width",
        )  # fmt: skip


def about(lever: Lever, w: Words, lang: str) -> str:
    """What a lever is, in HTML: description, unit, range, when it acts, with the words of the field linked."""
    said, _, named = linked(f"{lever.description}\0{lever.label.replace('_', ' ')}", lang).partition("\0")
    facts = [w("unit_of", lever.unit)] if lever.unit not in ("-", "") else []
    ranges = {"asked_range": lever.uncertain,
              "plausible": lever.plausible if lever.plausible != lever.uncertain else None}  # fmt: skip
    facts += [w(name, *(f"{end:,.10g}" for end in ends)) for name, ends in ranges.items() if ends is not None]
    if not any(ranges.values()):
        bounds = {"at_least": lever.least, "at_most": lever.most}
        facts += [w(name, f"{end:,.10g}") for name, end in bounds.items() if end is not None]
    facts += [w("at_reset")] if lever.applies == "build" else []
    return f"{said} <small>{' · '.join([*map(escape, facts), *re.findall('<a .*?</a>', named)])}</small>"
