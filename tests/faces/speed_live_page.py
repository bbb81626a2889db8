"""How fast a market goes in the live page, seen in a browser, and what a day costs market, page and browser.

    python tests/faces/speed_live_page.py --consumers 20000 --seconds 20

Linux only. Plays at 5 days a second, then as fast as it goes; days are counted in the browser, where they are shown.
The market's processor time is what the page says; the rest of the server's is the page: reading, drawing, sending.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import time
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright
from soak_live_page import FLAGS, processor, serving


def below(pid: int) -> float:
    """Processor seconds of every process that a process has begun, and theirs."""
    parents: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
        except OSError:
            continue  # it has ended meanwhile
        parents.setdefault(int(fields[1]), []).append(int(stat.parent.name))
    found, total = [pid], 0.0
    for one in found:
        found += parents.get(one, [])
        total += processor(one) if one != pid else 0.0
    return total


def shown(page: Any) -> tuple[int, float]:
    """The day the page shows, and what it says a day of both markets takes, in milliseconds."""
    text = page.locator("p.status").inner_text()
    day, cost = re.search(r"Day (\d+)", text), re.search(r"(\d+) ms", text)
    return int(day[1]) if day else -1, float(cost[1]) if cost else float("nan")


def turned(page: Any) -> int:
    """The next day the page shows, as soon as it does."""
    before = shown(page)[0]
    while (day := shown(page)[0]) == before:
        page.wait_for_timeout(10)
    return day


def measured(page: Any, pid: int, seconds: float) -> str:
    """A line of what playing for so long was like."""
    page.get_by_role("button", name="▶ Play", exact=True).click()
    page.wait_for_timeout(3_000)
    first, costs = turned(page), []
    start, server, browser = time.monotonic(), processor(pid), below(os.getpid()) - processor(pid)
    while time.monotonic() - start < seconds:
        page.wait_for_timeout(500)
        costs.append(shown(page)[1])
    days = turned(page) - first
    lasted = time.monotonic() - start
    server, browser = processor(pid) - server, below(os.getpid()) - processor(pid) - browser
    page.get_by_role("button", name="❚❚ Pause", exact=True).click()
    market = sum(costs) / len(costs)
    return (f"{days / lasted:6.2f} days a second; a day: {market:.0f} ms of processor for both markets, "
            f"{1000 * server / days - market:.0f} ms for the page, {1000 * browser / days:.0f} ms in the browser; "
            f"the server used {100 * server / lasted:.0f} % of a core")  # fmt: skip


def main() -> int:
    """Measure, and say so."""
    ask = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    ask.add_argument("--seconds", type=float, default=20)
    ask.add_argument("--consumers", default="20000")
    ask.add_argument("--scenario", default="koc_or_kol")
    said = ask.parse_args()
    with serving(said.scenario, said.consumers) as (pid, url), sync_playwright() as play:
        browser = play.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        page = browser.new_page(viewport={"width": 1280, "height": 1000})
        for speed in ("5", "as fast as it goes"):
            page.goto(url)
            page.get_by_text("Day 0 of").wait_for(timeout=300_000)
            page.get_by_role("spinbutton", name="Days", exact=True).fill("3000")
            page.get_by_role("spinbutton", name="Days", exact=True).press("Enter")
            page.get_by_role("button", name="Set up anew").click()
            page.get_by_text("Day 0 of 3000").wait_for(timeout=300_000)
            page.get_by_label("Days a second").select_option(speed)
            print(f"{speed:>18}: {measured(page, pid, said.seconds)}", flush=True)
        browser.close()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
