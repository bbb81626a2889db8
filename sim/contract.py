"""The lowest room: what a parameter, a column and a mechanism are. Knows nothing of any particular one.

Imported by every other part of ``sim``; imports only pydantic, numpy and the standard library.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

CHANNELS: tuple[str, ...] = ("ads", "kol", "koc", "friend", "search", "invite", "community", "contact",
                             "referral", "distribution", "live", "content", "store")
"""Where a person met a product. The position is the code stored in touch columns; append only."""

CHANNEL = {name: code for code, name in enumerate(CHANNELS)}
NO_TOUCH = 255

COUNTERS: tuple[str, ...] = (
    "impressions", "clicks", "reached", "aware", "considered", "intents", "orders", "gmv", "first_orders",
    "delivered", "returned", "refunded", "first_touch_orders", "first_touch_gmv", "settled", "refused",
    "cancelled", "reviews", "click_orders", "invited", "leads", "redeemed", "expired", "trials", "trial_orders",
)  # fmt: skip
"""What the day's tally counts, by product and channel (gmv and refunded in fen)."""

COUNT = {name: code for code, name in enumerate(COUNTERS)}

MODES: tuple[str, ...] = ("solo", "group_open", "group_join")
"""How an order was placed."""

Applies = Literal["build", "day"]
Standing = Literal["V", "V2", "K", "A", "S"]


