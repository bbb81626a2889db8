"""The figures of the page: curves by day and the sampled graph, both sides in the same frame, updated in place."""

from __future__ import annotations

from typing import Any

import numpy as np
from bokeh.models import ColumnDataSource, HoverTool, Legend, LegendItem, NumeralTickFormatter, Range1d
from bokeh.plotting import figure

from sim.dashboard.reading import Picture
from sim.dashboard.sample import STATES, Sample
from sim.dashboard.words import Words

COLOURS = {"A": "#0072B2", "B": "#D55E00"}
LETTERS = {"A": "#00578A", "B": "#A84600"}
"""The same darker, which letters need to be read."""
DASHES = {"A": "solid", "B": "dashed"}
"""Okabe and Ito (2008); dashes tell the sides apart where colours do not."""

INK, FAINT, TOLD = "#20242a", "#d8dde3", "#E69F00"

LOOKS = {
    "unaware": ("#ffffff", "#9aa3ad", 6), "aware": ("#bcd9ee", "#5b87a6", 7), "seeded": ("#009E73", "#00694d", 11),
    "shared": ("#E69F00", "#8a5f00", 11), "bought": ("#CC3377", "#7a1f47", 9),
}  # fmt: skip
"""Fill, rim and size of a person of the graph by state."""


class Curves:
    """One column of the daily table over days, a line a side, with a mark on each day something was changed."""

    def __init__(self, column: str, title: str, unit: str, w: Words, mean: int = 1) -> None:
        self.column, self._mean = column, mean
        self.figure = figure(height=250, min_width=280, sizing_mode="stretch_width", toolbar_location=None, tools="",
                             title=title, x_axis_label=w("day"), y_axis_label=unit)  # fmt: skip
        _plain(self.figure)
        self.figure.x_range = Range1d(0, 1)
        self.figure.yaxis.formatter = NumeralTickFormatter(format="0,0")
        self._marks = ColumnDataSource({"day": []})
        self.figure.vspan(x="day", source=self._marks, line_color=INK, line_dash="dotted", line_alpha=0.6)
        self.figure.scatter([0, 0], [0, 10], alpha=0)  # the axis begins at 0, and there is one before the first day
        self._data: dict[str, Any] = {}
        items = []
        for key, colour in COLOURS.items():
            self._data[key] = ColumnDataSource({"day": [], "value": []}, name=f"{column}-{key}")
            line = self.figure.line("day", "value", source=self._data[key], color=colour, line_width=2.2,
                                    line_dash=DASHES[key])  # fmt: skip
            items.append(LegendItem(label=key, renderers=[line]))
        self._legend = Legend(items=items, orientation="horizontal", border_line_color=None, padding=0, margin=0,
                              spacing=16, location="top_left")  # fmt: skip
        self.figure.add_layout(self._legend, "above")
        tips = [(w("day"), "@day"), (title, "@value{0,0}")]
        lines = [line for item in items for line in item.renderers]
        self.figure.add_tools(HoverTool(tooltips=tips, mode="vline", renderers=lines))

    def draw(self, picture: Picture) -> None:
        """Show a picture."""
        self.figure.x_range.end = max(picture.days, 1)
        self._marks.data = {"day": sorted({day for day, _ in picture.marks})}
        for item, (key, side) in zip(self._legend.items, picture.sides.items(), strict=True):
            values = side.curves.get(self.column, np.zeros(0))
            self._data[key].data = {"day": side.curves["day"], "value": trailing(values, self._mean)}
            item.label = {"value": f"{key}  {side.name}"}


class Graph:
    """The sampled graph on one side: friendships, who was told by whom, what each person is."""

    def __init__(self, key: str) -> None:
        self.figure = figure(height=330, min_width=280, sizing_mode="stretch_width", toolbar_location=None, tools="",
                             x_range=(-0.03, 1.03), y_range=(-0.03, 1.03), title=key)  # fmt: skip
        _plain(self.figure)
        self.figure.axis.visible = False
        self.figure.grid.visible = False
        self.figure.title.text_color = LETTERS[key]
        self._key = key
        self._ties = ColumnDataSource({name: [] for name in ("x0", "y0", "x1", "y1")})
        self._told = ColumnDataSource({name: [] for name in ("x0", "y0", "x1", "y1")})
        self._nodes = ColumnDataSource({name: [] for name in ("x", "y", "fill", "rim", "size")})
        ends = {"x0": "x0", "y0": "y0", "x1": "x1", "y1": "y1"}
        self.figure.segment(**ends, source=self._ties, line_color=FAINT, line_width=0.6)
        self.figure.segment(**ends, source=self._told, line_color=TOLD, line_width=1.8)
        self.figure.scatter("x", "y", source=self._nodes, fill_color="fill", line_color="rim", size="size")
        self._sample: Sample | None = None

    def draw(self, picture: Picture) -> None:
        """Show a picture. Ties are sent once for each network."""
        drawn, side = picture.sample, picture.sides.get(self._key)
        if drawn is None or side is None:
            return
        if drawn is not self._sample:
            self._ties.data = _ends(drawn, drawn.ties)
            self._sample = drawn
        self.figure.title.text = f"{self._key}  {side.name}"
        self._told.data = _ends(drawn, side.told)
        fill, rim, size = zip(*(LOOKS[STATES[code]] for code in side.nodes), strict=True)
        self._nodes.data = {"x": drawn.x, "y": drawn.y, "fill": list(fill), "rim": list(rim), "size": list(size)}


def trailing(values: np.ndarray, days: int) -> np.ndarray:
    """float64[d], mean of each day and those before it, ``days`` at most."""
    total = np.concatenate([[0.0], np.cumsum(values, dtype=float)])
    at = np.arange(1, len(values) + 1)
    first = np.maximum(at - days, 0)
    mean: np.ndarray = (total[at] - total[first]) / (at - first)
    return mean


def _ends(drawn: Sample, pairs: np.ndarray) -> dict[str, Any]:
    a, b = pairs[:, 0], pairs[:, 1]
    return {"x0": drawn.x[a], "y0": drawn.y[a], "x1": drawn.x[b], "y1": drawn.y[b]}


def _plain(chart: Any) -> None:
    chart.outline_line_color = None
    chart.title.text_font_size = "14px"
    chart.title.text_color = INK
    chart.xgrid.grid_line_color = None
    chart.ygrid.grid_line_color = FAINT
    chart.axis.axis_line_color = FAINT
    chart.axis.major_tick_line_color = FAINT
    chart.axis.minor_tick_line_color = None
    chart.axis.axis_label_text_font_style = "normal"
    chart.axis.axis_label_text_color = INK
    chart.axis.major_label_text_color = INK
