"""What the audit log keeps of organisations, and how it is read."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from pyramid.config import Configurator
from pyramid.request import Request

from bibliopolis.i18n import _

from .editing import HISTORY
from .presenters import name_of
from .services import Libraries

CHANGED = {
    "name": _("name"),
    "address": _("address"),
    "latitude": _("coordinates"),
    "longitude": _("coordinates"),
    "contacts": _("contacts"),
    "access": _("access"),
    "access_note": _("access"),
    "is_pickup_point": _("collecting holds"),
    "cells": _("cells"),
    "settings": _("settings"),
}
"""What can be changed of an organisation, in words."""
EVENTS = {
    "found": _("Organisation founded"),
    "change": _("Organisation changed"),
    "withdraw": _("Organisation withdrawn"),
    "bring_back": _("Organisation brought back"),
    "exception_added": _("Other hours or a closure added"),
    "exception_removed": _("Other hours or a closure removed"),
}


def _kept(data: Mapping[str, Any]) -> dict[str, Any]:
    if "first" in data:
        return {"exception_days": [data["first"], data.get("last", "")]}
    return {"organisation_parts": list(data["changed"])} if "changed" in data else {}


def _parts(request: Request, names: Any) -> str:
    known = (CHANGED[name] for name in names if name in CHANGED)
    return request.formats.listed(dict.fromkeys(request.translate(words) for words in known))


def _days(request: Request, days: Any) -> str:
    first, last = days
    begins = request.formats.date(date.fromisoformat(first), "medium")
    if last == first:
        return begins
    ends = request.formats.date(date.fromisoformat(last), "medium") if last else ""
    return f"{begins} – {ends}".strip()


def _organisations(request: Request, ids: set[int]) -> Mapping[int, tuple[str, str]]:
    libraries, here = request.find_service(Libraries), f"{request.frame.home}/staff/libraries"
    found = {one: libraries.tree.get(one) for one in ids}
    return {
        one: (name_of(request, library), f"{here}/{library.code}")
        for one, library in found.items()
        if library is not None
    }


def includeme(config: Configurator) -> None:
    """Name the actions, their details, and what they are about."""
    for action, title in EVENTS.items():
        config.add_audited_action(HISTORY, action, title, _kept)
    config.add_audit_detail("organisation_parts", _("What was changed"), _parts)
    config.add_audit_detail("exception_days", _("Days"), _days)
    config.add_audit_subject(HISTORY, _("Organisation"), _organisations)
