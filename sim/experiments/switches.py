"""What can be switched off to learn what it brings: channels, creators, segments, events.

Channels, tiers of creators and segments are withheld by the focal merchant itself (``off``, ``off_creators``,
``off_segments``: decision D20), which a strategy may say; an event does not take place, which only a scenario may say.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, get_args

from sim.contract import ScenarioError

KINDS = ("channel", "creator", "segment", "event")

ATTRIBUTIONS: dict[str, str] = {"channel": "attribution", **{by: f"attribution_{by}" for by in KINDS[1:]}}
"""Names of the tables in which attribution is kept, by kind."""

WHY = (*ATTRIBUTIONS.values(), "people", "people_kinds")
"""Every table that says why; those of people are by :mod:`sim.experiments.people`."""

_FIELD = {"channel": "off", "creator": "off_creators", "segment": "off_segments"}

MOST = 12
"""Players that are told apart; sampling orders of more would say little of each."""


def kind_of(by: str, *more: str) -> str:
    """The kind itself, one of ``KINDS`` or of ``more``. Raises ScenarioError on one that there is not."""
    from sim.scenario.paths import nearest

    if by not in (known := (*KINDS, *more)):
        raise ScenarioError(f"attribution is by {', '.join(known)}, not by {by!r}{nearest(by, known)}")
    return by


def players(scenario: Any, strategy: str, merchant: str, by: str, said: Sequence[str] | None = None) -> list[str]:
    """What is switched off one by one and together: as ``said``, else what the strategy uses.

    Raises ScenarioError on a name that there is not, and when there is nothing to switch off.
    """
    from sim.scenario.paths import nearest

    version = scenario.for_strategy(strategy)
    have = {
        "channel": lambda: list(get_args(_silenced())), "creator": lambda: [c.name for c in version.creators],
        "segment": lambda: [s.name for s in version.segments], "event": lambda: [e.name for e in version.events],
    }[by]()  # fmt: skip
    for name in said or ():
        if name not in have:
            raise ScenarioError(f"unknown {by} {name!r}{nearest(name, have)}")
    found = list(dict.fromkeys(said)) if said else _used(version, merchant) if by == "channel" else have
    if not found:
        raise ScenarioError(f"{strategy!r} has no {by} that could be switched off")
    if len(found) > MOST:
        raise ScenarioError(f"{len(found)} are too many to tell apart: name at most {MOST} of {', '.join(found[:20])}")
    return found if said else [name for name in have if name in found]


def change(scenario: Any, strategy: str, merchant: str, by: str, off: Sequence[str],
           move: bool = False) -> dict[str, Any]:  # fmt: skip
    """The strategy's own change and, after it, what is off; ``move``: a channel's money goes to the others.

    A mix that has no other channel has nowhere to move money to; it stays unspent.
    """
    from sim.scenario.paths import quote
    from sim.scenario.players import MIX_CHANNELS

    version = scenario.for_strategy(strategy)
    at = f"merchants.{quote(merchant)}"
    own = next(m for m in version.merchants if m.name == merchant)
    field = _FIELD[by]
    made = {**scenario.strategies.get(strategy, {}), f"{at}.{field}": sorted({*getattr(own, field), *off})}
    mixes = [(f"{at}.plan.mix", own.plan.mix),
             *((f"{at}.plan.phases.{quote(phase.name)}.mix", phase.mix) for phase in own.plan.phases)]  # fmt: skip
    for path, mix in mixes if move else []:
        if mix is not None and any(getattr(mix, other) > 0 for other in MIX_CHANNELS if other not in off):
            made |= {f"{path}.{channel}": 0 for channel in off}
    return made


def funded(scenario: Any, strategy: str, merchant: str, channels: Sequence[str]) -> list[str]:
    """The channels that a budget pays for: only they have money that could be moved."""
    from sim.scenario.players import MIX_CHANNELS

    plan = _plan(scenario.for_strategy(strategy), merchant)
    mixes = [plan.mix, *(phase.mix for phase in plan.phases if phase.mix is not None)]
    return [ch for ch in channels if ch in MIX_CHANNELS and any(getattr(mix, ch) > 0 for mix in mixes)]


def _used(version: Any, merchant: str) -> list[str]:
    """The channels a plan pays for, and sharing among friends and invitations to groups where it has them."""
    plan = _plan(version, merchant)
    versions = [plan, *(plan.during(phase) for phase in plan.phases)]
    used = {channel for v in versions if v.budget_per_day > 0 for channel, share in v.mix.shares().items() if share > 0}
    if version.mechanisms.sharing.enabled:
        used.add("friend")
    if version.mechanisms.group_buy.enabled and any(v.group is not None for v in versions):
        used.add("invite")
    return list(used)


def _plan(version: Any, merchant: str) -> Any:
    return next(m for m in version.merchants if m.name == merchant).plan


def _silenced() -> Any:
    from sim.scenario.players import Silenced

    return Silenced
