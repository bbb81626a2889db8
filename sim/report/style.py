"""How figures look: colours everybody can tell apart, fonts that hold Han characters, SVG fit for a page."""

from __future__ import annotations

import functools
import io
import re
import textwrap
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, ParamSpec

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.font_manager import fontManager
from matplotlib.ticker import Formatter, MaxNLocator

from sim.report.numbers import Numbers

P = ParamSpec("P")

# Okabe and Ito (2008), without the yellow, which is too pale for lines; the last is black, drawn in the ink colour.
OKABE_ITO = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#20242a")
MARKERS = ("o", "s", "^", "D", "v", "P", "X")
LINES: tuple[Any, ...] = ("-", (0, (6, 2)), (0, (2, 1.5)), (0, (6, 2, 1.5, 2)), (0, (9, 2)), (0, (1, 1)), "-")
INK, FAINT, PAPER = "#20242a", "#d8dde3", "#fdfdfd"
"""Ink, grid and ground; in a page's SVG they become ``currentColor`` and CSS variables, so dark pages keep contrast."""

WIDTH, HEIGHT = 5.4, 3.4
"""Inches of a figure: narrow, so that on a phone its letters stay as large as the text around it."""

_HAN = (
    "Noto Sans CJK SC",
    "Source Han Sans SC",
    "Noto Sans SC",
    "WenQuanYi Zen Hei",
    "WenQuanYi Micro Hei",
    "Microsoft YaHei",
    "SimHei",
    "PingFang SC",
    "Hiragino Sans GB",
    "Noto Sans CJK JP",
    "Droid Sans Fallback",
)
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


@functools.lru_cache(maxsize=1)
def han_font() -> str | None:
    """The first installed font with Han characters, or None."""
    installed = set(fontManager.get_font_names())
    return next((name for name in _HAN if name in installed), None)


def han_note(lang: str) -> str | None:
    """What to say when Chinese was asked for and no font can draw it; None when all is well."""
    if lang != "zh" or han_font():
        return None
    return ("no font with Han characters is installed: words in figures saved as files are English (the page itself is "
            "Chinese); install one, such as Noto Sans CJK (Debian: fonts-noto-cjk), and give the command again")


@contextmanager
def styled() -> Iterator[None]:
    """The look of all figures, for the time of a ``with`` block; the caller's own settings are left as they were."""
    fonts = ["DejaVu Sans", *([han_font()] if han_font() else [])]
    with mpl.rc_context(
        {
            "font.family": fonts,
            "font.size": 9.5,
            "axes.titlesize": 10.5,
            "axes.titleweight": "bold",
            "axes.titlelocation": "left",
            "axes.edgecolor": INK,
            "axes.labelcolor": INK,
            "axes.linewidth": 0.7,
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.grid": True,
            "axes.axisbelow": True,
            "axes.unicode_minus": True,
            "grid.color": FAINT,
            "grid.linewidth": 0.6,
            "text.color": INK,
            "xtick.color": INK,
            "ytick.color": INK,
            "xtick.major.width": 0.6,
            "ytick.major.width": 0.6,
            "figure.facecolor": PAPER,
            "axes.facecolor": PAPER,
            "legend.frameon": False,
            "legend.fontsize": 9,
            "savefig.facecolor": PAPER,
            "lines.linewidth": 1.7,
            "lines.markersize": 5.5,
            "svg.hashsalt": "sim",
            "svg.fonttype": "path",
        }
    ):
        yield


def in_style(make: Callable[P, Figure]) -> Callable[P, Figure]:
    """Make a function that draws a figure draw it in :func:`styled`."""

    @functools.wraps(make)
    def made(*args: P.args, **kwargs: P.kwargs) -> Figure:
        with styled():
            return make(*args, **kwargs)

    return made


