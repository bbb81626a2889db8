"""What all tests share: the root of the project, quiet plotting, and one profile for hypothesis."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

os.environ.setdefault("MPLBACKEND", "Agg")
sys.path.insert(0, str(Path(__file__).resolve().parent))  # so that tests can share a helper such as city.py

# The same examples each time, so a red test stays red; a first call that compiles is not a slow example.
settings.register_profile(
    "project",
    deadline=None,
    derandomize=True,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("project")

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def root() -> Path:
    """The folder that holds pyproject.toml."""
    return ROOT


@pytest.fixture(scope="session")
def scenarios(root: Path) -> Path:
    """The scenarios that come with the project."""
    return root / "scenarios"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Without the compiler NumPy scalars mix the keys, and warn that a 64-bit product wraps, as it is meant to."""
    if os.environ.get("NUMBA_DISABLE_JIT") == "1":
        for item in items:
            item.add_marker(pytest.mark.filterwarnings("ignore:overflow encountered in scalar:RuntimeWarning"))
