"""The live page in a browser, as a person uses it: start, move a lever, step, see, download, run, same numbers.

Nothing is downloaded for it: without panel, playwright or a Chromium of the machine's own it skips and says so.
"""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

import pytest
import screens
import yaml
from city import CITY

from sim.cli import call

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync"]  # fmt: skip
needs_panel = pytest.mark.skipif(importlib.util.find_spec("panel") is None, reason="needs panel: sim[dashboard]")
needs_browser = pytest.mark.skipif(
    CHROMIUM is None or importlib.util.find_spec("playwright") is None,
    reason="needs playwright (sim[browser]) and a Chromium that is installed already",
)
DAYS, SEED = 20, 7


@pytest.fixture(scope="module")
def scenario(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("live") / "city.yaml"
    market = {"consumers": 300, "days": DAYS}
    file.write_text(yaml.safe_dump({**CITY, "market": market, "logistics": {"capacity": 60}}), encoding="utf-8")
    return file


def served(*arguments: str) -> Iterator[str]:
    """The address of a page that is served until the test is over."""
    command = [sys.executable, "-m", "sim", "dashboard", *arguments, "--no-browser", "--port", "0"]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=os.environ | {
        "PYTHONPATH": str(Path(__file__).resolve().parents[2])})  # fmt: skip
    try:
        assert server.stdout is not None
        lines = []
        for line in server.stdout:
            lines.append(line)
            if "http://" in line:
                yield "http://" + line.split("http://")[1].strip()
                return
        pytest.fail("the page was not served:\n" + "".join(lines))
    finally:
        server.terminate()
        server.wait(20)
        if server.stdout is not None:
            server.stdout.close()


@pytest.fixture(scope="module")
def address(scenario: Path) -> Iterator[str]:
    """One server for this machine, which the tests share; each page of it is a session of its own."""
    yield from served(str(scenario), "--strategy", "same", "--strategy", "same", "--seed", str(SEED))


def answer(url: str, **headers: str) -> int:
    try:
        with urlopen(Request(url, headers=headers), timeout=20) as reply:
            return int(reply.status)
    except HTTPError as error:
        with error:
            return error.code


# ------------------------------------------------------------------------------------------------------------ the gate


@needs_panel
def test_only_the_page_is_served_and_only_to_this_machine(address: str) -> None:
    host = urlsplit(address).netloc
    assert host.startswith("localhost:")
    assert answer(address) == 200
    assert answer(address + "static/js/bokeh.min.js") == 200
    for hidden in ("metadata", "autoload.js", "components/x", "admin", "liveness", "rest/session_info", "ws/x"):
        assert answer(address + hidden) == 404, hidden
    assert answer(address, Host="evil.example") == 403
    assert answer(address, Origin="http://evil.example") == 403
    assert answer(address, Origin=f"http://{host}") == 200
    with pytest.raises(HTTPError) as refused:
        urlopen(Request(address, data=b"x" * 10, method="POST"), timeout=20)
    refused.value.close()
    assert refused.value.code == 405


@needs_panel
def test_bound_wider_the_page_needs_its_token(scenario: Path) -> None:
    for url in served(str(scenario), "--host", "0.0.0.0"):
        port, token = url.split("/?token=")[0].rpartition(":")[2], url.partition("?token=")[2]
        assert len(token) >= 24
        here = f"http://127.0.0.1:{port}/"
        assert answer(here) == 403
        assert answer(f"{here}?token={token[:-1]}") == 403
        assert answer(f"{here}?token={token}", Host="machine.example:80") == 200


def test_without_panel_it_says_what_to_install(
    scenario: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "panel", None)
    assert call(["dashboard", str(scenario), "--no-browser"]) == 2
    assert "pip install 'sim[dashboard]'" in capsys.readouterr().err


def test_wrong_input_is_told_before_anything_is_served(scenario: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert call(["dashboard", str(scenario), "--strategy", "lauder"]) == 2
    assert "did you mean 'louder'" in capsys.readouterr().err
    assert call(["dashboard", str(scenario), *["--strategy", "same"] * 3]) == 2


# ---------------------------------------------------------------------------------------------------------- the browser


class Tab:
    """The page in a browser, by what a person sees of it."""

    def __init__(self, page: Any, url: str) -> None:
        self.page, self.asked, self.wrong = page, [], []
        page.on("request", lambda request: self.asked.append(request.url))
        page.on("websocket", lambda socket: self.asked.append(socket.url))
        page.on("pageerror", lambda error: self.wrong.append(str(error)))
        page.goto(url)
        self.wait_for(0)

    def wait_for(self, day: int) -> None:
        self.page.get_by_text(f"Day {day} of {DAYS}").wait_for(timeout=300_000)

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name, exact=True).click()

    def curve(self, name: str, days: int) -> list[float]:
        """Values of a line, when it is drawn to so many days."""
        self.page.wait_for_function(
            "([name, days]) => Bokeh.documents[0].get_model_by_name(name).get_column('value').length == days",
            arg=[name, days], timeout=60_000,
        )  # fmt: skip
        found = self.page.evaluate(
            "name => Array.from(Bokeh.documents[0].get_model_by_name(name).get_column('value'))", name
        )
        return [float(value) for value in found]

    def type_into(self, label: str, value: str) -> None:
        """Type a value into the number called so."""
        box = self.page.get_by_role("spinbutton", name=label)
        box.fill(value)
        box.press("Enter")

    def number(self, metric: str, side: int) -> float:
        """A number of the table, exactly."""
        return float(self.page.locator(f'tr[data-metric="{metric}"] td').nth(side).get_attribute("title"))


