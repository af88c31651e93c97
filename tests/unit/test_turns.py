"""Pages made in turn: never two at once, never a page kept waiting by one that hangs."""

import threading
import time

import pytest

from bibliopolis.turns import InTurn


class Kitchen:
    """An application that notes how many requests are in it at once."""

    def __init__(self, seconds):
        self.seconds = seconds
        self.inside = self.most = 0
        self.lock = threading.Lock()

    def __call__(self, environ, start_response):
        with self.lock:
            self.inside += 1
            self.most = max(self.most, self.inside)
        time.sleep(self.seconds)
        with self.lock:
            self.inside -= 1
        if environ.get("fails"):
            raise ValueError("the page cannot be made")
        return [b"page"]


def ask_at_once(app, count, **environ):
    asked = [
        threading.Thread(target=app, args=({"REQUEST_METHOD": "GET", **environ}, None), daemon=True)
        for _ in range(count)
    ]
    for one in asked:
        one.start()
    return asked


def test_pages_asked_for_at_once_are_made_one_after_the_other():
    kitchen = Kitchen(0.01)

    for one in ask_at_once(InTurn(kitchen, patience=30), 6):
        one.join()

    assert kitchen.most == 1


def test_a_page_that_hangs_holds_nobody_up_for_long():
    kitchen = Kitchen(5)
    app = InTurn(kitchen, patience=0.05)
    ask_at_once(app, 1)

    deadline = time.monotonic() + 4
    ask_at_once(app, 1)
    while kitchen.inside < 2 and time.monotonic() < deadline:
        time.sleep(0.01)

    assert kitchen.inside == 2


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_what_may_wait_for_the_database_takes_no_turn(method):
    kitchen = Kitchen(0.3)

    for one in ask_at_once(InTurn(kitchen, patience=30), 3, REQUEST_METHOD=method):
        one.join()

    assert kitchen.most == 3


def test_a_page_that_fails_gives_its_turn_back():
    app = InTurn(Kitchen(0), patience=30)
    with pytest.raises(ValueError, match="cannot be made"):
        app({"REQUEST_METHOD": "GET", "fails": True}, None)

    assert app({"REQUEST_METHOD": "GET"}, None) == [b"page"]
