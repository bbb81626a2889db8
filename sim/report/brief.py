"""For a board: two printed pages, and the main figures as slides, from a stored comparison and nothing else."""

from __future__ import annotations

import io
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.image import imread
from matplotlib.patches import Rectangle

from sim.metrics import declared
from sim.report import assumed, doubts
from sim.report.figures import page_figures
from sim.report.inputs import ComparisonLike, outcomes
from sim.report.style import INK, PAPER, han_font, label, styled
from sim.report.verdict import answer, ranked
from sim.report.words import words

A4 = (8.27, 11.69)
SLIDE = (12.8, 7.2)
"""Inches; at 150 dots an inch a slide is 1920 by 1080."""
SOFT, MARK, OPEN = "#5b6470", "#0067a0", "#a84300"

_WORDS = {
    "left_out": ("Further figures and all tables are in report.html.", "其余图表见report.html。"),
    "page": ("page {0} of 2", "第{0}页，共2页"),
    "not_a_forecast": (
        "Simulated under stated assumptions, to compare strategies; not a forecast of sales.",
        "在给定假设下模拟，用于比较策略，不是销量预测。",
    ),
}


def write_brief(comparison: ComparisonLike, folder: str | Path, lang: str = "en") -> list[Path]:
    """Write ``brief.pdf`` (two A4 pages) and ``slides/*.png`` (1920 by 1080) into ``folder``; gives the files.

    Where no font with Han characters is installed, fixed words are English (:func:`sim.report.style.han_note`).
    """
    lang = lang if han_font() else "en"
    place = Path(folder)
    place.mkdir(parents=True, exist_ok=True)
    drawn = {name: draw for _, name, draw in page_figures(comparison, lang)}
    return [_pdf(comparison, drawn, place / "brief.pdf", lang), *_slides(comparison, drawn, place / "slides", lang)]


def _pdf(comparison: ComparisonLike, drawn: dict[str, Callable[[], Figure]], final: Path, lang: str) -> Path:
    from matplotlib.backends.backend_pdf import PdfPages

    partial = final.with_name(final.name + ".part")
    with styled(), PdfPages(partial, metadata={"CreationDate": None, "Title": _title(comparison)}) as pages:
        for make in (_first, _second):
            pages.savefig(make(comparison, drawn, lang))
    partial.replace(final)
    return final


def _title(comparison: ComparisonLike) -> str:
    return str(getattr(comparison.scenario, "name", "") or comparison.run_id)


class _Sheet:
    """A page written from the top: text that wraps, figures side by side. Lengths are inches."""

    MARGIN = 0.65

    def __init__(self, size: tuple[float, float] = A4) -> None:
        self.width, self.height = size
        self.figure = Figure(figsize=size)
        self.y = self.MARGIN

    def text(self, said: str, points: float, color: str = INK, bold: bool = False, after: float = 0.1,
             inset: float = 0.0) -> float:  # fmt: skip
        """Write wrapped text and move below it; gives its height."""
        em = (self.width - 2 * self.MARGIN - inset) * 72 / points
        lines = _wrapped(said, em * 0.86 if bold else em)
        for line in lines:
            self.figure.text((self.MARGIN + inset) / self.width, 1 - self.y / self.height, label(line), fontsize=points,
                             color=color, fontweight="bold" if bold else "normal", va="top")  # fmt: skip
            self.y += points * 1.38 / 72
        self.y += after
        return len(lines) * points * 1.38 / 72

    def pictures(self, figures: list[Figure], after: float = 0.2, most: float = 3.6) -> None:
        """Figures side by side, each as wide as its share of the page and at most ``most`` inches high."""
        gap = 0.25
        wide = (self.width - 2 * self.MARGIN - gap * (len(figures) - 1)) / max(len(figures), 1)
        tallest = 0.0
        for k, figure in enumerate(figures):
            ratio = figure.get_figheight() / figure.get_figwidth()
            high = min(wide * ratio, most)
            left = self.MARGIN + k * (wide + gap)
            axes = self.figure.add_axes((left / self.width, 1 - (self.y + high) / self.height,
                                         min(high / ratio, wide) / self.width, high / self.height))  # fmt: skip
            _paste(axes, figure, dots=round(300 * wide / figure.get_figwidth()))
            tallest = max(tallest, high)
        self.y += tallest + after

    def room(self) -> float:
        """Inches left above the foot."""
        return self.height - self.y - 0.75

    def foot(self, said: str) -> None:
        """A line at the bottom."""
        self.figure.text(self.MARGIN / self.width, 0.38 / self.height, label(said), fontsize=7.5, color=SOFT)


def _paste(axes: Axes, figure: Figure, dots: int) -> None:
    """Show a figure as a picture in axes."""
    stream = io.BytesIO()
    FigureCanvasAgg(figure)
    figure.savefig(stream, format="png", dpi=dots)
    stream.seek(0)
    axes.imshow(imread(stream), aspect="auto", interpolation="antialiased")
    axes.set_axis_off()


def _wrapped(said: str, em: float) -> list[str]:
    """Lines of a text that is ``em`` letters' heights wide: a Latin letter takes about half of one, a Han one whole."""
    wide = sum(ord(letter) > 0x2E80 for letter in said) > len(said) / 3
    return textwrap.wrap(said, max(8, int(em * (1.0 if wide else 1.93)))) or [""]


