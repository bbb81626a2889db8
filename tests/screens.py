"""Screenshots of everything people look at, and the accessibility check, in headless Chromium.

    python tests/screens.py PAGE.html --out FOLDER [--widths 390,1280,1920] [--axe axe.min.js] [--live koc_or_kol]

Every section and every figure of a page is taken at every width, beside the whole page; of the live page its first day,
a day later on, and each group of levers. Chromium must be installed
(``SIM_CHROMIUM`` names it, else it is looked for on the path) and so must playwright's Python library; nothing is
downloaded. axe-core is found as ``SIM_AXE`` or below ``node_modules`` (``npm install axe-core``).
"""

from __future__ import annotations

import argparse
import contextlib
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

WIDTHS = (390, 1280, 1920)
NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
ROOT = Path(__file__).resolve().parents[1]


def chromium() -> str | None:
    """The browser to use, None where there is none."""
    given = os.environ.get("SIM_CHROMIUM")
    return given if given and Path(given).exists() else next(filter(None, map(shutil.which, NAMES)), None)


def axe() -> Path | None:
    """axe-core's script, None where there is none."""
    given = os.environ.get("SIM_AXE")
    places = [Path(given)] if given else []
    places += [base / "node_modules" / "axe-core" / "axe.min.js" for base in (Path.cwd(), ROOT, *ROOT.parents)]
    return next((place for place in places if place.is_file()), None)


def lacking() -> str | None:
    """Why no screenshots can be taken here; None when they can."""
    if chromium() is None:
        return "no Chromium on the path (SIM_CHROMIUM names one)"
    try:
        import playwright.sync_api  # noqa: F401
    except ImportError:
        return "playwright's Python library is not installed: pip install 'sim[browser]'"
    return None


@contextlib.contextmanager
def browser() -> Iterator[Any]:
    """A headless browser that fetches nothing from elsewhere."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        started = play.chromium.launch(executable_path=chromium(), args=["--no-sandbox", "--disable-gpu"])
        try:
            yield started
        finally:
            started.close()


def take(page: Any, file: Path, out: Path, width: int) -> list[Path]:
    """The whole page, every section and every figure at one width, folded parts opened."""
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(file.resolve().as_uri())
    taken = [out / f"{width}_page.png"]
    page.screenshot(path=str(taken[0]), full_page=True)
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = !d.querySelector('pre'))")
    for kind in ("header", "section", "figure"):
        for k, element in enumerate(page.query_selector_all(f"main {kind}"), start=1):
            name = element.get_attribute("id") or _slug(element) or str(k)
            taken.append(out / f"{width}_{kind}_{k:02d}_{name}.png")
            element.screenshot(path=str(taken[-1]))
    return taken


def _slug(element: Any) -> str:
    title = element.query_selector("h1, h2")
    text = title.inner_text() if title else ""
    return "".join(letter if letter.isalnum() else "_" for letter in text.lower())[:30].strip("_")


def take_live(page: Any, url: str, out: Path, width: int) -> list[Path]:
    """The live page at one width: before the first day, after a few, and with each group of levers."""
    from sim.dashboard.levers import GROUPS
    from sim.dashboard.words import words

    w, taken = words("en"), []

    def picture(name: str) -> None:
        page.wait_for_timeout(1_500)  # what has been asked for is drawn
        taken.append(out / f"{width}_{name}.png")
        page.screenshot(path=str(taken[-1]), full_page=True)

    page.set_viewport_size({"width": width, "height": 1000})
    page.goto(url)
    page.get_by_text("Day 0 of").wait_for(timeout=300_000)
    picture("day_0")
    for _ in range(12):
        page.get_by_role("button", name="+1 day", exact=True).click()
        page.wait_for_timeout(300)
    picture("played")
    for group in GROUPS:
        page.get_by_role("button", name=w(f"g_{group}"), exact=True).click()
        picture(f"levers_{group}")
    return taken


def live(started: Any, scenario: str, asked: argparse.Namespace) -> int:
    """Serve the live page of a scenario and take it; what is wrong with it."""
    sys.path.insert(0, str(Path(__file__).parent / "faces"))
    from soak_live_page import serving

    out, wrong = asked.out / f"live_{scenario}", 0
    out.mkdir(parents=True, exist_ok=True)
    with serving(scenario, "2000") as (_, url):
        for width in map(int, asked.widths.split(",")):
            page = started.new_page()
            taken = take_live(page, url, out, width)
            wrong += (wide := overflow(page)) > 0
            print(f"live page at {width}: {len(taken)} pictures in {out}", f"{wide} px too wide" if wide > 0 else "")
            if asked.axe is not None:
                bad = serious(findings(page, asked.axe))
                wrong += len(bad)
                print(f"axe-core on the live page: {len(bad)} serious findings", *bad, sep="\n  ")
            page.close()
    return wrong


def overflow(page: Any) -> int:
    """Pixels by which the page is wider than the window."""
    return int(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))


def findings(page: Any, script: Path) -> list[dict[str, Any]]:
    """What axe-core finds on the page in view, every rule of WCAG 2 A and AA and best practice."""
    page.add_script_tag(path=str(script))
    found: list[dict[str, Any]] = page.evaluate("async () => (await axe.run()).violations")
    return found


def serious(found: list[dict[str, Any]]) -> list[str]:
    """The serious and critical ones in a line each."""
    return [
        f"{one['impact']}: {one['id']}: {one['help']} ({len(one['nodes'])}: {one['nodes'][0]['html'][:120]})"
        for one in found
        if one["impact"] in ("serious", "critical")
    ]


def main(arguments: list[str] | None = None) -> int:
    """Take the screenshots; 1 on serious findings or a page that is wider than a window, 2 where it cannot be done."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("pages", nargs="*", type=Path)
    parser.add_argument("--out", type=Path, default=Path("results/screens"))
    parser.add_argument("--widths", default=",".join(map(str, WIDTHS)))
    parser.add_argument("--axe", type=Path, default=axe())
    parser.add_argument("--live", metavar="SCENARIO", help="take the live page of a scenario too")
    asked = parser.parse_args(arguments)
    if reason := lacking():
        print(f"no screenshots: {reason}", file=sys.stderr)
        return 2
    wrong = 0
    with browser() as started:
        for file in asked.pages:
            out = asked.out / f"{file.parent.name}_{file.stem}"
            out.mkdir(parents=True, exist_ok=True)
            page = started.new_page()
            for width in map(int, asked.widths.split(",")):
                taken = take(page, file, out, width)
                told = f"{file.name} at {width}: {len(taken)} pictures in {out}"
                if (wide := overflow(page)) > 0:
                    told, wrong = f"{told}; {wide} px wider than the window", wrong + 1
                print(told)
            if asked.axe is None:
                print("no accessibility check: npm install axe-core, or SIM_AXE=axe.min.js", file=sys.stderr)
                continue
            bad = serious(findings(page, asked.axe))
            wrong += len(bad)
            print(f"axe-core on {file.name}: {len(bad)} serious findings", *bad, sep="\n  ")
        if asked.live:
            wrong += live(started, asked.live, asked)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
