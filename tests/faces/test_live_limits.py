"""Limits of the live page: how often, how much and by how many it may be asked."""

from __future__ import annotations

import asyncio
import gc
import re
import threading
import weakref
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from city import CITY

pytest.importorskip("panel", reason="needs panel: sim[dashboard]")

from bokeh.server.views.ws import WSHandler as Below
from tornado.httpclient import AsyncHTTPClient, HTTPClientError
from tornado.websocket import websocket_connect

from sim import load
from sim.dashboard import guard, serve
from sim.dashboard.fields import Numbers, row
from sim.dashboard.guard import A_SECOND, BURST, MOST_BYTES, Measured
from sim.dashboard.page import Page
from sim.dashboard.serve import Site
from sim.dashboard.words import words

# The page is written for panel 1, which warns of what its version 2 will call otherwise.
pytestmark = pytest.mark.filterwarnings("ignore::PendingDeprecationWarning")

SMALL = {**CITY, "market": {"consumers": 60, "days": 5}}


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now = 0.0

    def monotonic(self) -> float:
        return self.now


def socket(monkeypatch: pytest.MonkeyPatch, clock: Clock) -> tuple[Any, list[Any], list[tuple[int, str]]]:
    """A page's socket without a network: what it took, and how it was closed."""
    taken: list[Any] = []
    closed: list[tuple[int, str]] = []

    async def take(self: Any, fragment: Any) -> None:
        taken.append(fragment)

    monkeypatch.setattr(guard, "time", clock)
    monkeypatch.setattr(guard.WSHandler, "on_message", take)
    monkeypatch.setattr(guard.WSHandler, "__init__", lambda self: None)
    monkeypatch.setattr(guard.WSHandler, "close", lambda self, code, why: closed.append((code, why)))
    return Measured(), taken, closed


def send(page: Any, count: int) -> None:
    async def all_of_them() -> None:
        for k in range(count):
            await page.on_message(str(k))

    asyncio.run(all_of_them())


def test_a_page_that_sends_more_than_a_person_can_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    page, taken, closed = socket(monkeypatch, Clock())
    send(page, int(BURST))
    assert (len(taken), closed) == (BURST, [])
    send(page, 1)
    assert len(taken) == BURST
    assert closed == [(1008, "too many messages")]


