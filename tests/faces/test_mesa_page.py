"""A market in mesa's page: levers become its parameters, and in a browser without the network a day moves the curves.

Without solara, playwright or a Chromium of the machine's own it skips and says so.
"""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

import pytest

import sim
from sim.testing.promises import TOWN, fingerprints

pytest.importorskip("solara", reason="needs solara: sim[solara]")
pytest.importorskip("altair", reason="needs altair: sim[solara]")

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync"]  # fmt: skip
ROOT = Path(__file__).resolve().parents[2]
SALE = "merchants.Leaf.plan.discount"
DRAWN = """async () => Promise.all([...document.querySelectorAll('.vue-grid-item img')]
    .map(async image => (await fetch(image.src)).text()))"""
"""The figures of the page, as SVG: graph, funnel, GMV, profit."""
PLAYED = TOWN | {"strategies": {"sale": {SALE: 0.3}}}


def test_levers_are_its_parameters_and_a_moved_one_is_set() -> None:
    from sim.dashboard.mesa_page import playable, sliders

    scenario = sim.load(PLAYED)
    shown = sliders(scenario)
    assert list(shown)[:3] == ["strategy", "seed", SALE]
    assert shown["strategy"]["values"] == ["base", "sale"]
    slider = shown[SALE]
    assert (slider.value, slider.min) == (0.0, 0.0)
    assert 0.3 < slider.max < 1
    kind = playable(scenario, seed=3)
    still = {name: said["value"] if isinstance(said, dict) else said.value for name, said in shown.items()}
    for given, wanted in (
        (still | {"seed": "3"}, sim.Market(scenario, seed=3)),
        (still | {"seed": "3", "strategy": "sale"}, sim.Market(scenario, "sale", seed=3)),
        (still | {"seed": "3", SALE: 0.1}, sim.Market(scenario, seed=3, **{SALE: 0.1})),
    ):
        made: Any = kind(**given)
        for market in (made, wanted):
            market.step()
        assert fingerprints(made) == fingerprints(wanted)
    with pytest.raises(sim.ScenarioError, match="no lever of this scenario; did you mean"):
        sliders(scenario, parameters=[SALE + "s"])
    assert list(sliders(scenario, parameters=[SALE])) == ["strategy", "seed", SALE]


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    """Where the page of a small town is served."""
    app = tmp_path / "app.py"
    text = f"from sim.dashboard import mesa_page\npage = mesa_page.page({PLAYED!r}, seed=3)\n"
    app.write_text(text, encoding="utf-8")
    port = 20_000 + os.getpid() % 20_000
    command = [sys.executable, "-m", "solara", "run", str(app), "--no-open", "--host", "localhost", "--port", str(port),
               "--production", "--no-check-version"]  # fmt: skip
    log = (tmp_path / "log").open("w+", encoding="utf-8")
    server = subprocess.Popen(command, stdout=log, stderr=log, env=os.environ | {"PYTHONPATH": str(ROOT)})
    try:
        url = f"http://localhost:{port}/"
        for _ in range(600):
            try:
                urlopen(url, timeout=60).close()
                break
            except URLError:
                if server.poll() is not None:
                    break
                with pytest.raises(subprocess.TimeoutExpired):
                    server.wait(0.2)
        else:
            log.seek(0)
            pytest.fail("the page was not served:\n" + log.read())
        yield url
    finally:
        server.terminate()
        server.wait(20)
        log.close()


def points(figure: str) -> int:
    """How many days the curve of a figure has."""
    found = re.search(r'<path d="([^"]*)"[^>]*stroke: #0072b2', figure)
    return len(re.findall("[ML]", found[1])) if found else 0


@pytest.mark.skipif(
    CHROMIUM is None or importlib.util.find_spec("playwright") is None,
    reason="needs playwright (sim[browser]) and a Chromium that is installed already",
)
def test_in_a_browser_without_the_network_a_step_moves_the_curves(address: str) -> None:
    from playwright.sync_api import sync_playwright

    elsewhere: list[str] = []
    missing: list[str] = []

    def only_here(route: Any) -> None:
        if route.request.url.startswith((address, "data:", "blob:")):
            route.continue_()
        else:
            elsewhere.append(route.request.url)
            route.abort()

    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_page(viewport={"width": 1500, "height": 1000})
        page.route("**/*", only_here)
        page.on("response", lambda reply: missing.append(reply.url) if reply.status >= 400 else None)
        page.goto(address)
        page.get_by_text("Step: 0").wait_for(timeout=120_000)
        page.locator(".vue-grid-item img").nth(3).wait_for(timeout=60_000)
        assert [points(figure) for figure in page.evaluate(DRAWN)[2:]] == [0, 0]
        for day in (1, 2, 3):
            page.get_by_role("button", name="Step").click()
            page.get_by_text(f"Step: {day}", exact=True).wait_for(timeout=120_000)
        curves = page.evaluate(DRAWN)
        for _ in range(50):  # the pictures follow the text
            if points(curves[2]) == 3:
                break
            page.wait_for_timeout(200)
            curves = page.evaluate(DRAWN)
        assert len(curves) == 4
        assert [points(figure) for figure in curves[2:]] == [3, 3]
        page.get_by_role("button", name="▶").click()
        page.get_by_text(re.compile(r"^Step: 12$")).wait_for(timeout=120_000)
        page.get_by_role("button", name="Reset").click()
        page.get_by_text("Step: 0", exact=True).wait_for(timeout=120_000)
        browser.close()
    assert not elsewhere
    assert not missing
