"""Does a mechanism keep the contract? Declared writes only, conservation, keyed randomness, and off is untouched."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from sim import catalogue, plugins
from sim import market as markets
from sim.contract import Mechanism, MechanismParams, Registry
from sim.testing.promises import Promises, differing, fingerprints, generators, nothing, town

SMALL_BLOCK = 64
"""People a block where blocks are tried; the market's own are 32,768."""


def check_mechanism(cls: type[Mechanism], params: Mapping[str, Any] | None = None, scenario: Any = None,
                    set: Mapping[str, Any] | None = None, days: int = 12, seed: int = 1) -> list[str]:
    """Hold a mechanism to its contract in a small market; the promises it keeps.

    ``params``: its parameters, so chosen that it acts. ``scenario``: a market of one's own in place of the town that
    :mod:`sim.testing.promises` has. ``set``: changes by path, such as switching on what it needs. Raises ContractBroken
    naming every broken promise.
    """
    tried = Promises(f"mechanism {cls.name or cls.__name__!r}")
    tried("it is declared whole", lambda: _declared(cls))
    if tried.broken:
        return tried.close()
    with _alone(cls) as registry:
        block = {f"mechanisms.{cls.name}": {"enabled": True, **(params or {})}}
        base = {"market.days": days, **(set or {})}
        on = town(scenario, base | block, registry)
        off = town(scenario, base | {f"mechanisms.{cls.name}.enabled": False}, registry)
        once: dict[str, Any] = {}

        def lived() -> None:
            once["prints"], once["undeclared"], once["money"], once["luck"], once["acted"] = _watched(on, cls, seed)

        tried("it lives its days and the books balance", lived)
        if tried.broken:
            return tried.close()
        tried("it writes only what it declares", lambda: nothing(once["undeclared"], "wrote, undeclared"))
        tried("money moves by bills", lambda: nothing(once["money"], "moved money or goods itself on day"))
        tried("its luck is keyed", lambda: nothing(once["luck"], "drew from a global generator on day"))
        tried("it does something", lambda: _some(once["acted"], "changed nothing it declares; choose other params"))
        tried("the same seed gives the same bits", lambda: _same(once["prints"], _run(on, seed)))
        tried("threads and blocks change no bit", lambda: _threads(on, seed))
        tried("off, no market notices it", lambda: _unnoticed(off, scenario, base, seed, cls.name))
        tried("a market with it can be copied and kept", lambda: _kept(on, seed))
    return tried.close()


def _declared(cls: type[Mechanism]) -> None:
    assert issubclass(cls, Mechanism), "is no subclass of sim.Mechanism"
    assert cls.name.isidentifier(), f"its name {cls.name!r} cannot stand in a scenario"
    assert cls.name not in catalogue.BUILT_IN, f"a built-in mechanism is called {cls.name!r}"
    assert issubclass(cls.Params, MechanismParams), "its Params are no MechanismParams"
    assert cls.__doc__, "it has no docstring"
    assert cls.equation, "it states no equation"
    phases = ("morning", "block", "evening")
    assert any(cls.acts_in(phase) for phase in phases), "it acts in no phase"  # type: ignore[arg-type]
    assert not {*cls.reads} & {*cls.writes}, "what it writes it may read; name it once"
    core = {column.name for column in catalogue.columns()}
    for column in cls.columns:
        assert column.owner == cls.name, f"column {column.name!r} names another owner"
        assert column.name not in core, f"there is a column {column.name!r} already"
        assert column.unit, f"column {column.name!r} has no unit"
        assert column.description, f"column {column.name!r} has no description"
    for name, info in cls.Params.model_fields.items():
        extra = info.json_schema_extra
        passport = isinstance(extra, dict) and (name == "enabled" or {"unit", "source", "standing"} <= {*extra})
        assert passport, f"parameter {name!r} has no passport: declare it with sim.quantity"
        assert info.description, f"parameter {name!r} has no description"


@contextmanager
def _alone(cls: type[Mechanism]) -> Iterator[Registry]:
    """The registry with this class in it, and whatever was there afterwards."""
    kept = plugins.registry.params.copy(), plugins.registry.classes.copy()
    plugins.registry.classes.pop(cls.name, None)
    plugins.registry.register(cls)
    try:
        yield plugins.registry
    finally:
        plugins.registry.params, plugins.registry.classes = kept


def _run(scenario: Any, seed: int, threads: int = 1) -> dict[str, str]:
    market = markets.Market(scenario, seed=seed, threads=threads, check=True)
    market.run()
    return fingerprints(market)


def _watched(scenario: Any, cls: type[Mechanism], seed: int) -> tuple[Any, ...]:
    """Run with an eye on every call of its hooks: final prints; what it wrote undeclared; days on which it moved money
    or goods, and drew from a global generator; whether it changed anything."""
    market = markets.Market(scenario, seed=seed, check=True)
    mechanism, own = market.mechanisms[cls.name], {*cls.writes}
    undeclared: set[str] = set()
    money: list[int] = []
    luck: list[int] = []
    acted: list[str] = []

    def watch(call: Any) -> Any:
        def hook(*given: Any) -> None:
            before, state = fingerprints(market), generators()
            call(*given)
            changed = [n for n in differing(before, fingerprints(market)) if n != "tally"]
            if {"ledger", "stock", "sold"} & {*changed} - {*own & {"stock"}}:
                money.append(market.day)
            undeclared.update(n for n in changed if n not in own)
            acted.extend(changed)
            if generators() != state:
                luck.append(market.day)

        return hook

    for phase in ("prepare", "morning", "block", "evening"):
        if getattr(cls, phase) is not getattr(Mechanism, phase):
            setattr(mechanism, phase, watch(getattr(mechanism, phase)))
    was = fingerprints(market)
    market.run()
    prints = fingerprints(market)
    acted.extend(name for name in differing(was, prints) if name in own)
    return prints, sorted(undeclared), money, luck, acted


def _some(found: list[Any], text: str) -> None:
    assert found, text


def _same(a: dict[str, str], b: dict[str, str]) -> None:
    nothing(differing(a, b), "another run of the same seed differs in")


def _threads(scenario: Any, seed: int) -> None:
    """One block and one thread; many small blocks and three threads."""
    kept = markets.BLOCK
    whole = _run(scenario, seed)
    try:
        markets.BLOCK = SMALL_BLOCK
        parts = _run(scenario, seed, threads=3)
    finally:
        markets.BLOCK = kept
    nothing(differing(whole, parts), "blocks and threads change")


def _unnoticed(off: Any, scenario: Any, changes: Mapping[str, Any], seed: int, name: str) -> None:
    """The market with the mechanism switched off is that of who never heard of it."""
    heard = _run(off, seed)
    never = _run(town(scenario, {k: v for k, v in changes.items() if f"mechanisms.{name}" not in k}, Registry()), seed)
    nothing(differing(heard, never), "switched off, it changes")


def _kept(scenario: Any, seed: int) -> None:
    """Half-way, a market is pickled (or, of a class no file has, copied); the copy lives on like the first."""
    market = markets.Market(scenario, seed=seed, check=True)
    for _ in range(scenario.market.days // 2):
        market.step()
    try:
        twin = pickle.loads(pickle.dumps(market))
    except Exception:
        twin = copy.deepcopy(market)
    market.run()
    twin.run()
    nothing(differing(fingerprints(market), fingerprints(twin)), "a copy that lives on differs in")
