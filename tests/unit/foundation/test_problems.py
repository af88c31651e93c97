"""Problems are told in the visitor's words, plurals and messages within messages included."""

from __future__ import annotations

import sqlite3

from pyramid.testing import DummyRequest
from sqlalchemy.exc import OperationalError
from webob.acceptparse import create_accept_header

from bibliopolis.errors import Conflict, InvalidInput
from bibliopolis.i18n import Plural, _, _n
from bibliopolis.problems import database_problem, domain_problem


def shout(message):
    if isinstance(message, Plural):
        return f"{message.n} {message.plural}".upper()
    return str(message).upper()


def _asked_by_a_client():
    accept = create_accept_header("application/json")
    return DummyRequest(accept=accept, translate=shout)


def test_every_reason_of_a_conflict_is_translated():
    refusal = Conflict(_("Not now."), (_n("page", "pages", 2), _("It is late.")))

    answer = domain_problem(refusal, _asked_by_a_client())

    assert answer.status_int == 409
    assert answer.json["detail"] == "NOT NOW."
    assert answer.json["reasons"] == ["2 PAGES", "IT IS LATE."]


def test_every_field_that_is_wrong_is_told_by_its_path():
    refusal = InvalidInput(_("Mend this."), {"tags.1": _("Too long.")})

    answer = domain_problem(refusal, _asked_by_a_client())

    assert answer.json["errors"] == [{"field": "tags.1", "message": "TOO LONG."}]


def test_who_waited_too_long_for_the_database_is_asked_to_come_again():
    waited = OperationalError(
        "BEGIN IMMEDIATE", None, sqlite3.OperationalError("database is locked")
    )
    broken = OperationalError("SELECT 1", None, sqlite3.OperationalError("no such table: person"))

    busy = database_problem(waited, _asked_by_a_client())

    assert (busy.status_int, busy.headers["Retry-After"]) == (503, "5")
    assert busy.json["detail"] == "NOTHING WAS CHANGED. PLEASE TRY AGAIN IN A MOMENT."
    assert database_problem(broken, _asked_by_a_client()).status_int == 500
