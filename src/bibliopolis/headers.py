"""Headers that protect visitors: a strict content security policy and its companions."""

from __future__ import annotations

from collections.abc import Callable

from pyramid.config import Configurator
from pyramid.registry import Registry
from pyramid.request import Request
from pyramid.response import Response
from pyramid.tweens import EXCVIEW, INGRESS

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "media-src 'self'",
        "manifest-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(self)",
}
PAGES_VARY = ("Accept", "Cookie")
PROGRAMS_VARY = (*PAGES_VARY, "Authorization", "Accept-Language")
VARIES = {
    "text/html": PAGES_VARY,
    "application/json": PROGRAMS_VARY,
    "application/schema+json": PROGRAMS_VARY,
}


def headers_tween_factory(
    handler: Callable[[Request], Response], registry: Registry
) -> Callable[[Request], Response]:
    """Put the headers on every answer; a view may have set a stricter one of its own."""
    secure = registry["bibliopolis.settings"].secure_cookies

    def headers_tween(request: Request) -> Response:
        response = handler(request)
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        if secure:
            response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
        varies = VARIES.get(response.content_type)
        if varies:
            # One address answers a browser and a program, a visitor and an editor.
            response.vary = tuple(dict.fromkeys((*(response.vary or ()), *varies)))
            response.headers.setdefault("Cache-Control", "private, no-cache")
        return response

    return headers_tween


def includeme(config: Configurator) -> None:
    """Put the tween outside of everything, so that problem pages have the headers too."""
    config.add_tween("bibliopolis.headers.headers_tween_factory", under=INGRESS, over=EXCVIEW)