def label(text: object, width: int = 0, lines: int = 2) -> str:
    """A user's text made safe for a figure: no mathematics or control characters; wrapped and cut at ``width`` > 0."""
    clean = _CONTROL.sub(" ", str(text)).strip()
    clean = " " + clean if clean.startswith("_") else clean  # Matplotlib hides legend labels that begin with "_"
    if width:
        wide = any(ord(letter) > 0x2E80 for letter in clean)
        parts = textwrap.wrap(clean, max(4, width // 2) if wide else width) or [clean]
        if len(parts) > lines:
            room = (width // 2 if wide else width) - 1
            parts = [*parts[: lines - 1], parts[lines - 1][:room] + "…"]
        clean = "\n".join(parts)
    return clean.replace("$", r"\$")


def looks(strategies: list[str]) -> dict[str, dict[str, Any]]:
    """Colour, marker and line of each strategy: the same in every figure and beside its name in the tables."""
    k = len(OKABE_ITO)
    return {
        name: {"color": OKABE_ITO[i % k], "marker": MARKERS[(i + i // k) % k], "linestyle": LINES[(i + i // k) % k]}
        for i, name in enumerate(strategies)
    }


def canvas(title: str, height: float = HEIGHT, width: float = WIDTH) -> tuple[Figure, Axes]:
    """A figure of one panel with a title at its left."""
    figure = Figure(figsize=(width, height), layout="constrained")
    axes = figure.add_subplot()
    figure.suptitle(label(title, 58), x=0.012, ha="left", fontsize=10.5, fontweight="bold")
    return figure, axes


class UnitFormatter(Formatter):
    """Tick labels of one axis in one unit, scale and number of decimals."""

    def __init__(self, unit: str, numbers: Numbers) -> None:
        self.unit, self.numbers = unit, numbers

    def __call__(self, x: float, pos: int | None = None) -> str:
        return self.numbers.tick(x, self.unit)

    def format_ticks(self, values: Any) -> list[str]:
        return self.numbers.ticks([float(value) for value in values], self.unit)


def unit_axis(axis: Any, unit: str, numbers: Numbers, ticks: int = 5) -> None:
    """Few, round, labelled ticks in the unit."""
    axis.set_major_locator(MaxNLocator(ticks, integer=unit in ("day", "people", "orders")))
    axis.set_major_formatter(UnitFormatter(unit, numbers))


def legend(figure: Figure, handles: list[Any], texts: list[str]) -> None:
    """A legend below the panel, in as many columns as the names allow; the figure grows by its rows."""
    shown = [label(text, 28, lines=1) for text in texts]
    longest = max(sum(2 if ord(letter) > 0x2E80 else 1 for letter in text) for text in shown)
    columns = max(1, min(len(shown), int(figure.get_figwidth() * 13) // (longest + 7)))
    figure.set_figheight(figure.get_figheight() + 0.19 * -(-len(shown) // columns))
    figure.legend(
        handles, shown, loc="outside lower left", ncols=columns, handlelength=2.4, columnspacing=1.2, borderaxespad=0.2
    )


def empty(axes: Axes, text: str) -> None:
    """Say that there is nothing instead of showing bare axes."""
    axes.set_axis_off()
    axes.text(0.5, 0.5, text, ha="center", va="center", transform=axes.transAxes, fontstyle="italic")


_IDS = re.compile(r'(\bid="|href="#|url\(#)')
_DECIMALS = re.compile(r"scale\([^)]*\)|(-?\d+\.\d{2})\d+")


def svg(figure: Figure, prefix: str, title: str) -> str:
    """The figure as SVG for a page: own ids, page colours, two decimals, no outside references, a spoken title."""
    from html import escape

    stream = io.StringIO()
    with (
        styled(),
        warnings.catch_warnings(),
        mpl.rc_context({"svg.fonttype": "path" if han_font() or not _has_han(figure) else "none"}),
    ):
        warnings.filterwarnings("ignore", "Glyph .* missing")  # as text, the reader's own fonts show it
        figure.savefig(
            stream,
            format="svg",
            transparent=True,
            metadata={"Date": None, "Creator": None, "Format": None, "Type": None},
        )
    text = stream.getvalue()
    text = text[text.index("<svg") :]
    text = re.sub(r"<metadata>.*?</metadata>", "", text, flags=re.S)
    text = _IDS.sub(lambda found: found.group(1) + prefix + "-", text)
    text = _DECIMALS.sub(lambda found: found.group(1) or found.group(0), text)  # a glyph's scale needs all its digits
    text = text.replace(INK, "currentColor").replace(FAINT, "var(--faint)").replace(PAPER, "var(--card)")
    text = re.sub(r'<svg ([^>]*?)width="[^"]*" ?', r"<svg \1", text, count=1)
    text = re.sub(r'<svg ([^>]*?)height="[^"]*" ?', r"<svg \1", text, count=1)
    return text.replace("<svg ", f'<svg role="img" aria-label="{escape(title, quote=True)}" ', 1)


def _has_han(figure: Figure) -> bool:
    from matplotlib.text import Text

    return any(ord(c) > 0x2E80 for text in figure.findobj(Text) for c in getattr(text, "get_text", str)())
