"""What mypy sees of numba: a compiled function has the signature of its Python body.

Numba's own annotations read a bare ``@njit`` as a signature when the function takes or returns np.uint64.
"""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, TypeVar, overload

from numba import extending as extending

_F = TypeVar("_F", bound=Callable[..., Any])

@overload
def njit(function: _F, /) -> _F: ...
@overload
def njit(*, inline: str = ..., cache: bool = ..., nogil: bool = ..., _nrt: bool = ...) -> Callable[[_F], _F]: ...

config: Any
typed: SimpleNamespace
types: SimpleNamespace
