"""Inputs of the browser's own, made from rows of data: named for screen readers, light, each with what it means."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import param
from panel.custom import JSComponent

HERE = Path(__file__).parent
STYLE = (HERE / "page.css").read_text(encoding="utf-8")
SCRIPT = (HERE / "fields.js").read_text(encoding="utf-8")


class Fields(JSComponent):  # type: ignore[misc,unused-ignore]
    """A column of inputs. ``rows``: what each is (:func:`row`); ``values``: where each stands, by the row's key.

    ``taken(key, value)`` is called when somebody has set one; what comes from a browser may be anything.
    """

    rows = param.List(default=[])
    values = param.Dict(default={})
    lang = param.String(default="en")

    _esm = SCRIPT

    def __init__(self, taken: Callable[[str, Any], None], **given: Any) -> None:
        self._taken = taken
        super().__init__(stylesheets=[STYLE], margin=(5, 10), **given)

    def _handle_msg(self, data: Any) -> None:
        """What panel calls with a message of the browser."""
        if isinstance(data, dict) and isinstance(data.get("key"), str):
            self._taken(data["key"], data.get("value"))

    def show(self, values: dict[str, Any], rows: list[dict[str, Any]] | None = None) -> None:
        """Show where everything stands, also where the page shows it otherwise; ``rows``: of other inputs."""
        self.param.update(values=dict(values), **({} if rows is None else {"rows": rows}))
        self._send_msg(self.values)  # as news it would be left out where the page's copy is the same


def row(key: str, label: str, kind: str, *, about: str = "", **more: Any) -> dict[str, Any]:
    """One input. ``kind``: number, whole, choice, switch. ``about``: HTML below it. ``more``: ``low``, ``high``,
    ``step`` of a slider (with ``slider=True``), ``least`` and ``most`` that are taken, ``choices``, ``width`` px."""
    return {"key": key, "label": label, "kind": kind, "about": about, "step": 1, "least": None, "most": None} | more


class Numbers:
    """Numbers beside each other that wait for a button: ``numbers[key]`` is where one stands. What the page is shown is
    a copy, so that only what fits between ``least`` and ``most`` gets here."""

    def __init__(self, rows: list[dict[str, Any]], values: dict[str, float], lang: str) -> None:
        self._rows, self._values = {one["key"]: one for one in rows}, dict(values)
        self.view = Fields(self._set, rows=rows, values=values, lang=lang, css_classes=["beside"])

    def __getitem__(self, key: str) -> float:
        return self._values[key]

    def _set(self, key: str, value: Any) -> None:
        asked = self._rows.get(key)
        number = isinstance(value, (int, float)) and not isinstance(value, bool)
        if asked is not None and number and asked["least"] <= value <= asked["most"]:
            self._values[key] = int(value) if asked["kind"] == "whole" else value
        self.view.show(self._values)
