"""``sim init --mechanism NAME``: a mechanism of one's own that runs, with its test, to be changed from there."""

from __future__ import annotations

import keyword
from pathlib import Path
from typing import Annotated

import typer

Mechanism = Annotated[
    str | None,
    typer.Option("--mechanism", metavar="NAME", show_default=False,
                 help="Write a mechanism of your own instead: NAME.py, with a test of its contract."),
]  # fmt: skip

_BODY = '''\
"""{title}: what it does, in a sentence.

    E <- min(1, decay E + gain)     for everybody who opened a platform today, else E <- decay E

Where the equation comes from. What is assumed.

    sim --plugin {name}.py explain {name}
    sim --plugin {name}.py run SCENARIO --set mechanisms.{name}.enabled=true
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from sim.contract import Column, Mechanism, MechanismParams, Scratch, quantity
from sim.rng import day_key, entity_key, stream_of, uniform

STREAM = stream_of("{name}")  # draws of its own: they disturb nobody's


class {title}Params(MechanismParams):
    """One line: it is what `sim explain mechanisms` says."""

    chance: float = quantity(0.5, "Chance that a visit counts.", unit="probability", ge=0, le=1, plausible=(0.2, 0.8))
    gain: float = quantity(0.1, "What a visit adds.", unit="0..1", ge=0, le=1)
    decay: float = quantity(0.95, "What is left of it a day later.", unit="share/day", ge=0, le=1)


@njit(nogil=True, cache=True)
def _day(lo: int, hi: int, ids: Any, visited: Any, base: Any, chance: float, gain: float, decay: float,
         {name}: Any) -> None:  # fmt: skip
    """A day of the people [lo, hi); rows of others must not be touched."""
    for i in range(lo, hi):
        value = decay * {name}[i]
        if visited[i] and uniform(entity_key(base, ids[i]), 0) < chance:  # named by the person, never by a position
            value = min(1.0, value + gain)
        {name}[i] = value


class {title}(Mechanism):
    """What it is, in a line."""

    name = "{name}"
    Params = {title}Params
    columns = (Column("{name}", ("N",), np.float32, "0..1", "What it is.", owner="{name}"),)
    reads = ("id", "visited")  # `sim explain columns` lists what there is
    writes = ("{name}",)
    equation = "E <- min(1, decay E + gain 1[visit])"

    def block(self, view: Any, day: int, lo: int, hi: int, scratch: Scratch) -> None:
        """The day of one block of people, in a thread of its own."""
        p = self.params
        _day(lo, hi, view.id, view.visited, day_key(view.seed, STREAM, day), p.chance, p.gain, p.decay, view.{name})
'''

_TEST = '''\
"""The contract of {name}, and what it is for."""

from {name} import {title}

from sim.testing import check_mechanism


def test_contract() -> None:
    check_mechanism({title})
'''


def init_mechanism(name: str, force: bool, folder: Path = Path()) -> int:
    """Write ``NAME.py`` and ``test_NAME.py``. Raises ScenarioError on a name of no use, or when they are there."""
    from sim import catalogue
    from sim.contract import Problem, ScenarioError
    from sim.state.columns import CORE

    taken = {*catalogue.BUILT_IN, *(column.name for column in CORE)}
    if not name.isidentifier() or not name.isascii() or not name.islower() or keyword.iskeyword(name) or name in taken:
        why = "there is one already" if name in taken else "a name is small letters, digits and _, as in lottery"
        raise ScenarioError([Problem(f"{name!r} cannot be its name: {why}", "--mechanism")])
    title = "".join(part.capitalize() for part in name.split("_"))
    files = {folder / f"{name}.py": _BODY, folder / f"test_{name}.py": _TEST}
    for file in files:
        if file.exists() and not force:
            problem = Problem("is there already; name another, or overwrite it with --force", file=str(file))
            raise ScenarioError([problem])
    for file, text in files.items():
        file.write_text(text.format(name=name, title=title), encoding="utf-8", newline="\n")
    print(f"{name}.py: written, with test_{name}.py. Next:\n  sim --plugin {name}.py explain {name}\n"
          f"  pytest test_{name}.py\n  sim --plugin {name}.py run SCENARIO --set mechanisms.{name}.enabled=true")
    return 0
