"""Serving the page: one server, a session a tab, everything from this machine and nothing from elsewhere."""

from __future__ import annotations

import logging
import secrets
from functools import partial
from typing import Any

import panel as pn
from bokeh.server.urls import per_app_patterns
from tornado.routing import Rule

from sim.dashboard.fields import STYLE
from sim.dashboard.guard import LOCAL, MOST_BYTES, Denied, Gate, Measured
from sim.dashboard.page import PERIOD, Page
from sim.dashboard.words import words
from sim.scenario import Scenario

MOST_PAGES = 8
"""Pages open at a time; each holds two markets."""

LINGER = 15_000
"""Milliseconds for which a page that lost its connection is kept, so that it can come back."""

LOOK = 5_000
"""Milliseconds between two looks for pages that have been gone so long."""


class Site:
    """A server of live pages. ``url`` is the address to open, token included; ``pages`` those that are open."""

    def __init__(self, scenario: Scenario, a: str | None = None, b: str | None = None, *, seed: int = 0,
                 lang: str = "en", host: str = "localhost", port: int = 0) -> None:  # fmt: skip
        pn.extension(raw_css=[STYLE])
        self._make = partial(Page, scenario, a, b, seed, lang)
        self._lang = lang
        self._title = f"{scenario.name} – sim"
        self.pages: list[Page] = []
        self.token = None if host in LOCAL else secrets.token_urlsafe(24)
        _measure()
        logging.getLogger("bokeh.server.util").setLevel(logging.ERROR)  # it warns of "*", which the gate makes good
        self.server = pn.serve(
            {"/": self._page}, port=port, address=host, title=self._title, show=False, start=False, verbose=False,
            threaded=False, admin=False, liveness=False, websocket_max_message_size=MOST_BYTES,
            max_body_size=MOST_BYTES, max_buffer_size=8 * MOST_BYTES, sign_sessions=True,
            secret_key=secrets.token_bytes(32), unused_session_lifetime_milliseconds=LINGER,
            check_unused_sessions_milliseconds=LOOK,
            websocket_origin=["*"],  # the gate compares the origin with the host that was asked
        )  # fmt: skip
        self.server._tornado.default_router.rules.insert(0, Rule(Gate(self.token), Denied))
        shown = host if host != "0.0.0.0" else "<this machine>"
        self.url = f"http://{shown}:{self.server.port}/" + (f"?token={self.token}" if self.token else "")

    def run(self) -> None:
        """Serve until interrupted."""
        self.server.start()
        try:
            self.server.io_loop.start()
        finally:
            self.close()

    def close(self) -> None:
        """End every page's thread."""
        for page in list(self.pages):
            page.close()

    def _page(self) -> Any:
        if len(self.pages) >= MOST_PAGES:
            return pn.pane.HTML(f"<p>{words(self._lang)('full')}</p>")
        page = self._make()
        self.pages.append(page)

        def gone(_: Any) -> None:
            page.close()
            self.pages.remove(page)

        pn.state.on_session_destroyed(gone)
        pn.state.onload(page.player.start)  # markets are built for who really looks
        pn.state.add_periodic_callback(page.tick, period=PERIOD)
        return page.view


def _measure() -> None:
    """Let pages talk over the measured socket."""
    per_app_patterns[:] = [(route, Measured, *rest) if route == "/ws" else (route, handler, *rest)
                           for route, handler, *rest in per_app_patterns]  # fmt: skip
