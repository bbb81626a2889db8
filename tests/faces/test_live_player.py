"""The thread behind a page: what is asked comes about in order, too much is refused, a refusal stops nothing."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator

import pytest
from city import CITY

from sim.contract import ScenarioError
from sim.dashboard import player as play
from sim.dashboard import words as said
from sim.dashboard.player import QUEUED, Player
from sim.dashboard.session import Session
from sim.scenario import load


@pytest.fixture
def player() -> Iterator[Player]:
    made = load({**CITY, "market": {"consumers": 120, "days": 6}})
    playing = Player(Session(made, "same", "louder"))
    yield playing
    playing.close()


def test_orders_come_about_one_after_the_other_and_the_picture_follows(player: Player) -> None:
    player.start()
    seen: list[int] = []
    for _ in range(3):
        player.ask(lambda: player.session.step(1))
        player.ask(lambda: seen.append(player.session.day))
    assert player.wait(300)
    assert seen == [1, 2, 3]
    assert (player.picture.day, player.picture.days) == (3, 6)
    assert player.picture.sides["A"].curves["gmv"].shape == (3,)


def test_it_plays_to_the_horizon_and_stops(player: Player) -> None:
    player.start()
    player.speed = 0.0
    player.playing = True
    over = threading.Event()
    for _ in range(600):
        if player.picture.day == 6 and not player.playing:
            break
        over.wait(0.5)
    assert (player.picture.day, player.playing) == (6, False)


class Late:
    """A clock, and orders nobody gives: waiting for one ends 60 ms after the time, as on a busy machine."""

    def __init__(self) -> None:
        self.now = 100.0

    def monotonic(self) -> float:
        return self.now

    def get(self, timeout: float) -> None:
        self.now += timeout + 0.06
        raise queue.Empty


class Counted:
    """A session that only counts its days."""

    over, version, day = False, -1, 0

    def step(self) -> None:
        self.day += 1


def test_days_that_come_late_are_made_up_for_but_a_pause_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, counted = Late(), Counted()
    monkeypatch.setattr(play, "time", clock)
    player = Player(counted)  # type: ignore[arg-type]
    player._orders = clock  # type: ignore[assignment]
    player.speed = 5.0

    def days(seconds: float) -> int:
        before, until = counted.day, clock.now + seconds
        while clock.now < until:
            player._turn()
        return counted.day - before

    late = 1 + player.speed * play.BEHIND
    assert days(30) == 0
    player.playing = True
    assert abs(days(20) - 100) <= late
    clock.now += 30  # a market was built, say
    assert abs(days(10) - 50) <= late
    player.playing = False
    days(30)
    player.playing = True
    assert abs(days(20) - 100) <= late


def test_a_refusal_is_told_and_the_next_order_is_done(player: Player) -> None:
    def wrong() -> None:
        raise ScenarioError("not so")

    def broken() -> None:
        raise ZeroDivisionError("oh")

    player.start()
    player.ask(wrong)
    assert player.wait(300)
    assert player.said == (1, "not so")
    player.ask(broken)
    player.ask(lambda: player.session.step(1))
    assert player.wait(300)
    assert player.said == (2, "internal error: ZeroDivisionError: oh")
    assert player.picture.day == 1


def test_a_market_that_cannot_be_built_is_told_once() -> None:
    made = load({**CITY, "market": {"consumers": 3_000_000, "days": 6}})
    playing = Player(Session(made, "same", "louder"))
    playing.start()
    playing.wait(60)
    threading.Event().wait(1.0)
    assert playing.said[0] == 1
    assert "consumers 20000" in playing.said[1]
    playing.ask(lambda: playing.session.reset(consumers=120))
    assert playing.wait(300)
    assert playing.picture.sides["A"].name == "same"
    playing.close()


def test_more_than_a_person_asks_is_refused(player: Player) -> None:
    taken = [player.ask(lambda: None) for _ in range(QUEUED + 5)]
    assert taken == [True] * QUEUED + [False] * 5


def test_every_phrase_is_there_in_both_languages() -> None:
    for key, (english, chinese) in said._WORDS.items():
        assert english
        assert chinese
        for mark in ("{0}", "{1"):
            assert (mark in english) == (mark in chinese), key
    assert said.words("zh")("day_of", 3, 9) == "第 3 天，共 9 天"


def test_what_a_metric_is_called_is_escaped_and_says_its_formula() -> None:
    assert 'title="sum of prices paid, before returns"' in said.metric("gmv")
    assert "<script>" not in said.metric("gmv@<script>")
