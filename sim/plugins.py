"""Mechanisms and players of other people's: installed, registered in Python, or in a file named by the user.

    entry point    [project.entry-points."sim.mechanisms"]  lottery = "my_package:Lottery"
    in Python      sim.register(Lottery)
    a file         sim --plugin lottery.py run ...            on the command line only: no scenario names code

A mechanism that is registered has a place in the schema, and is switched off in scenarios that do not mention it. A
policy that is registered (entry points of ``sim.policies``) can be named where its player stands:
``merchants.Lumi.policy: patient``.
"""

from __future__ import annotations

import copy
import copyreg
import hashlib
import inspect
import re
import sys
import traceback
from importlib import import_module, metadata, util
from pathlib import Path
from typing import Any, ClassVar

from sim.contract import Mechanism, Problem, Registry, ScenarioError, SimError

GROUP = "sim.mechanisms"
"""Entry points of this group are mechanisms, by name."""

POLICIES = "sim.policies"
"""Entry points of this group are policies."""

SHIPPED = {
    "popularity": "sim.agents.recommenders:Popularity",
    "content_based": "sim.agents.recommenders:ContentBased",
    "matrix_factorised": "sim.agents.recommenders:MatrixFactorised",
}
"""Policies that come with the program, as text: who names none imports none."""

registry = Registry()
"""Mechanisms beside the built-in ones, for every scenario loaded from now on."""

_PREFIX = "sim_plugin_"
_looked = False


class Policy:
    """Base of players of one's own (:mod:`sim.agents.policies`): ``kind`` says in whose place it can sit."""

    kind: ClassVar[str] = ""
    name: ClassVar[str] = ""
    """What scenarios call it; without one, its class's name in snake case."""
    looks: ClassVar[bool] = True
    """False for a puppet that is told what to plan: no view is made for it, it is given None."""

    @classmethod
    def called(cls) -> str:
        """The name a scenario knows it by: ``BigSpender`` is ``big_spender``."""
        said = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", cls.__name__).lower()
        return vars(cls).get("name") or said


def register(cls: type[Any]) -> type[Any]:
    """Make a mechanism, or a policy, known to all scenarios loaded from now on; usable as a decorator.

    Raises ValueError when it has no name, or when another one has it.

    >>> @sim.register
    ... class Patient(sim.MerchantPolicy):
    ...     def plan(self, view):
    ...         return sim.Plan(discount=0.2) if view.day > 3 else None
    >>> sim.load("presets/examples/tea.yaml", set={"merchants.Leaf.policy": "patient"}).merchants[0].policy.name
    'patient'
    """
    if not issubclass(cls, Policy):
        return registry.register(cls)
    name = cls.called()
    if registry.policies.get(name, cls) is not cls or name in SHIPPED:
        raise ValueError(f"a policy called {name!r} is already registered")
    registry.policies[name] = cls
    return cls


def policy(name: str) -> type[Policy] | None:
    """The class of a policy that scenarios may name; None where there is none of that name."""
    if name in SHIPPED:
        module, _, attribute = SHIPPED[name].partition(":")
        found: type[Policy] = getattr(import_module(module), attribute)
        return found
    return known().policies.get(name)


def known() -> Registry:
    """The registry, entry points included; they are loaded once. Raises SimError on one that cannot be loaded."""
    global _looked
    if not _looked:
        _looked = True
        for kind, group, there in (("mechanism", GROUP, registry.classes), ("policy", POLICIES, registry.policies)):
            for point in metadata.entry_points(group=group):
                if point.name not in there:
                    _load_point(kind, point)
    return registry


def _load_point(kind: str, point: metadata.EntryPoint) -> None:
    try:
        register(point.load())
    except Exception as error:
        owner = f" of {point.dist.name}" if point.dist else ""
        raise SimError(
            f"the {kind} {point.name!r}{owner} cannot be loaded: {type(error).__name__}: {error}; mend or uninstall it"
        ) from error


def as_of_now(given: Registry | None) -> Registry | None:
    """A copy of the registry given, by default of the one there is, that later registrations leave alone; None when it
    is empty."""
    chosen = known() if given is None else given
    return copy.deepcopy(chosen) if chosen.params or chosen.policies else None


