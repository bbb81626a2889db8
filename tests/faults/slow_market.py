"""The made-up market of tests/experiments, at a third of a second each, so that there is time to disturb it."""

from __future__ import annotations

import time
from typing import Any

from fakes import FakeMarket


class SlowMarket(FakeMarket):
    def run(self, progress: bool = False) -> Any:
        time.sleep(0.3)
        return super().run(progress)
