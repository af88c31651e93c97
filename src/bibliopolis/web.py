"""What every request has: clock, settings, session cookie, CSRF protection."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pyramid.config import Configurator
from pyramid.csrf import CookieCSRFStoragePolicy
from pyramid.events import NewRequest
from pyramid.httpexceptions import HTTPNotAcceptable
from pyramid.request import Request
from pyramid.session import SignedCookieSessionFactory

from bibliopolis.clock import Clock
from bibliopolis.db import SAFE_METHODS
from bibliopolis.errors import InvalidInput
from bibliopolis.i18n import _
from bibliopolis.secret import cookie_name, site_secret
from bibliopolis.settings import Settings

JSON = "application/json"
OTHER_JSON = ("application/problem+json", "application/schema+json")
FORMS = frozenset({"application/x-www-form-urlencoded", "multipart/form-data"})
UPLOAD = "upload"
"""Controls for files have this name, or end in it after a hyphen."""


class ShortMessages:
    """Write the session into its cookie, which browsers keep up to four kilobytes of.

    When more messages wait than fit, as after many clicks in tabs that show none of them, the
    oldest give way: what was done is done, and must not end in an error of its cookie.
    """

    LIMIT = 2900  # what the signature and its coding make of it still fits

    def dumps(self, appstruct: tuple[Any, Any, dict[str, Any]]) -> bytes:
        """Return the session as bytes that fit."""
        renewed, created, state = appstruct
        waiting = {
            name: list(value) if isinstance(value, list) else value for name, value in state.items()
        }
        written = self._write(renewed, created, waiting)
        while len(written) > self.LIMIT:
            queues = [value for value in waiting.values() if isinstance(value, list) and value]
            if not queues:
                return self._write(renewed, created, {})
            del max(queues, key=lambda queue: len(self._write(queue)))[0]
            written = self._write(renewed, created, waiting)
        return written

    def loads(self, bstruct: bytes) -> Any:
        """Read what was written; what cannot be read is an empty session."""
        return json.loads(bstruct.decode())

    @staticmethod
    def _write(*values: Any) -> bytes:
        text = json.dumps(values, ensure_ascii=False, separators=(",", ":"))
        return text.encode(errors="replace")


def _settings(request: Request) -> Settings:
    return request.registry["bibliopolis.settings"]


def _clock(request: Request) -> Clock:
    return request.registry["bibliopolis.clock"]


def bearer_token(request: Request) -> str | None:
    """Return the token a program has sent (``request.bearer_token``), whether good or not.

    Browsers send no such header by themselves, so where there is one no foreign page can be
    behind the request: no form token is needed then, and cookies count for nothing.
    """
    scheme, _space, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None


def is_program(request: Request) -> bool:
    """Say whether a request can hardly come from somebody who looks at pages."""
    return (
        request.bearer_token is not None
        or request.content_type == JSON
        or any(part[:1] == "@" != part[1:2] for part in request.path_info.split("/"))
    )


def prefer_pages(event: NewRequest) -> None:
    """Give a browser the page where there is also JSON, and a program the JSON.

    Browsers accept ``*/*`` at the end of their list, and Pyramid would find a view that names
    ``accept="application/json"`` before the page, which names none. What the client likes best
    of the two becomes all it accepts; where it likes both, a program gets JSON.
    """
    request = event.request
    kinds = [JSON, "text/html"] if is_program(request) else ["text/html", JSON]
    offers = request.accept.acceptable_offers([*kinds, *OTHER_JSON])
    if offers:
        request.accept = offers[0][0] if offers[0][0] in kinds else JSON
    elif is_program(request):
        request.accept = JSON  # of what went wrong, at least
        raise HTTPNotAcceptable


def refuse_unreadable(event: NewRequest) -> None:
    """Refuse, before any view looks, what no page of ours sends.

    Views may then rely on it: an address and a form are text without NUL, which PostgreSQL
    cannot store, and a file comes only in a control made for files.
    """
    request = event.request
    texts = [request.path_info, *_flat(request.GET)]
    if request.method not in SAFE_METHODS and request.content_type in FORMS:
        try:
            sent = request.POST
        # This warning is raised: WebOb reads no charset but UTF-8.
        except (ValueError, DeprecationWarning) as error:
            raise InvalidInput(_("The form cannot be read.")) from error
        for name, value in sent.items():
            if isinstance(value, str):
                texts.extend((name, value))
            elif name != UPLOAD and not name.endswith(f"-{UPLOAD}"):
                _close_files(sent.values())
                raise InvalidInput(_("A file was sent where a text is expected."))
    if any("\0" in text for text in texts):
        raise InvalidInput(_("The text contains characters that cannot be read."))


def _close_files(values: Iterable[Any]) -> None:
    for value in values:
        if hasattr(value, "file"):
            value.file.close()


def _flat(sent: Mapping[str, str]) -> Iterator[str]:
    for name, value in sent.items():
        yield name
        yield value


def _cookie_name(request: Request, name: str) -> str:
    return cookie_name(request.settings, name)


def find_service(request: Request, iface: Any, context: Any = None, name: str = "") -> Any:
    """Return a service of the request, made when it is first asked for.

    The house registers no service for one kind of context only, so it is found without looking
    at what the context provides; a page asks for some twenty. The container of pyramid_services
    would register each of them anew in every request, which costs more than to make it.
    """
    if context is not None:
        return request.services.get(iface, context=context, name=name)
    found: dict[Any, Any] = request.found_services
    key = (iface, name)
    if key not in found:
        found[key] = request.find_service_factory(iface, name=name)(None, request)
    return found[key]


def includeme(config: Configurator) -> None:
    """Set up services, cookies and request attributes."""
    config.include("pyramid_services")
    config.add_request_method(find_service, "find_service")
    config.add_request_method(lambda request: {}, "found_services", reify=True)
    settings: Settings = config.registry["bibliopolis.settings"]
    config.registry.setdefault("bibliopolis.clock", Clock(settings.time_zone))
    config.add_request_method(_settings, "settings", reify=True)
    config.add_request_method(_clock, "clock", reify=True)
    config.add_request_method(_cookie_name, "cookie_name")
    config.add_request_method(bearer_token, "bearer_token", reify=True)
    # In this order: what is refused is told in the form that the client prefers.
    config.add_subscriber(prefer_pages, NewRequest)
    config.add_subscriber(refuse_unreadable, NewRequest)
    config.set_session_factory(
        # Holds messages to show once, nothing else: who is signed in has a cookie of its own.
        SignedCookieSessionFactory(
            site_secret(settings),
            serializer=ShortMessages(),
            cookie_name=cookie_name(settings, "session"),
            httponly=True,
            secure=settings.secure_cookies,
            samesite="Lax",
            set_on_exception=False,
            timeout=None,
            reissue_time=None,
        )
    )
    config.set_csrf_storage_policy(
        CookieCSRFStoragePolicy(
            secure=settings.secure_cookies,
            httponly=True,
            samesite="Lax",
            cookie_name=cookie_name(settings, "csrf_token"),
        )
    )
    config.set_default_csrf_options(
        require_csrf=True, callback=lambda request: request.bearer_token is None
    )