def test_the_measure_fills_up_again(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock()
    page, taken, closed = socket(monkeypatch, clock)
    send(page, int(BURST))
    clock.now = 1.0
    send(page, int(A_SECOND))
    assert (len(taken), closed) == (BURST + A_SECOND, [])
    clock.now = 1e6
    send(page, int(BURST))
    assert closed == []
    send(page, 1)
    assert closed, "a long rest gives no more than a burst"


def test_it_is_the_measured_socket_that_is_served() -> None:
    assert issubclass(Measured, Below)
    site(lambda made, url: asyncio.sleep(0))
    from bokeh.server.urls import per_app_patterns

    assert [row[1] for row in per_app_patterns if row[0] == "/ws"] == [Measured]


def site(use: Callable[[Site, str], Awaitable[Any]]) -> Any:
    """What ``use`` finds on a page that is served in this process."""

    async def served() -> Any:
        made = Site(load(SMALL), "same", "same")
        made.server.start()
        try:
            return await asyncio.wait_for(use(made, made.url), 60)
        finally:
            made.server.stop()
            made.close()

    return asyncio.run(served())


async def page(url: str) -> str:
    reply = await AsyncHTTPClient().fetch(url, request_timeout=50)
    return reply.body.decode("utf-8")


def test_only_so_many_pages_are_open(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serve, "MOST_PAGES", 2)
    said = words("en")("full")

    async def three(made: Site, url: str) -> list[bool]:
        for _ in range(3):
            await page(url)
        assert len(made.pages) == 2
        shown = [root for session in made.server.get_sessions("/") for root in session.document.roots]
        return sorted(said in getattr(root, "text", "").replace("&lt;p&gt;", "") for root in shown)

    assert site(three)[-2:] == [False, True]


def test_of_pages_that_were_closed_nothing_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    """Their levers were drawn, changed for another group's and moved; when they are gone, so is all they held."""
    monkeypatch.setattr(serve, "LOOK", 50)

    async def come_and_go(made: Site, url: str) -> list[weakref.ref[Any]]:
        held: list[weakref.ref[Any]] = []
        for _ in range(2):
            await page(url)
            held += await seen(made.pages[-1], made.server.get_sessions("/")[0].document)
            for session in made.server.get_sessions("/"):
                session.request_expiration()
            del session
            while made.pages or any(thread.name == "sim-dashboard-player" for thread in threading.enumerate()):
                await asyncio.sleep(0.05)
        return held

    held = site(come_and_go)
    gc.collect()
    assert [thing() for thing in held] == [None] * len(held)


async def seen(shown: Page, document: Any) -> list[weakref.ref[Any]]:
    """Use a page as a browser does, and refer to what is heavy of it."""
    shown.player.start()
    for group in ("plan", "prices"):
        document.add_next_tick_callback(lambda group=group: setattr(shown._levers.group, "value", group))
        while not any("price" in row["key"] for row in shown._levers.fields.rows) and group == "prices":
            await asyncio.sleep(0.05)
    first = shown._levers.fields.rows[0]
    shown._levers.fields._handle_msg({"key": first["key"], "value": first["high"]})
    while not shown.player.picture.script.added:
        await asyncio.sleep(0.05)
    parts = (shown, shown.player, shown.player.session, shown.view, shown._levers.fields, shown._curves[0].figure)
    return [weakref.ref(part) for part in (*parts, document)]


def test_a_message_has_a_size(monkeypatch: pytest.MonkeyPatch) -> None:
    """One just below is taken (and then not understood); one above closes the socket for its size."""

    async def too_much(made: Site, url: str) -> int | None:
        token = re.search(r'"token":\s*"([^"]+)"', await page(url))
        assert token is not None
        there = await websocket_connect(url.replace("http", "ws") + "ws", subprotocols=["bokeh", token[1]])
        assert await there.read_message() is not None, "it greets"
        await there.write_message("x" * (MOST_BYTES + 1))
        while await there.read_message() is not None:
            pass
        there.close()
        return there.close_code

    assert site(too_much) == 1009


def test_a_request_has_a_size() -> None:
    async def too_much(made: Site, url: str) -> int:
        try:
            await AsyncHTTPClient().fetch(url, method="POST", body="x" * (MOST_BYTES + 1), request_timeout=20)
        except HTTPClientError as error:
            return error.code
        return 200

    assert site(too_much) in (400, 405, 413)


@pytest.mark.parametrize("place", ["admin", "liveness", "metadata", "rest/session_info", "debug",
                                   "static/../sim", "static/%2e%2e/%2e%2e/serve.py", "autoload.js"])  # fmt: skip
def test_nothing_else_is_there(place: str) -> None:
    async def look(made: Site, url: str) -> int:
        try:
            return int((await AsyncHTTPClient().fetch(url + place)).code)
        except HTTPClientError as error:
            return error.code

    assert site(look) in (403, 404)


def test_of_what_a_browser_sends_only_what_fits_is_taken() -> None:
    rows = [row("people", "People", "whole", least=50, most=200), row("size", "Size", "number", least=0, most=2)]
    numbers = Numbers(rows, {"people": 60, "size": 1}, "en")
    wrong = ("70", True, None, [70], 49, 201, float("nan"), float("inf"))
    nonsense = (None, [], "people", {}, {"key": ["people"], "value": 70}, {"key": "other", "value": 70})
    for sent in (*nonsense, *({"key": "people", "value": value} for value in wrong)):
        numbers.view._handle_msg(sent)
        assert (numbers["people"], numbers["size"]) == (60, 1), sent
    numbers.view._handle_msg({"key": "people", "value": 70.0})
    numbers.view._handle_msg({"key": "size", "value": 0.5})
    assert (numbers["people"], numbers["size"]) == (70, 0.5)
    numbers.view.values = {"people": 10**9}  # a copy that the browser may write
    assert numbers["people"] == 70
