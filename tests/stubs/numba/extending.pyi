"""The extensions in use: a body for callers inside kernels, and one that is written in the compiler's own language."""

from collections.abc import Callable
from typing import Any, TypeVar

_F = TypeVar("_F", bound=Callable[..., Any])

def overload(function: Callable[..., Any], *, inline: str = ...) -> Callable[[_F], _F]: ...
def register_jitable(function: _F, /) -> _F: ...
def intrinsic(function: Callable[..., Any], /) -> Callable[..., Any]: ...
