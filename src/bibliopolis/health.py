"""``/healthz``: whether the parts of the site are well, for whoever watches over it.

A part adds a check with ``config.add_health_check(name, check)``: ``check(request)`` returns None
when all is well, otherwise a short reason. Checks are cheap: they are asked every few seconds.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Any

from pyramid.config import Configurator
from pyramid.request import Request
from pyramid.security import NO_PERMISSION_REQUIRED
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from bibliopolis.outbox import heartbeats

log = logging.getLogger(__name__)

Check = Callable[[Request], str | None]


def show_health(context: Any, request: Request) -> dict[str, Any]:
    """Say of each part whether it is well; 503 if one is not, so that machines understand."""
    checks: Mapping[str, Check] = request.registry["bibliopolis.health_checks"]
    reasons = {name: check(request) for name, check in checks.items()}
    well = not any(reasons.values())
    request.response.status_int = 200 if well else 503
    request.response.cache_control.no_store = True
    return {
        "status": "well" if well else "unwell",
        "parts": {name: reason or "well" for name, reason in reasons.items()},
    }


def check_database(request: Request) -> str | None:
    """Ask the database the smallest question there is."""
    try:
        request.db.execute(text("SELECT 1"))
    except SQLAlchemyError:
        log.exception("the database does not answer")
        return "does not answer"
    return None


def check_worker(request: Request) -> str | None:
    """Look for a worker that has shown a sign of life lately."""
    try:
        workers = heartbeats(request.db, request.clock.now())
    except SQLAlchemyError:
        return "unknown: the database does not answer"
    if any(lives for _name, _seen, lives in workers):
        return None
    return "silent" if workers else "not running"


def _add_health_check(config: Configurator, name: str, check: Check) -> None:
    """Let ``/healthz`` ask one more part."""
    discriminator = ("bibliopolis health check", name)
    check = config.maybe_dotted(check)

    def register() -> None:
        config.registry["bibliopolis.health_checks"][name] = check

    introspectable = config.introspectable(
        "bibliopolis health checks", discriminator, name, "health check"
    )
    config.action(discriminator, register, introspectables=(introspectable,))


def includeme(config: Configurator) -> None:
    """Add the directive, the view, and the checks of database and worker."""
    config.registry["bibliopolis.health_checks"] = {}
    config.add_directive("add_health_check", _add_health_check)
    config.add_route("healthz", "/healthz")
    config.add_view(
        show_health, route_name="healthz", permission=NO_PERMISSION_REQUIRED, renderer="json"
    )
    config.add_health_check("database", check_database)
    config.add_health_check("worker", check_worker)