class Params(BaseModel):
    """Base of every block of parameters: frozen, unknown keys refused, numbers finite."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, validate_default=True)


class MechanismParams(Params):
    """Base of a mechanism's parameters: every mechanism can be switched off.

    >>> class GlowParams(sim.MechanismParams):
    ...     fade: float = sim.quantity(0.9, "What is left a day later.", unit="share/day", ge=0, le=1)
    >>> GlowParams(fade=0.5).enabled
    True
    """

    enabled: bool = Field(
        True, description="Whether the mechanism acts at all.", json_schema_extra={"applies": "build"}
    )


def quantity(
    default: Any,
    description: str,
    *,
    unit: str = "-",
    source: str = "",
    standing: Standing = "A",
    applies: Applies = "day",
    extensive: bool = False,
    plausible: tuple[float, float] | None = None,
    **bounds: Any,
) -> Any:
    """A parameter with its passport: unit, bounds (``ge=, le=, gt=, lt=``), source, standing, when it may change.

    ``standing`` is V (verified in the literature), V2 (secondary source), K (field knowledge), A (assumption),
    S (market reports). ``applies="build"`` cannot be changed by an event. ``extensive`` quantities are stated for
    ``market.reference_consumers`` and scaled with the number of consumers (decision D14). ``plausible`` is the range
    over which sensitivity is judged.

    >>> sim.quantity(0.9, "What is left a day later.", unit="share/day", ge=0, le=1).json_schema_extra["standing"]
    'A'
    """
    extra: dict[str, Any] = {"unit": unit, "source": source or "assumption", "standing": standing, "applies": applies}
    if extensive:
        extra["extensive"] = True
    if plausible is not None:
        extra["plausible"] = list(plausible)
    if isinstance(default, (dict, list)):
        kept = default
        return Field(
            default_factory=lambda: type(kept)(kept), description=description, json_schema_extra=extra, **bounds
        )
    return Field(default, description=description, json_schema_extra=extra, **bounds)


@dataclass(frozen=True)
class Column:
    """One column of state, declared once.

    ``shape`` is written in the dimensions N (consumers), P (products), M (merchants), S (platforms), C (categories),
    G (segments), CH (channels), e.g. ``("N", "P")``. ``owner`` is the mechanism or room that fills it.

    >>> sim.Column("glow", ("N",), "float32", "0..1", "Warmth.", owner="glow").shape
    ('N',)
    """

    name: str
    shape: tuple[str, ...]
    dtype: Any
    unit: str
    description: str
    default: float = 0
    owner: str = "state"
    packed: Any = None
    """How numbers are kept as whole ones (:class:`sim.rules.packed.Packed`); None when they are kept as they are."""


class Words:
    """A list of 64-bit words that kernels append to: ``data`` is the buffer, the first ``n`` of it are in use."""

    def __init__(self, room: int = 1024) -> None:
        self.data = np.empty(room, np.uint64)
        self.n = 0

    @property
    def rows(self) -> np.ndarray:
        """uint64[n], the words."""
        return self.data[: self.n]

    def room(self, extra: int) -> np.ndarray:
        """The buffer, with room for ``extra`` more words."""
        if self.n + extra > len(self.data):
            bigger = np.empty(max(self.n + extra, 2 * len(self.data)), np.uint64)
            bigger[: self.n] = self.rows
            self.data = bigger
        return self.data


@dataclass
class Scratch:
    """What one worker thread hands from mechanism to mechanism while a block of consumers lives its day.

    ``shown``, ``clicked``, ``became``: what people of the block saw, followed to the product page and became aware of
    today, as words of row, product, channel, platform and count (:mod:`sim.rules.exposure`); rows are counted from the
    start of the block. ``tally``: int64[COUNTERS, P, CH]. ``ad_shown``: int64[S, G, P]. ``occasions`` and ``intents``:
    records, filled from 0; ``filled``: int64[2], how many of each. ``surplus``: float64[2], consumer surplus (yuan) of
    the occasions of the block: as believed, number of occasions.
    """

    tally: np.ndarray
    ad_shown: np.ndarray
    intents: np.ndarray
    occasions: np.ndarray
    filled: np.ndarray
    surplus: np.ndarray
    shown: Words = field(default_factory=Words)
    clicked: Words = field(default_factory=Words)
    became: Words = field(default_factory=Words)
    arranged: Words = field(default_factory=Words)
    """What :func:`sim.state.exposures.seen` made of ``shown``; ``spare`` and ``places`` are its working space."""
    spare: Words = field(default_factory=Words)
    places: np.ndarray = field(default_factory=lambda: np.empty(0, np.uint32))
    tile: Any = None
    """Working space for a tile of people (:func:`sim.state.exposures.room_of`), a tuple of arrays."""

    @property
    def nbytes(self) -> int:
        """Bytes of the buffers, those of the lists of words included."""
        kept = [v.data if isinstance(v, Words) else v for k, v in vars(self).items() if k != "tile"]
        return sum(array.nbytes for array in (*kept, *(self.tile or ())))

    def clear(self) -> None:
        """Ready for the next block. The tallies go on."""
        for words in (self.shown, self.clicked, self.became, self.arranged):
            words.n = 0
        self.filled.fill(0)
        self.surplus.fill(0.0)


class Mechanism:
    """One behaviour of the market in one file.

    Subclass, name it, say what it reads and writes, and give any of the three hooks. A day has three phases:
    ``morning`` (once, on records and tables), ``block`` (once for each block of consumers, in worker threads without
    the GIL: it may touch only rows [lo, hi) of what it writes, and the scratch), ``evening`` (once, after all blocks).
    ``prepare`` is called before the first day and again on every day on which parameters change; build tables there.

    >>> class Glow(sim.Mechanism):
    ...     name, writes = "glow", ("glow",)
    ...     columns = (sim.Column("glow", ("N",), "float32", "0..1", "Warmth.", owner="glow"),)
    ...     def morning(self, view, day):
    ...         view.glow[:] *= 0.9
    >>> Glow.acts_in("morning"), Glow.acts_in("evening")
    (True, False)
    """

    name: ClassVar[str] = ""
    Params: ClassVar[type[MechanismParams]] = MechanismParams
    columns: ClassVar[tuple[Column, ...]] = ()
    reads: ClassVar[tuple[str, ...]] = ()
    writes: ClassVar[tuple[str, ...]] = ()
    equation: ClassVar[str] = ""
    ahead_of: ClassVar[str] = ""
    """The built-in mechanism before which one from outside acts in each phase; otherwise it comes last, but for
    ``choice`` in the morning and the till in the evening."""
    needs: ClassVar[tuple[str, ...]] = ()
    """Mechanisms that must be on where this one is."""
    lasting: ClassVar[bool] = False
    """Whether it goes on acting after a strategy switched it off on day 0, to finish what it began in warm-up."""

    def __init__(self, params: Any) -> None:
        self.params: Any = params

    def prepare(self, view: Any, day: int) -> None:
        """Build tables from ``view.world``, the scenario in force from ``day`` on."""

    def morning(self, view: Any, day: int) -> None:
        """Before people live their day."""

    def block(self, view: Any, day: int, lo: int, hi: int, scratch: Scratch) -> None:
        """The day of the consumers [lo, hi)."""

    def evening(self, view: Any, day: int) -> None:
        """After people lived their day."""

    @classmethod
    def acts_in(cls, phase: Literal["morning", "block", "evening"]) -> bool:
        """Whether this mechanism does anything in a phase."""
        return getattr(cls, phase) is not getattr(Mechanism, phase)


@dataclass
class Registry:
    """Mechanisms by name: the schema of each and, when it is needed, its class. Policies by name: their classes."""

    params: dict[str, type[MechanismParams]] = field(default_factory=dict)
    classes: dict[str, type[Mechanism]] = field(default_factory=dict)
    policies: dict[str, type[Any]] = field(default_factory=dict)

    def register(self, cls: type[Mechanism]) -> type[Mechanism]:
        """Add a mechanism class (usable as a decorator). Raises ValueError on a second class of one name."""
        if not cls.name:
            raise ValueError(f"{cls.__name__} has no name")
        if self.classes.get(cls.name, cls) is not cls:
            raise ValueError(f"a mechanism called {cls.name!r} is already registered")
        self.classes[cls.name] = cls
        self.params[cls.name] = cls.Params
        return cls

    def __deepcopy__(self, memo: Any) -> Registry:
        return Registry(dict(self.params), dict(self.classes), dict(self.policies))


STEERING = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060\u2066-\u2069\ud800-\udfff\ufeff]"
)
"""Signs that steer a terminal, turn the order of what is read, or are not seen at all; tab and line feed apart."""


def harmless(text: str) -> str:
    """Text with the signs of ``STEERING`` written out, so that it can be shown wherever it came from."""
    return STEERING.sub(lambda found: repr(found[0])[1:-1], text)


class SimError(Exception):
    """Base of the errors a user can mend; the command line prints them without a traceback and exits with 2."""


class ScenarioError(SimError):
    """Wrong input, with every problem found: ``.problems`` is a list of :class:`Problem`.

    >>> try:
    ...     sim.load("presets/examples/tea.yaml", set={"market.dayz": 3})
    ... except sim.ScenarioError as error:
    ...     print(error)
    --set: market.dayz: unknown path: market has no 'dayz'; did you mean 'days'?
    """

    def __init__(self, problems: Iterable[Problem] | str) -> None:
        self.problems = [Problem(problems)] if isinstance(problems, str) else list(problems)
        super().__init__("\n".join(str(p) for p in self.problems))


@dataclass(frozen=True)
class Problem:
    """One located mistake, printed as ``file:line: path: message``."""

    message: str
    path: str = ""
    file: str = ""
    line: int | None = None

    def __str__(self) -> str:
        where = self.file + (f":{self.line}" if self.file and self.line else "")
        return harmless(": ".join(part for part in (where, self.path, self.message) if part))