def _first(comparison: ComparisonLike, drawn: dict[str, Callable[[], Figure]], lang: str) -> Figure:
    """Page one: the question, the answer, and the figures it rests on."""
    w, sheet, metric = words(lang), _Sheet(), (outcomes(comparison) or ["profit"])[0]
    found = answer(comparison, metric, lang)
    sheet.text(_title(comparison), 18, bold=True, after=0.04)
    sheet.text(str(getattr(comparison.scenario, "question", "") or ""), 11, SOFT, after=0.16)
    top, color = sheet.y, MARK if found.decided else OPEN
    sheet.y += 0.12
    sheet.text(f"{w('answer')} · {w('decided') if found.decided else w('undecided')}", 8.5, color, True, 0.03, 0.2)
    sheet.text(found.sentence, 12.5, after=0.08, inset=0.2)
    bar = Rectangle((sheet.MARGIN / sheet.width, 1 - sheet.y / sheet.height), 0.06 / sheet.width,
                    (sheet.y - top) / sheet.height, color=color, transform=sheet.figure.transFigure)  # fmt: skip
    sheet.figure.add_artist(bar)
    sheet.y += 0.18
    for name in outcomes(comparison)[1:5]:
        if declared(name).better:
            sheet.text("• " + answer(comparison, name, lang).short, 9, after=0.03)
    sheet.y += 0.12
    for pair in (("means_", "differences_"), ("daily_cumulative_profit", "funnel"), ("cash", "roi")):
        if sheet.room() > 2.6:
            sheet.pictures([drawn[name]() for start in pair for name in drawn if name.startswith(start)][:2])
    sheet.foot(_foot(comparison, lang, 1))
    return sheet.figure


def _second(comparison: ComparisonLike, drawn: dict[str, Callable[[], Figure]], lang: str) -> Figure:
    """Page two: why, what would change the answer, where the money went."""
    w, sheet, metric = words(lang), _Sheet(), (outcomes(comparison) or ["profit"])[0]
    found = answer(comparison, metric, lang)
    changes = doubts.content(comparison, found, lang)
    if changes:
        sheet.text(changes["heading"], 13, bold=True, after=0.05)
        for said in changes["told"]:
            sheet.text("• " + said, 9.5, after=0.04)
        sheet.y += 0.1
    best = comparison.strategies.index(ranked(comparison, metric)[0]) + 1
    wanted = ("waterfall", "tornado", "three_ways", "attribution", f"channels_{best}", f"flows_{best}", "roi", "mood")
    chosen = [name for name in (*wanted, "cascades") if name in drawn]
    for first in range(0, len(chosen), 2):
        pair = chosen[first : first + 2]
        if sheet.room() > 3.6:
            sheet.pictures([drawn[name]() for name in pair], most=3.5)
    known = assumed.parameters(comparison)
    count = sum(row["standing"] == "A" for row in known)
    told = [w("assumptions_note", assumed=count, total=len(known))] if known else []
    told += [_WORDS["not_a_forecast"][lang == "zh"], _WORDS["left_out"][lang == "zh"]]
    sheet.text(("" if lang == "zh" else " ").join(told), 9, SOFT)
    sheet.foot(_foot(comparison, lang, 2))
    return sheet.figure


def _foot(comparison: ComparisonLike, lang: str, page: int) -> str:
    w, market = words(lang), getattr(comparison.scenario, "market", None)
    people, days = getattr(market, "consumers", None), getattr(market, "days", "?")
    told = w("subtitle", strategies=len(comparison.strategies), replications=comparison.replications,
             people=f"{people:,}" if isinstance(people, int) else w("as_in_file"), days=days)  # fmt: skip
    return f"{told} · {comparison.run_id} · {_WORDS['page'][lang == 'zh'].format(page)}"


def _slides(comparison: ComparisonLike, drawn: dict[str, Callable[[], Figure]], folder: Path,
            lang: str) -> Iterator[Path]:  # fmt: skip
    """A slide a figure: its title as the headline, the figure as large as it goes, the run it comes from."""
    folder.mkdir(parents=True, exist_ok=True)
    said = answer(comparison, None, lang)
    chosen = [n for n in drawn if n.startswith(("means_", "differences_", "daily_gmv", "daily_cum"))]
    also = ("funnel", "waterfall", "three_ways", "tornado", "mood", "trees_1", "network_1")
    chosen += [name for name in also if name in drawn]
    chosen += [n for n in drawn if n.startswith(("flows_", "fills_"))]
    for k, name in enumerate(chosen, start=1):
        figure = drawn[name]()
        headline = said.short if name.startswith("differences_") else figure.get_suptitle().replace("\\$", "$")
        figure.suptitle("")
        final = folder / f"{k:02d}_{name.replace('@', '_at_')}.png"
        with styled():
            _slide(figure, headline, comparison.run_id).savefig(final, dpi=150, metadata={"Software": None})
        yield final


def _slide(figure: Figure, headline: str, source: str) -> Figure:
    sheet = _Sheet(SLIDE)
    sheet.figure.set_facecolor(PAPER)
    sheet.y = 0.45
    sheet.text(headline, 20, bold=True, after=0.15)
    room = sheet.height - sheet.y - 0.65
    ratio = figure.get_figheight() / figure.get_figwidth()
    wide = min(sheet.width - 2 * sheet.MARGIN, room / ratio)
    high = wide * ratio
    axes = sheet.figure.add_axes(((sheet.width - wide) / 2 / sheet.width, 1 - (sheet.y + high) / sheet.height,
                                  wide / sheet.width, high / sheet.height))  # fmt: skip
    _paste(axes, figure, dots=round(220 * wide / figure.get_figwidth()))
    sheet.foot(source)
    return sheet.figure

