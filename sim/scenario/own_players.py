"""Policies written in Python that a scenario names where their player stands: ``merchants.Lumi.policy: patient``.

A scenario names no code, only what has been registered (:mod:`sim.plugins`): by ``--plugin FILE``, by ``sim.register``
or by an installed package.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import model_validator

from sim import plugins
from sim.contract import Params, quantity
from sim.scenario.paths import nearest

if TYPE_CHECKING:
    from sim.scenario.schema import ScenarioModel

Loc = tuple[str | int, ...]

PLACES = (
    ("merchants", "policy", "merchant"),
    ("platforms", "policy", "platform"),
    ("platforms", "recommender", "feed"),
    ("creators", "policy", "creator"),
)
"""(list of players, field of each that names a policy, kind of policy it takes)."""


class OwnPolicy(Params):
    """A registered policy, and what it is made with. Its name alone will do: ``policy: patient``.

    Without a name nobody is seated, and the settings wait for a strategy or an event that names one.
    """

    SHORT: ClassVar[str] = "name"

    name: str = quantity("", "Name under which it is registered; empty: nobody.")
    settings: dict[str, bool | int | float | str] = quantity({}, "Values its class is made with, by name.")

    @model_validator(mode="before")
    @classmethod
    def _short(cls, said: Any) -> Any:
        return {cls.SHORT: said} if isinstance(said, str) else said

    def made(self) -> Any:
        """A new instance. Raises whatever its class raises, and LookupError where it is not registered here."""
        kind = plugins.policy(self.name)
        if kind is None:
            raise LookupError(f"no policy called {self.name!r} is registered")
        return kind(**self.settings)


def own_players(model: ScenarioModel) -> Iterator[tuple[Loc, str]]:
    """Names that no policy has, policies of another player, settings that theirs does not take."""
    for players, field, kind in PLACES:
        for k, player in enumerate(getattr(model, players)):
            said: OwnPolicy | None = getattr(player, field)
            if said is not None and said.name:
                yield from _fits(said, kind, (players, k, field))


def _fits(said: OwnPolicy, kind: str, at: Loc) -> Iterator[tuple[Loc, str]]:
    cls = plugins.policy(said.name)
    if cls is None:
        known = [*plugins.SHIPPED, *plugins.known().policies]
        hint = nearest(said.name, [n for n in known if getattr(plugins.policy(n), "kind", "") == kind])
        yield at, f"no {kind} policy called {said.name!r} is registered (--plugin FILE, or sim.register){hint}"
        return
    if cls.kind != kind:
        yield at, f"{said.name!r} is a {cls.kind} policy, and its place is a {kind}'s"
        return
    try:
        inspect.signature(cls).bind(**said.settings)
    except TypeError as error:
        yield (*at, "settings"), f"{cls.__name__} is not made with these: {error}"
