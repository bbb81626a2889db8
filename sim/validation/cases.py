"""All cases in the order in which they are told, and those that cannot be stated yet or are contradicted."""

from __future__ import annotations

from collections.abc import Sequence

from sim.contract import ScenarioError
from sim.scenario.paths import nearest
from sim.validation import brands, choice, contagion, diffusion, goods, groups, referral, repeat, society
from sim.validation.case import Case, NotYet

ROOMS = (diffusion, contagion, society, repeat, choice, brands, groups, goods, referral)
CASES: tuple[Case, ...] = tuple(
    sorted((case for room in ROOMS for case in room.SHELF.cases), key=lambda c: (not c.key.startswith("V"), c.key))
)

NOT_YET: tuple[NotYet, ...] = (
    NotYet("V18", "Click rate jumps at the first friend's like and is flat after",
           "held by a test (tests/systems/test_cue.py), with no picture of its own: a person has or has not a friend's "
           "endorsement, so that further friends add nothing is a form of the model and no finding; likes as such "
           "are not modelled"),
    NotYet("V19", "Fake reviews: rise, end of the effect a month after they stop",
           "shown by paired worlds (tests/systems/test_honest.py), not yet with a law and a picture of its own"),
    NotYet("V23 (mean)", "The mean of displayed stars exceeds that of all buyers",
           "contradicted at the packaged parameters: 3.32 among the stars written, 3.78 among all buyers, because "
           "losses weigh twice as much as gains (theta) and so the disappointed write more; there is one peak. "
           "Where mechanisms.reviews writes them, moved by the opinion and not by the surprise, the published excess "
           "and the two peaks are there (tests/systems/test_honest.py)"),
    NotYet("Horsky-Simon", "Advertising raises the coefficient of innovation",
           "the hazard rule has constant p and q; ads act by exposure and adstock, not on the hazard"),
)
"""Cases that today's settings cannot express, and parts of cases that they contradict, with the reason."""


def chosen(names: Sequence[str]) -> list[Case]:
    """The cases called so: a key, or the beginning of keys up to a dot. All when none is named.

    Raises ScenarioError naming the nearest.
    """
    found: list[Case] = []
    for name in names:
        mine = [c for c in CASES if c.key.casefold() == name.casefold() or
                c.key.casefold().startswith(name.casefold() + ".")]
        if not mine:
            late = [n for n in NOT_YET if n.key.casefold() == name.casefold()]
            hint = f": {late[0].reason}" if late else nearest(name, [c.key for c in CASES])
            raise ScenarioError(f"no case is called {name!r}{hint}")
        found += mine
    return [c for c in CASES if c in found] if names else list(CASES)
