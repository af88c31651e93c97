"""The class of all requests of a site, put together once.

Pyramid makes a class for each request and puts on it what ``config.add_request_method`` has added.
That costs time by itself, and Python, which remembers for each class where its attributes are,
would learn it anew with every request.
"""

from __future__ import annotations

from typing import Any

from pyramid.config import Configurator
from pyramid.interfaces import IRequestExtensions, IRequestFactory
from pyramid.request import Request
from pyramid.router import Router


def make_app(config: Configurator) -> Router:
    """Return the WSGI application of a configuration; its requests share one class."""
    app = config.make_wsgi_app()
    added = app.registry.queryUtility(IRequestExtensions)
    if added is not None:
        ordinary: type[Request] = app.registry.queryUtility(IRequestFactory, default=Request)
        attributes: dict[str, Any] = {**added.methods, **added.descriptors}
        app.request_factory = type("SiteRequest", (ordinary,), attributes)
        app.request_extensions = None
    return app