@pytest.fixture
def tab(address: str) -> Iterator[Tab]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        try:
            yield Tab(browser.new_page(viewport={"width": 1280, "height": 1000}), address)
        finally:
            browser.close()


def run_by_command(file: Path, strategy: str, capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    capsys.readouterr()
    out = str(file.parent / "results")
    assert call(["run", str(file), "--strategy", strategy, "--seed", str(SEED), "--out", out, "--json"]) == 0
    return {name: found["mean"] for name, found in json.loads(capsys.readouterr().out)["summary"].items()}


@needs_panel
@needs_browser
def test_a_lever_moved_on_the_page_is_the_yaml_one_downloads(
    tab: Tab, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tab.press("+7 days")
    tab.wait_for(7)
    assert tab.curve("gmv-A", 7) == tab.curve("gmv-B", 7)
    tab.type_into("green · price", "70")
    tab.page.get_by_text("merchants.Leaf.products.green.price: 70").wait_for(timeout=30_000)
    tab.press("Throw it in today")
    tab.page.get_by_text("use: parcel_jam").wait_for(timeout=30_000)
    tab.press("▶ Play")
    tab.wait_for(DAYS)
    tab.page.get_by_text("The last day is lived").wait_for(timeout=30_000)
    ours, moved = tab.curve("gmv-A", DAYS), tab.curve("gmv-B", DAYS)
    assert ours[:7] == moved[:7]
    assert ours != moved
    with tab.page.expect_download(timeout=30_000) as download:
        tab.page.get_by_text("Download the whole scenario").click()
    file = tmp_path / "live.yaml"
    download.value.save_as(file)
    said = yaml.safe_load(file.read_text(encoding="utf-8"))
    assert said["events"][0]["change"] == {"merchants.Leaf.products.green.price": 70}
    assert (said["events"][0]["day"], said["events"][0]["strategies"]) == (7, ["same_B"])
    for side, strategy in enumerate(("same", "same_B")):
        again = run_by_command(file, strategy, capsys)
        assert {name: tab.number(name, side) for name in ("profit", "gmv")} == {k: again[k] for k in ("profit", "gmv")}
    assert {urlsplit(url).hostname for url in tab.asked if not url.startswith(("data:", "blob:"))} == {"localhost"}
    assert any(url.startswith("ws:") for url in tab.asked)
    assert tab.wrong == []


@needs_panel
@needs_browser
def test_every_lever_says_what_it_is_and_its_words_lead_to_the_glossary(tab: Tab) -> None:
    price = tab.page.locator(".field").filter(has=tab.page.get_by_role("spinbutton", name="green · price"))
    assert "Unit: yuan · At least 0" in price.locator(".about").inner_text()
    assert price.get_by_role("slider", name="green · price").count() == 1
    word = tab.page.locator(".about a").first
    entry = tab.page.locator("dt#" + str(word.get_attribute("href")).removeprefix("#"))
    assert not entry.is_visible()
    word.click()
    entry.wait_for(state="visible", timeout=10_000)
    assert entry.evaluate("one => one.matches(':focus')")
    assert tab.wrong == []


@needs_panel
@needs_browser
def test_axe_finds_nothing_serious_and_no_phone_is_too_narrow(tab: Tab) -> None:
    script = screens.axe()
    tab.press("+1 day")
    tab.wait_for(1)
    for group, label in (("Goods", "green · unit_cost"), ("Plan", "live · hours")):
        tab.press(group)
        tab.page.get_by_role("spinbutton", name=label).first.wait_for(timeout=30_000)
        tab.page.set_viewport_size({"width": 390, "height": 800})
        tab.page.wait_for_function("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
        tab.page.set_viewport_size({"width": 1280, "height": 1000})
        if script is not None:
            assert screens.serious(screens.findings(tab.page, script)) == []
    if script is None:
        pytest.skip("no accessibility check: npm install axe-core, or SIM_AXE=axe.min.js")


@needs_panel
@needs_browser
def test_a_refusal_is_said_and_the_page_goes_on(tab: Tab) -> None:
    tab.press("+1 day")
    tab.wait_for(1)
    tab.press("Throw it in today")
    tab.page.get_by_text("use: parcel_jam").wait_for(timeout=30_000)
    tab.press("Throw it in today")
    tab.page.get_by_text("in force together").wait_for(timeout=30_000)
    tab.press("↺ Reset")
    tab.wait_for(0)
    tab.press("+1 day")
    tab.wait_for(1)
    assert tab.wrong == []
