"""Numbers as people read them: units, thousands separators, and no more digits than the uncertainty allows."""

from __future__ import annotations

import math
from typing import Any

DASH = "–"
MINUS = "\u2212"
_SYMBOL = {"CNY": "¥", "RMB": "¥", "JPY": "¥", "USD": "$", "EUR": "€", "GBP": "£"}
_SCALES = {"en": ((1e9, "B"), (1e6, "M")), "zh": ((1e8, "亿"), (1e4, "万"))}
_LEAST = {
    "share": 0.0001,
    "score": 0.001,
    "stars": 0.01,
    "yuan/yuan": 0.01,
    "ratio": 0.001,
    "sd": 0.01,
    "yuan": 0.01,
    "day": 1.0,
}


class Numbers:
    """Formats in one language and currency. ``currency`` is an ISO code; a code without a known sign is written out."""

    def __init__(self, lang: str = "en", currency: str = "CNY") -> None:
        self.lang = "zh" if lang == "zh" else "en"
        self.symbol = _SYMBOL.get(currency.upper(), currency + " ")
        self.currency = currency

    def value(self, value: float, unit: str, sign: bool = False, spread: float | None = None) -> str:
        """One number with its unit. ``spread`` (half a confidence interval, same unit) sets the digits kept."""
        if value is None or not math.isfinite(value):
            return DASH
        divisor, suffix = self._scale(max(abs(value), abs(spread or 0.0)), unit)
        return self._write(value, unit, divisor, suffix, self._places(value, unit, spread, divisor), sign)

    def interval(self, low: float, high: float, unit: str, sign: bool = False, mean: float | None = None) -> str:
        """``low to high`` in the digits of :meth:`value` with the same spread; a dash when either end is unknown."""
        if low is None or high is None or not (math.isfinite(low) and math.isfinite(high)):
            return DASH
        spread = (high - low) / 2
        middle = (high + low) / 2 if mean is None or not math.isfinite(mean) else mean
        divisor, suffix = self._scale(max(abs(middle), abs(spread)), unit)
        places = self._places(middle, unit, spread, divisor)
        to = "至" if self.lang == "zh" else "to"
        ends = [self._write(end, unit, divisor, suffix, places, sign) for end in (low, high)]
        return f"{ends[0]} {to} {ends[1]}"

    def tick(self, value: float, unit: str) -> str:
        """A short axis label: ``1.5M``, ``30%``, ``250``. The unit stands at the axis."""
        if unit == "share":
            return f"{round(value * 100, 6):g}%".replace("-", MINUS)
        for divisor, suffix in (*_SCALES[self.lang], *(((1e3, "k"),) if self.lang == "en" else ())):
            if abs(value) >= divisor * 0.9999:
                return f"{round(value / divisor, 4):g}{suffix}".replace("-", MINUS)
        return f"{round(value, 6):,g}".replace("-", MINUS)

    def ticks(self, values: list[float], unit: str) -> list[str]:
        """Labels of one axis: the same scale and the same number of decimals for all, as few as keep them exact."""
        times = 100.0 if unit == "share" else 1.0
        size = max((abs(value) for value in values), default=0.0)
        scales = (
            ()
            if unit == "share"
            else (*_SCALES[self.lang], *(((1e3, "k"),) if self.lang == "en" and size >= 1e4 else ()))
        )
        divisor, suffix = next((scale for scale in scales if size >= scale[0] * 0.9999), (1.0, ""))
        suffix = "%" if unit == "share" else suffix
        shown = [value * times / divisor for value in values]
        step = max(map(abs, shown), default=1.0) * 1e-6
        places = next((p for p in range(7) if all(abs(round(one, p) - one) <= step for one in shown)), 6)
        return [
            (f"{one:,.{places}f}" + suffix).replace("-", MINUS)
            if abs(one) > step
            else "0" + ("%" if suffix == "%" else "")
            for one in shown
        ]

    def count(self, value: float) -> str:
        """A whole number with thousands separators."""
        return DASH if value is None or not math.isfinite(value) else f"{value:,.0f}".replace("-", MINUS)

    def money(self, value: float) -> str:
        """Whole yuan with sign and thousands separators."""
        if value is None or not math.isfinite(value):
            return DASH
        whole = round(value)
        return f"{MINUS if whole < 0 else ''}{self.symbol}{abs(whole):,}"

    def probability(self, p: float) -> str:
        """A probability in per cent that never pretends certainty from a finite number of replications."""
        if p is None or not math.isfinite(p):
            return DASH
        if p > 0.995:
            return "> 99%"
        if p < 0.005:
            return "< 1%"
        return f"{100 * p:.0f}%"

    def _scale(self, size: float, unit: str) -> tuple[float, str]:
        if unit in ("share", "score", "stars", "ratio", "sd", "yuan/yuan", "day"):
            return 1.0, ""
        return next(((divisor, suffix) for divisor, suffix in _SCALES[self.lang] if size >= divisor), (1.0, ""))

    def _places(self, value: float, unit: str, spread: float | None, divisor: float) -> int:
        """Decimals so that the spread keeps two digits (or, without one, the value three), after scaling."""
        times = 100.0 if unit == "share" else 1.0
        least = _LEAST.get(unit, 1.0) * times
        if spread is not None and math.isfinite(spread) and spread > 0:
            step = 10.0 ** (math.floor(math.log10(spread * times)) - 1)
        elif value:
            step = 10.0 ** (math.floor(math.log10(abs(value) * times)) - 2)
        else:
            step = 1.0
        if unit == "yuan" and abs(value) >= 1000 and divisor == 1.0:
            least = 1.0
        return int(-math.floor(math.log10(max(step, least) / divisor) + 1e-9))

    def _write(self, value: float, unit: str, divisor: float, suffix: str, places: int, sign: bool) -> str:
        shown = value * (100.0 if unit == "share" else 1.0) / divisor
        rounded = round(shown, places)
        digits = f"{abs(rounded):,.{max(places, 0)}f}"
        mark = MINUS if rounded < 0 else "+" if sign and rounded > 0 else ""
        if unit == "yuan":
            digits = self.symbol + digits
        tail = suffix
        if unit == "share":
            tail = (" 个百分点" if self.lang == "zh" else " pp") if sign else "%"
        return f"{mark}{digits}{tail}"


def numbers_of(comparison: Any, lang: str) -> Numbers:
    """The number format of a language and of the currency of a comparison's scenario."""
    market = getattr(comparison.scenario, "market", None)
    return Numbers(lang, str(getattr(market, "currency", "CNY") or "CNY"))
