"""What the notebooks of a class share: an own market for each student, predictions made before the experiment, and
exercises whose checks say what is wrong.

A student's number makes a seed, so everybody lives in an own market; the right answers are worked out from that market,
so that one answer key holds for all.
"""

from __future__ import annotations

import html
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sim.experiments.identity import student_seed

NOT_YET = "not answered yet"


@dataclass(frozen=True)
class Verdict:
    """What a check found. ``right`` is None while there is no answer; shows itself in a notebook."""

    exercise: str
    right: bool | None
    said: str

    def __repr__(self) -> str:
        mark = {True: "right", False: "not yet right", None: "waiting"}[self.right]
        return f"Exercise {self.exercise}: {mark}. {self.said}"

    def _repr_html_(self) -> str:
        colour = {True: "#0b6e4f", False: "#a23b00", None: "#555"}[self.right]
        look = f"border-left:4px solid {colour};padding-left:.6em;margin:.3em 0"
        return f'<p style="{look}">{html.escape(repr(self))}</p>'


@dataclass
class Lesson:
    """One notebook in the hands of one student.

    ``student``: the student's number, digits or any text; ``seed`` is made from it. ``total``: exercises there are.

    >>> sim.Lesson("A lesson", student="s-031", total=1).seed == sim.Lesson("Another", student="S-031").seed
    True
    """

    title: str
    student: int | str
    total: int = 0
    predictions: dict[str, str] = field(default_factory=dict)
    verdicts: dict[str, Verdict] = field(default_factory=dict)

    @property
    def seed(self) -> int:
        """The seed of this student's market."""
        return student_seed(self.student)

    def predict(self, question: str, mine: Any, options: Sequence[str]) -> str:
        """Write a prediction down before the experiment; says what may be chosen while there is none."""
        if mine is None:
            return f"{question}  Choose one of: {', '.join(options)}. (A wrong prediction teaches more than none.)"
        said = str(mine).strip()
        if said not in options:
            return f"{said!r} is none of: {', '.join(options)}."
        self.predictions[question] = said
        return f"Noted: {said!r}. Now look."

    def reveal(self, question: str, found: str) -> str:
        """Set a prediction beside what the market of this student showed."""
        mine = self.predictions.get(question)
        if mine is None:
            return f"Your market says: {found}. (You made no prediction.)"
        return f"Your market says: {found}. You said {mine}: " + ("as predicted." if mine == found else "a surprise.")

    def number(self, exercise: str, answer: Any, right: float, *, within: float = 0.05, hint: str = "") -> Verdict:
        """Check a number: right within a share of the right one (or ``within`` itself where that is 0)."""
        if answer is None:
            return self._keep(exercise, None, NOT_YET)
        try:
            said = float(answer)
        except (TypeError, ValueError):
            return self._keep(exercise, False, f"A number is wanted, this is {type(answer).__name__}.")
        if not math.isfinite(said):
            return self._keep(exercise, False, "A finite number is wanted.")
        room = within * (abs(right) or 1.0)
        if abs(said - right) <= room:
            return self._keep(exercise, True, f"In your market it is {right:,.4g}.")
        return self._keep(exercise, False, f"{said:,.4g} is {_off(said, right)}. {hint}".strip())

    def choice(self, exercise: str, answer: Any, right: str | Sequence[str], *,
               why: Mapping[str, str] | None = None, because: str = "") -> Verdict:  # fmt: skip
        """Check one of several; ``why`` says what speaks against wrong ones, ``because`` why the right one holds."""
        if answer is None:
            return self._keep(exercise, None, NOT_YET)
        rights = [right] if isinstance(right, str) else list(right)
        said = str(answer).strip()
        if said in rights:
            return self._keep(exercise, True, because or "Yes.")
        return self._keep(exercise, False, (why or {}).get(said, f"{said!r} is not it. Look at the figure once more."))

    def rule(self, exercise: str, answer: Any, test: Callable[[Any], str | None], *, because: str = "") -> Verdict:
        """Check anything else: ``test`` gives None when it is right, else what is wrong with it, in words."""
        if answer is None:
            return self._keep(exercise, None, NOT_YET)
        try:
            wrong = test(answer)
        except Exception as error:  # the student's own code may raise anything, and is to be told so
            wrong = f"It could not be tried: {type(error).__name__}: {error}"
        return self._keep(exercise, wrong is None, wrong or because or "Yes.")

    def score(self) -> str:
        """How far this student is."""
        done = sum(v.right is True for v in self.verdicts.values())
        rest = [name for name, v in self.verdicts.items() if v.right is not True]
        left = f"; open: {', '.join(rest)}." if rest else "."
        return f"{self.title}, student {self.student}: {done} of {max(self.total, len(self.verdicts))} right{left}"

    def _keep(self, exercise: str, right: bool | None, said: str) -> Verdict:
        self.verdicts[exercise] = Verdict(exercise, right, said)
        return self.verdicts[exercise]


def _off(said: float, right: float) -> str:
    """How a wrong number is wrong, without giving the right one away."""
    if right and said and (said < 0) != (right < 0):
        return "of the wrong sign"
    times = abs(said / right) if right else math.inf
    if 0 < times < math.inf and abs(math.log10(times) - round(math.log10(times))) < 0.01 and not 0.5 < times < 2:
        return "off by a power of ten: check the unit (a share, or per cent?)"
    if times > 3 or times < 1 / 3:
        return "far too large" if times > 1 else "far too small"
    return "too large" if said > right else "too small"


__all__ = ["Lesson", "Verdict", "student_seed"]
