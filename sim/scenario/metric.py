"""What a reported number is: name, words, unit, direction, formula, who is counted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Better = Literal["up", "down", ""]
Kind = Literal["funnel", "money", "statement", "loyalty", "trust", "social", "welfare"]


@dataclass(frozen=True)
class Metric:
    """One reported number.

    ``unit`` is one of ``yuan``, ``share`` (0..1, shown in %), ``people``, ``orders``, ``times``, ``day``, ``stars``,
    ``score`` (0..1, shown as it is), ``yuan/yuan``, ``groups``, ``shares``, ``units``. ``better`` says which way is
    good for the owner ("" when neither). ``who`` says who is eligible, ``window`` which days count, when that is not
    everything; ``over`` names the metric that counts those who were. Kind ``statement``: a line of the sum that leads
    from GMV to profit.
    """

    name: str
    label: str
    label_zh: str
    unit: str
    better: Better
    formula: str
    kind: Kind = "funnel"
    who: str = ""
    window: str = ""
    over: str = ""

    def text(self, lang: str = "en") -> str:
        """The label in a language: "en" or "zh"."""
        return self.label_zh if lang == "zh" else self.label
