"""Browsers that come, play, steer and leave without a word, for so many seconds; what the server's memory does.

    python tests/faces/soak_live_page.py --seconds 600 --clients 2

Linux only (memory is read from /proc). Ends by itself. Prints a line a round: seconds, pages opened, resident
megabytes, processor seconds; then the growth over the second half (in the first, code is loaded and the heap finds its
size).
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Error, sync_playwright

FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync"]  # fmt: skip


def memory(pid: int) -> float:
    """Resident megabytes of a process."""
    found = re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text(encoding="ascii"))
    return int(found[1]) / 1024 if found else float("nan")


def processor(pid: int) -> float:
    """Processor seconds a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def serving(scenario: str, consumers: str) -> Iterator[tuple[int, str]]:
    """The process and the address of a page that is served meanwhile."""
    command = [sys.executable, "-m", "sim", "dashboard", scenario, "--consumers", consumers, "--port", "0",
               "--no-browser"]  # fmt: skip
    server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        assert server.stdout is not None
        url = next(line.split("http://")[1].strip() for line in server.stdout if "http://" in line)
        yield server.pid, f"http://{url}"
    finally:
        server.terminate()
        server.wait(30)


def visit(page: Any, url: str, seconds: float) -> None:
    """Open the page, play, throw something in, play on; leave in the middle."""
    page.goto(url)
    page.get_by_text("Day 0 of").wait_for(timeout=300_000)
    page.get_by_role("button", name="▶ Play", exact=True).click()
    page.wait_for_timeout(1000 * seconds / 2)
    page.get_by_role("button", name="Throw it in today").click()
    page.wait_for_timeout(1000 * seconds / 2)


def main() -> int:
    """Play until the time is over, and say what the memory did."""
    ask = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    ask.add_argument("--seconds", type=float, default=600)
    ask.add_argument("--clients", type=int, default=2, help="browsers' tabs open at a time")
    ask.add_argument("--stay", type=float, default=12, help="seconds a tab stays")
    ask.add_argument("--consumers", default="2000")
    ask.add_argument("--scenario", default="koc_or_kol")
    said = ask.parse_args()
    with serving(said.scenario, said.consumers) as (pid, url):
        rounds = list(played(pid, url, said))
    if len(rounds) < 4:
        print("too short to say anything: four rounds are needed")
        return 1
    half = len(rounds) // 2
    growth, pages = rounds[-1] - rounds[half - 1], said.clients * (len(rounds) - half)
    print(f"growth over the last {pages} pages: {growth:+.0f} MB, {growth / pages:+.2f} MB a page")
    return 0


def played(pid: int, url: str, said: argparse.Namespace) -> Any:
    """Megabytes after each round of visits."""
    start, opened = time.monotonic(), 0
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        while time.monotonic() - start < said.seconds:
            pages = [browser.new_page() for _ in range(said.clients)]
            for page in pages:
                try:
                    visit(page, url, said.stay / said.clients)
                except Error as error:
                    print(f"a visit failed: {str(error).splitlines()[0]}", flush=True)
            opened += len(pages)
            for page in pages:
                page.close()
            time.sleep(22)  # a page that is gone is kept for 15 seconds, and looked for every 5
            found = memory(pid)
            print(f"{time.monotonic() - start:7.0f} s {opened:5d} pages {found:8.0f} MB {processor(pid):8.1f} s of "
                  "processor", flush=True)  # fmt: skip
            yield found
        browser.close()


if __name__ == "__main__":
    raise SystemExit(main())
