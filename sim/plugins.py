"""Mechanisms of other people's: installed with an entry point, registered in Python, or in a file named by the user.

    entry point    [project.entry-points."sim.mechanisms"]  lottery = "my_package:Lottery"
    in Python      sim.register(Lottery)
    a file         sim --plugin lottery.py run ...            on the command line only: no scenario names code

Whoever is registered has a place in the schema, and is switched off in scenarios that do not mention it.
"""

from __future__ import annotations

import copyreg
import hashlib
import inspect
import sys
import traceback
from importlib import import_module, metadata, util
from pathlib import Path
from typing import Any

from sim.contract import Mechanism, Problem, Registry, ScenarioError, SimError

GROUP = "sim.mechanisms"
"""Entry points of this group are mechanisms, by name."""

registry = Registry()
"""Mechanisms beside the built-in ones, for every scenario loaded from now on."""

_PREFIX = "sim_plugin_"
_looked = False


def register(cls: type[Mechanism]) -> type[Mechanism]:
    """Make a mechanism known to all scenarios loaded from now on; usable as a decorator.

    Raises ValueError when it has no name, or when another one has it.
    """
    return registry.register(cls)


def known() -> Registry:
    """The registry, entry points included; they are loaded once. Raises SimError on one that cannot be loaded."""
    global _looked
    if not _looked:
        _looked = True
        for point in metadata.entry_points(group=GROUP):
            if point.name not in registry.classes:
                try:
                    registry.register(point.load())
                except Exception as error:
                    owner = f" of {point.dist.name}" if point.dist else ""
                    raise SimError(
                        f"the mechanism {point.name!r}{owner} cannot be loaded: {type(error).__name__}: {error}; "
                        "mend or uninstall it"
                    ) from error
    return registry


def as_of_now(given: Registry | None) -> Registry | None:
    """A copy of the registry given, by default of the one there is, that later registrations leave alone; None when it
    is empty."""
    chosen = known() if given is None else given
    return Registry(dict(chosen.params), dict(chosen.classes)) if chosen.params else None


def load_file(path: str | Path) -> list[str]:
    """Run a Python file and register the mechanisms it defines; their names. A file is run once, whoever asks again.

    Raises ScenarioError, with the line, when the file cannot be run or defines no mechanism.
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
    found = [c for c in vars(made).values() if inspect.isclass(c) and issubclass(c, Mechanism)]
    own = list(dict.fromkeys(c for c in found if c.__module__ == module and c.name))
    if not own:
        raise _trouble(path, None, "defines no mechanism: a subclass of sim.Mechanism with a name")
    for cls in own:
        try:
            registry.register(cls)
        except ValueError as error:
            raise _trouble(path, None, str(error)) from error
    return [cls.name for cls in own]


def digests() -> dict[str, str]:
    """Hash of the source of every registered mechanism, by name: results depend on it."""
    return {f"mechanism {name}": _digest_of(cls) for name, cls in sorted(known().classes.items())}


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
        raise SimError(
            f"the mechanism {name!r} is defined in the script itself, where other processes cannot find it: put it "
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
        raise SimError(f"the mechanism {name!r} cannot be found in another process: {error}") from error
    return found


def _restored(params: list[Address], classes: list[Address]) -> Registry:
    kinds = {address[0]: _found(address) for address in classes}
    blocks = {name: kind.Params for name, kind in kinds.items()}
    return Registry(blocks | {address[0]: _found(address) for address in params}, kinds)


def _reduced(given: Registry) -> tuple[Any, ...]:
    classes = [_address(name, cls) for name, cls in given.classes.items()]
    alone = [_address(name, kind) for name, kind in given.params.items() if name not in given.classes]
    return _restored, (alone, classes)


copyreg.pickle(Registry, _reduced)
