"""Asking for memory before it is needed: a hint to the processor, without any effect on results.

Kernels that go from person to person as records tell them wait for memory at every step, because no column of a large
market fits into a cache. Who asks for the rows of a person some records ahead finds them there when their turn comes.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import config, types
from numba.core import cgutils
from numba.extending import intrinsic

SOON = 4
"""How many records ahead: time enough for memory to answer, and few enough not to be thrown out again."""


def ahead(columns: Any, row: int) -> None:
    """``row`` of each array in the tuple ``columns`` will soon be looked at. Without the compiler nothing happens."""


def _ahead(typing_context, columns, row):  # type: ignore[no-untyped-def]
    def generate(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        byte, number = ir.IntType(8).as_pointer(), ir.IntType(32)
        shape = ir.FunctionType(ir.VoidType(), [byte, number, number, number])
        hint = cgutils.get_or_insert_function(builder.module, shape, "llvm.prefetch.p0i8")  # type: ignore[no-untyped-call]
        place = [context.cast(builder, arguments[1], signature.args[1], types.intp)]
        for k, kind in enumerate(signature.args[0]):
            if not isinstance(kind, types.Array):
                continue
            array = context.make_array(kind)(context, builder, builder.extract_value(arguments[0], k))
            first = [context.get_constant(types.intp, 0)] * (kind.ndim - 1)
            pointer = cgutils.get_item_pointer(context, builder, kind, array, place + first)  # type: ignore[no-untyped-call]
            builder.call(hint, [builder.bitcast(pointer, byte), number(0), number(3), number(1)])
        return context.get_dummy_value()

    return types.void(columns, row), generate


if not config.DISABLE_JIT:
    ahead = intrinsic(_ahead)
