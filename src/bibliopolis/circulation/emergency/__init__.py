"""Emergency closings: a burst pipe, frost, quarantine; and all dates that have to move with them.

Calendars know a closing at once; the worker moves due dates and last days to collect, looks for
copies elsewhere, and has readers told, turn by turn.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from pyramid.config import Configurator

from bibliopolis.i18n import _


def includeme(config: Configurator) -> None:
    """Register the services, the tab of organisations, the letters, and the worker's job."""
    from bibliopolis.libraries.editing import HISTORY

    from .closings import CHANGED, CLOSED, TOPIC, UNDONE, Closings
    from .jobs import carry_on
    from .letters import ClosingSource
    from .moving import ABOUT, TOLD_CLOSED, TOLD_OPEN, Moving

    for service in (Closings, Moving):
        config.register_service_factory(service.from_request, service)
    config.add_job(TOPIC, carry_on, batch=1)
    config.add_notice_kind(TOLD_CLOSED, _("A library had to close"), ABOUT, order=12)
    config.add_notice_kind(TOLD_OPEN, _("A library is open after all"), ABOUT, order=13)
    config.add_notice_source(ABOUT, ClosingSource)
    config.add_organisation_tab("emergency", _("Emergency closing"))
    actions = {
        CLOSED: _("Closed in an emergency"),
        CHANGED: _("Days of an emergency closing changed"),
        UNDONE: _("Emergency closing undone"),
    }
    for action, title in actions.items():
        config.add_audited_action(HISTORY, action, title, _kept)
        config.add_organisation_action(action, title, _days)
    for module in ("views", "changing_views"):
        config.scan(f".{module}")


def _kept(data: Mapping[str, Any]) -> dict[str, Any]:
    return {"exception_days": [data["first"], data["last"]]}


def _days(request: Any, data: Mapping[str, Any]) -> str:
    """Return the days of a closing in words."""
    first, last = (date.fromisoformat(data[name]) for name in ("first", "last"))
    begins = request.formats.date(first, "medium")
    return begins if first == last else f"{begins} – {request.formats.date(last, 'medium')}"
