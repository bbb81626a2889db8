"""Who may ask for what: a gate before every request, and a measure on every message of an open page.

Only the page, its socket and the library's own files are served: no list of sessions, no debug pages, no uploads. Bound
to this machine alone, the page answers only to its names (a page elsewhere cannot reach it by another name). Bound
wider, the page needs the token; its socket then needs the session token that only the page hands out.
"""

from __future__ import annotations

import hmac
import time
from typing import Any
from urllib.parse import urlsplit

from panel.io.server import WSHandler
from tornado.httputil import HTTPServerRequest
from tornado.routing import Matcher
from tornado.web import RequestHandler

LOCAL = ("localhost", "127.0.0.1", "::1", "[::1]")
MOST_BYTES = 256 * 1024
"""Of one message or one request's body: a lever's move is a few hundred."""

BURST, A_SECOND = 200.0, 40.0
"""Messages of one page: so many at once, so many a second; a page that sends more is cut off."""


class Denied(RequestHandler):  # type: ignore[misc]
    """Answers what the gate keeps out, in few words."""

    def initialize(self, status: int, text: str) -> None:
        """``status`` of HTTP, ``text`` for the person."""
        self._answer = (status, text)

    def prepare(self) -> None:
        """Answer, whatever the method is."""
        status, text = self._answer
        self.set_status(status)
        self.set_header("Content-Type", "text/plain; charset=utf-8")
        self.finish(text + "\n")


class Gate(Matcher):  # type: ignore[misc]
    """Matches every request that is to be kept out. ``token``: needed for the page; None: this machine only."""

    def __init__(self, token: str | None) -> None:
        self._token = token

    def match(self, request: HTTPServerRequest) -> dict[str, Any] | None:
        """Why a request is kept out, as the arguments of :class:`Denied`; None to let it pass."""
        refused = self._refused(request)
        return None if refused is None else {"target_kwargs": dict(zip(("status", "text"), refused, strict=True))}

    def _refused(self, request: HTTPServerRequest) -> tuple[int, str] | None:
        if request.method not in ("GET", "HEAD"):
            return 405, "nothing is taken here"
        if request.path not in ("/", "/ws", "/favicon.ico") and not request.path.startswith("/static/"):
            return 404, "there is nothing here"
        origin = request.headers.get("Origin")
        if origin is not None and urlsplit(origin).netloc != request.host:
            return 403, "this page is not for pages of elsewhere"
        if self._token is None:
            return None if request.host_name in LOCAL else (403, "this page is for this machine only")
        if request.path == "/" and not self._knows(request):
            return 403, "this page needs its token: open the whole address that 'sim dashboard' printed"
        return None

    def _knows(self, request: HTTPServerRequest) -> bool:
        given = request.arguments.get("token", [b""])[-1]
        return self._token is not None and hmac.compare_digest(given, self._token.encode())


class Measured(WSHandler):  # type: ignore[misc]
    """The page's socket, cut off when it sends more than a person can."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._left, self._at = BURST, time.monotonic()
        super().__init__(*args, **kwargs)

    async def on_message(self, fragment: str | bytes) -> None:
        """Take a fragment of a message, unless there were too many."""
        now = time.monotonic()
        self._left = min(BURST, self._left + (now - self._at) * A_SECOND) - 1.0
        self._at = now
        if self._left < 0:
            self.close(1008, "too many messages")
            return
        await super().on_message(fragment)
