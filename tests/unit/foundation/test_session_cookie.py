"""What waits to be said fits into a cookie, whatever waits."""

from __future__ import annotations

import pytest
from pyramid.session import SignedCookieSessionFactory
from pyramid.testing import DummyRequest

from bibliopolis.web import ShortMessages


def _kept(state):
    return ShortMessages().loads(ShortMessages().dumps((2, 1, state)))


def test_a_session_comes_back_as_it_was():
    assert _kept({"_f_ok": ["Сохранено."], "seen": 3}) == [
        2,
        1,
        {"_f_ok": ["Сохранено."], "seen": 3},
    ]


def test_of_too_many_messages_the_newest_are_kept():
    messages = [f"{n}: " + "ж" * 400 for n in range(20)]

    kept = _kept({"_f_bad": messages, "_f_ok": ["Готово."]})[2]

    assert kept["_f_ok"] == ["Готово."]
    assert kept["_f_bad"] == messages[-len(kept["_f_bad"]) :]
    assert kept["_f_bad"]


@pytest.mark.parametrize("state", [{"_f_ok": ["ж" * 9000]}, {"odd": "ж" * 9000}])
def test_what_can_never_fit_is_let_go(state):
    assert _kept(state)[2] in ({"_f_ok": []}, {})


def test_the_fullest_session_is_a_cookie_that_pyramid_accepts():
    factory = SignedCookieSessionFactory("secret", serializer=ShortMessages())
    session = factory(DummyRequest())
    for number in range(200):
        session.flash(f"{number} ж\ud800" * 20, queue="bad")

    answer = DummyRequest().response
    session._set_cookie(answer)

    assert len(answer.headers["Set-Cookie"]) < 4096
