"""The page in a real browser: no serious accessibility finding, nothing wider than a phone, nothing fetched."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import screens
from made_up import comparison

from sim.report import write_report


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    if reason := screens.lacking():
        pytest.skip(f"not seen in a browser: {reason}")
    folder, made = tmp_path_factory.mktemp("page"), comparison(days=20, full=True)
    return {lang: write_report(made, folder / f"report.{lang}.html", lang) for lang in ("en", "zh")}


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_no_page_is_wider_than_a_phone_or_fetches_anything(pages: dict[str, Path], lang: str) -> None:
    asked: list[str] = []
    with screens.browser() as started:
        page = started.new_page(viewport={"width": 390, "height": 800})
        page.on("request", lambda request: asked.append(request.url))
        page.goto(pages[lang].as_uri())
        page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
        assert screens.overflow(page) <= 0
    assert [url for url in asked if not url.startswith("data:")] == [pages[lang].as_uri()]


@pytest.mark.parametrize(("lang", "scheme"), [("en", "light"), ("zh", "dark")])
def test_axe_finds_nothing_serious(pages: dict[str, Path], lang: str, scheme: Any) -> None:
    script = screens.axe()
    if script is None:
        pytest.skip("no accessibility check: npm install axe-core, or SIM_AXE=axe.min.js")
    with screens.browser() as started:
        page = started.new_page(viewport={"width": 1280, "height": 900}, color_scheme=scheme)
        page.goto(pages[lang].as_uri())
        page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
        assert screens.serious(screens.findings(page, script)) == []
