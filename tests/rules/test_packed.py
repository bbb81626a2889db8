"""Numbers kept as small whole ones: what each kind can hold, as its description says."""

from __future__ import annotations

import pytest

from sim.rules import packed
from sim.rules.packed import Packed, code_of, number_of

pytestmark = pytest.mark.jitoff

RANGES = {
    "SHARE": (0.0, 1.0, 65535), "FIT": (0.0, 1.0, 255), "RECENT": (0.0, 255 / 8, 255),
    "ADSTOCK": (0.0, 65535 / 512, 65535),
    "QUALITY": (-4.0, 65535 / 8192 - 4, 65535), "FELT": (-16.0, 65535 / 2048 - 16, 65535),
    "TASTE": (-60.0, 65535 / 1024 - 60, 65535), "FACTOR": (0.0, 65535 / 4096, 65535),
    "EVIDENCE": (0.0, 65535 / 512, 65535), "RATE": (0.0, 65535 / 1024, 65535), "INCOME": (0.0, 131_070.0, 65535),
}  # fmt: skip


def test_every_kind_is_described_here() -> None:
    assert set(RANGES) == {name for name, kind in vars(packed).items() if isinstance(kind, Packed)}


@pytest.mark.parametrize("name", RANGES)
def test_lowest_highest_and_rounding(name: str) -> None:
    kind: Packed = getattr(packed, name)
    low, high, top = RANGES[name]
    assert (number_of(0, kind), number_of(top, kind)) == pytest.approx((low, high))
    assert (code_of(low - 9.0, kind), code_of(high + 9.0, kind)) == (0, top)
    step = (high - low) / top
    assert code_of(low + 7.4 * step, kind) == 7
    assert code_of(low + 7.6 * step, kind) == 8
    assert number_of(code_of(low + 3 * step, kind), kind) == pytest.approx(low + 3 * step)
