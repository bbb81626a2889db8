"""One open page: a player, what it shows, what can be pressed. Drawn when its picture changes, five times a second."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from io import StringIO
from typing import Any

import panel as pn

from sim.dashboard import tables
from sim.dashboard.charts import Curves, Graph
from sim.dashboard.controls import Bar, Events, Levers
from sim.dashboard.fields import STYLE
from sim.dashboard.player import Player
from sim.dashboard.session import SIDES, Session
from sim.dashboard.story import FILE
from sim.dashboard.words import Words, words
from sim.report.glossary import fold
from sim.report.words import unit
from sim.scenario import Scenario

PERIOD = 200
"""Milliseconds between two looks at the picture."""

Text = Callable[[], str]


class Page:
    """The page of one browser tab. :meth:`close` ends its thread."""

    def __init__(self, scenario: Scenario, a: str | None = None, b: str | None = None, seed: int = 0,
                 lang: str = "en") -> None:  # fmt: skip
        self.w, self.lang = words(lang), lang
        self.player = Player(Session(scenario, a, b, seed))
        self.scenario = scenario
        w, currency = self.w, scenario.market.currency
        yuan = unit("yuan", lang, currency)
        self._bar = Bar(self.player, self.ask, w, lang)
        self._levers = Levers(self.player, self.ask, w, lang)
        self._events = Events(self.player, self.ask, w, lang)
        self._curves = [Curves("cumulative_profit", w("profit"), yuan, w), Curves("gmv", w("gmv"), yuan, w, mean=7)]
        self._graphs = [Graph(key) for key in SIDES]
        self._texts: list[tuple[Any, Text]] = []
        self._alert = pn.pane.Alert("", alert_type="danger", visible=False, sizing_mode="stretch_width")
        self._seen: tuple[Any, ...] = ()
        self._told = self.player.said[0]
        self.view = self._view()

    def ask(self, order: Callable[[], None]) -> None:
        """Hand an order to the player."""
        self._alert.visible = False
        if not self.player.ask(order):
            self._tell(self.w("too_fast"))

    def tick(self) -> None:
        """Draw what has changed since the last look."""
        player = self.player
        number, said = player.said
        if number != self._told:
            self._told = number
            self._tell(said)
            self._levers.put_back()
            self._seen = ()
        self._bar.draw()
        picture = player.picture
        seen = (picture.version, player.slow)
        if seen == self._seen:
            return
        self._seen = seen
        for pane, text in self._texts:
            new = text()
            if pane.object != new:
                pane.object = new
        if picture.sides:
            for curves in self._curves:
                curves.draw(picture)
            for graph in self._graphs:
                graph.draw(picture)
            self._levers.draw(picture)

    def close(self) -> None:
        """End the thread that lives the markets."""
        self.player.close()

    def _tell(self, text: str) -> None:
        self._alert.object = escape(text)
        self._alert.visible = True

    def _text(self, make: Text) -> Any:
        pane = pn.pane.HTML("", sizing_mode="stretch_width", stylesheets=[STYLE])
        self._texts.append((pane, make))
        return pane

    def _view(self) -> Any:
        w, player, scenario = self.w, self.player, self.scenario
        title = pn.pane.HTML(
            f"<h1>{escape(scenario.name)}</h1><p>{escape(scenario.question)}</p>", sizing_mode="stretch_width",
            stylesheets=[STYLE],
        )  # fmt: skip
        status = self._text(lambda: tables.status(player.picture, player.slow, player.session.over, w))
        people = self._text(lambda: tables.key(player.picture, _people(player.session), w))
        download = pn.widgets.FileDownload(
            callback=lambda: StringIO(player.picture.script.text), filename=FILE, label=w("download"),
            button_type="primary", width=260,
        )  # fmt: skip
        numbers = self._text(
            lambda: tables.numbers(player.picture, list(scenario.outcomes), w, self.lang, scenario.market.currency)
        )
        left = _column(620, _row(*(c.figure for c in self._curves)), people, _row(*(g.figure for g in self._graphs)),
                       _row(self._text(lambda: tables.funnel(player.picture, w)), numbers))  # fmt: skip
        script = self._text(lambda: tables.script(player.picture, w))
        right = _column(340, self._levers.view, self._events.view)
        terms = pn.pane.HTML(fold(w("glossary"), self.lang), sizing_mode="stretch_width", stylesheets=[STYLE])
        return pn.Column(title, self._bar.view, status, self._alert, pn.FlexBox(left, right, gap="18px"), script,
                         download, terms, sizing_mode="stretch_width", css_classes=["live"])  # fmt: skip


def _people(session: Session) -> int:
    market = session.sides["A"].market
    return int(market.network.n) if market is not None else int(session.scenario.market.consumers or 0)


def _column(width: int, *inside: Any) -> Any:
    """A column that takes ``width`` pixels or more of its row, and the whole row on a phone."""
    grow = 2 if width > 500 else 1
    return pn.Column(*inside, styles={"flex": f"{grow} 1 {width}px", "min-width": "0", "max-width": "100%"})


def _row(*inside: Any) -> Any:
    """Things side by side where there is room for 280 pixels each, else below each other."""
    boxes = [pn.Column(one, styles={"flex": "1 1 290px", "min-width": "0"}) for one in inside]
    return pn.FlexBox(*boxes, sizing_mode="stretch_width", gap="10px")


__all__ = ["Page", "Words"]
