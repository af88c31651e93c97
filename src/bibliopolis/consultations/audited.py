"""What the audit log keeps of topics; who answers is there as a role that was granted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pyramid.config import Configurator
from pyramid.request import Request

from bibliopolis.i18n import _

from .services import Topics
from .services.topic_editing import HISTORY

CHANGED = {
    "title": _("Title"),
    "intro": _("What can be asked"),
    "languages": _("Languages of the answers"),
    "library_id": _("Whose calendar counts"),
    "is_open": _("Questions are taken"),
    "without_account": _("Without an account, too"),
    "working_days": _("Working days until the answer"),
    "daily_quota": _("Questions a day"),
    "reopens_at": _("Counted anew at"),
    "keep_days": _("Days it is kept after its end"),
    "fields": _("Fields of its own"),
    "position": _("Place in the list"),
}


def _kept(data: Mapping[str, Any]) -> dict[str, Any]:
    return {"topic_parts": list(data["changed"])} if "changed" in data else {}


def _parts(request: Request, names: Any) -> str:
    return request.formats.listed(request.translate(CHANGED[name]) for name in names)


def _topics(request: Request, ids: set[int]) -> Mapping[int, tuple[str, str]]:
    topics, here = request.find_service(Topics).all, f"{request.frame.home}/staff/topics"
    return {
        one: (topics[one].title_in(request.language), f"{here}/{topics[one].code}")
        for one in ids & topics.keys()
    }


def includeme(config: Configurator) -> None:
    """Name the actions, their details, and what they are about."""
    config.add_audited_action(HISTORY, "add", _("Topic made"), _kept)
    config.add_audited_action(HISTORY, "change", _("Topic changed"), _kept)
    config.add_audit_detail("topic_parts", _("What was changed"), _parts)
    config.add_audit_subject(HISTORY, _("Topic of questions"), _topics)