def load_file(path: str | Path) -> list[str]:
    """Run a Python file and register the mechanisms and policies it defines; their names. A file is run once, whoever
    asks again.

    Raises ScenarioError, with the line, when the file cannot be run or defines neither.
    """
    file = Path(path).resolve()
    if file.suffix != ".py" or not file.is_file():
        raise _trouble(path, None, "there is no such Python file" if file.suffix == ".py" else "is not a Python file")
    module = _module_of(file)
    if (made := sys.modules.get(module)) is None:
        spec = util.spec_from_file_location(module, file)
        assert spec is not None
        assert spec.loader is not None
        made = sys.modules[module] = util.module_from_spec(spec)
        try:
            spec.loader.exec_module(made)
        except BaseException as error:
            del sys.modules[module]
            if not isinstance(error, Exception):
                raise
            raise _trouble(path, _line(error, file), f"{type(error).__name__}: {error}") from error
    own = _defined(made)
    if not own:
        raise _trouble(path, None, "defines no mechanism (a subclass of sim.Mechanism with a name) and no policy "
                                   "(a subclass of sim.MerchantPolicy or another player's)")  # fmt: skip
    for cls in own.values():
        try:
            register(cls)
        except ValueError as error:
            raise _trouble(path, None, str(error)) from error
    return list(own)


def _defined(module: Any) -> dict[str, type[Any]]:
    """Mechanisms and policies that a module itself defines, by name; a base of others has no name, or begins with _."""
    mine = [c for c in vars(module).values() if inspect.isclass(c) and c.__module__ == module.__name__]
    players = {c.called(): c for c in mine if issubclass(c, Policy) and c.kind and not c.__name__.startswith("_")}
    return {c.name: c for c in mine if issubclass(c, Mechanism) and c.name} | players


def digests() -> dict[str, str]:
    """Hash of the source of every registered mechanism, by name: results depend on it."""
    return {f"mechanism {name}": _digest_of(cls) for name, cls in sorted(known().classes.items())}


def named_in(said: Any) -> dict[str, str]:
    """Hash of the source of every registered policy whose name stands somewhere in ``said`` (plain data): results of
    a market depend on the policies it names, and on no others."""
    if isinstance(said, dict):
        return {name: found for value in said.values() for name, found in named_in(value).items()}
    if isinstance(said, list):
        return {name: found for value in said for name, found in named_in(value).items()}
    own = known().policies.get(said) if isinstance(said, str) else None
    return {f"policy {said}": _digest_of(own)} if own is not None else {}


def _digest_of(cls: Any) -> str:
    try:
        file = inspect.getsourcefile(cls)
        text = Path(file).read_bytes() if file and Path(file).is_file() else inspect.getsource(cls).encode()
    except (OSError, TypeError):
        text = repr([(k, getattr(v, "__code__", v)) for k, v in sorted(vars(cls).items())]).encode()
    return hashlib.sha256(text).hexdigest()[:16]


def _trouble(path: str | Path, line: int | None, message: str) -> ScenarioError:
    return ScenarioError([Problem(message, file=f"--plugin {path}" if line is None else str(path), line=line)])


def _line(error: Exception, file: Path) -> int | None:
    if isinstance(error, SyntaxError) and error.filename == str(file):
        return error.lineno
    mine = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == str(file)]
    return mine[-1] if mine else None


def _module_of(file: Path) -> str:
    """By name and content: compiled kernels are kept by content, and refer to their module by this name."""
    return f"{_PREFIX}{file.stem}_{hashlib.sha256(file.read_bytes()).hexdigest()[:8]}"


# ----------------------------------------------------------------------------------------- to other processes and back

Address = tuple[str, str, str, str]
"""Where a class is found again: name of the mechanism, module, name in it, file ("" where the module is enough)."""


def _address(name: str, cls: type[Any]) -> Address:
    """Raises SimError on a class that no other process could find."""
    if cls.__module__ == "__main__":
        kind = "policy" if issubclass(cls, Policy) else "mechanism"
        raise SimError(
            f"the {kind} {name!r} is defined in the script itself, where other processes cannot find it: put it "
            "into a file of its own and import it, or run with jobs=1"
        )
    file = inspect.getsourcefile(cls) if cls.__module__.startswith(_PREFIX) else None
    return name, cls.__module__, cls.__qualname__, file or ""


def _found(address: Address) -> Any:
    name, module, qualified, file = address
    if module not in sys.modules and file:
        load_file(file)
    try:
        found: Any = import_module(module)
        for part in qualified.split("."):
            found = getattr(found, part)
    except (ImportError, AttributeError) as error:
        raise SimError(f"{name!r} cannot be found in another process: {error}") from error
    return found


def _restored(params: list[Address], classes: list[Address], policies: list[Address]) -> Registry:
    """The registry again; its policies are registered here too, for the scenario that comes with it names them."""
    kinds = {address[0]: _found(address) for address in classes}
    blocks = {name: kind.Params for name, kind in kinds.items()}
    players = {address[0]: register(_found(address)) for address in policies}
    return Registry(blocks | {address[0]: _found(address) for address in params}, kinds, players)


def _reduced(given: Registry) -> tuple[Any, ...]:
    classes = [_address(name, cls) for name, cls in given.classes.items()]
    alone = [_address(name, kind) for name, kind in given.params.items() if name not in given.classes]
    return _restored, (alone, classes, [_address(name, cls) for name, cls in given.policies.items()])


copyreg.pickle(Registry, _reduced)
