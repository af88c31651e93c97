"""What a person had typed into a form that could not be taken: it is given back, never kept.

The form is shown again only to whoever sent it from a page of ours, which browsers tell in the
headers ``Origin`` and ``Sec-Fetch-Site`` that no page can forge: a foreign page could otherwise let
its own words be shown here, or be sent with a fresh token.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from pyramid.request import Request

from bibliopolis.view_settings import local_path
from bibliopolis.web import FORMS

SENTENCE = 20
"""The fewest letters of a text that is shown because typing it again is work."""
LONGEST = 500_000
"""So many letters of one form are given back; no page of ours sends more by hand."""
TOKEN = "csrf_token"


@dataclass(frozen=True)
class Typed:
    """One control of the form; ``is_text`` if somebody has written sentences into it."""

    name: str
    value: str
    is_text: bool


@dataclass(frozen=True)
class GivenBack:
    """What was typed, and whether all of it is here, so that it can be sent again as it was.

    Passwords and files do not come back: what they were part of must be filled in anew.
    """

    fields: tuple[Typed, ...] = ()
    is_whole: bool = False

    @property
    def texts(self) -> tuple[str, ...]:
        """Return the sentences, in the order of the form."""
        return tuple(field.value for field in self.fields if field.is_text)


def given_back(request: Request) -> GivenBack:
    """Return what was typed into a form of our own page; of another site's there is nothing."""
    origin, site = request.headers.get("Origin"), request.headers.get("Sec-Fetch-Site")
    if request.method != "POST" or not (origin == request.host_url or site == "same-origin"):
        return GivenBack()
    try:
        sent = [(name, value) for name, value in request.POST.items() if name != TOKEN]
    except (UnicodeDecodeError, ValueError):  # what cannot be read is not worth keeping
        return GivenBack()
    return _open(sent, request.content_type in FORMS)


def _open(sent: Sequence[tuple[str, Any]], is_form: bool) -> GivenBack:
    # A control for files that was left empty is sent as bytes, empty ones.
    filled = [(name, value) for name, value in sent if value != b""]
    plain = [
        (name, value)
        for name, value in filled
        if isinstance(value, str) and "password" not in name.lower()
    ]
    typed = tuple(
        Typed(name, value, len(value) >= SENTENCE and len(value.split()) > 1)
        for name, value in plain
    )
    if sum(len(field.value) for field in typed) > LONGEST:
        return GivenBack()
    return GivenBack(typed, is_form and len(plain) == len(filled))


def page_of_the_form(request: Request) -> str | None:
    """Return the page that the form stands on, as the browser tells it, if it is one of ours."""
    try:
        told = urlsplit(request.referrer or "")
    except ValueError:
        return None
    if f"{told.scheme}://{told.netloc}" != request.host_url:
        return None
    page = f"{told.path}?{told.query}" if told.query else told.path
    return local_path(page, "") or None
