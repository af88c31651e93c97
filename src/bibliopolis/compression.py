"""Pack what the site answers, where packing tells nobody a secret.

How well a page packs says what stands in it twice: who can put words into a page, as into a
search, and measure its length, guesses letter by letter what else stands there (the attack is
called BREACH). A page for somebody who is signed in, or with a token of a form, therefore goes out
as it is; all others, which is what most people read, are packed. Built files are packed once, by
the build (``assets.py``).
"""

from __future__ import annotations

from pyramid.config import Configurator
from pyramid.events import NewResponse
from pyramid.request import Request
from pyramid.response import Response

from bibliopolis.view_settings import CHOICES

SMALLEST = 1024
"""Less fits into one packet anyhow."""

PACKED = ("text/", "application/json", "application/atom+xml", "application/xml")


def tells_a_secret(request: Request, response: Response) -> bool:
    """Say whether the page may hold what only its visitor should know."""
    return (
        not CHOICES.issuperset(request.cookies)
        or "Authorization" in request.headers
        or "Set-Cookie" in response.headers
    )


def takes_gzip(request: Request) -> bool:
    """Say whether the visitor asked for packed answers; who says nothing gets none."""
    return "Accept-Encoding" in request.headers and bool(
        request.accept_encoding.acceptable_offers(["gzip"])
    )


def pack(event: NewResponse) -> None:
    """Pack an answer if its visitor takes it so; runs after the cookies have been set."""
    request, response = event.request, event.response
    packable = (response.content_type or "").startswith(PACKED)
    if not packable or response.content_encoding or 300 <= response.status_int < 400:
        return
    response.vary = tuple(dict.fromkeys((*(response.vary or ()), "Accept-Encoding")))
    length = response.content_length
    is_short = length is not None and length < SMALLEST
    if is_short or not takes_gzip(request) or tells_a_secret(request, response):
        return
    response.encode_content("gzip", lazy=length is None)
    if response.etag:
        # Another form of the same content: equal in meaning, not in every byte.
        response.etag = (response.etag, False)


def includeme(config: Configurator) -> None:
    """Look at every answer last."""
    config.add_subscriber(pack, NewResponse)
