"""What the audit log keeps of readers: who did what at a desk, never what people do themselves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pyramid.config import Configurator
from pyramid.request import Request

from bibliopolis.i18n import _

from .card_words import BLOCKS, KINDS
from .models import BlockReason
from .services import Readers
from .staff_forms import FIELDS
from .staff_resources import may_use_some_desk

EVENTS = {
    "register": _("Reader registered at a desk"),
    "finish_registration": _("Registration of a reader finished"),
    "refuse_registration": _("Registration of a reader refused"),
    "renew": _("Registration of a reader renewed"),
    "change": _("Particulars of a reader changed"),
    "give_card": _("Card given"),
    "block_card": _("Card blocked"),
    "invite": _("Reader invited to open an account"),
    "appoint_guardian": _("Guardian appointed"),
    "dismiss_guardian": _("Guardian dismissed"),
}
COLUMNS = {"home_library_id": "home"}


def _kept(data: Mapping[str, Any]) -> dict[str, Any]:
    kept: dict[str, Any] = {}
    if "fields" in data:
        kept["reader_parts"] = list(data["fields"])
    if "kind" in data:
        kept["card_kind"] = data["kind"]
    if data.get("reason") in BLOCKS:
        kept["card_blocked"] = data["reason"]
    return kept


def _not_at_a_desk(request: Request, reader_id: int, data: Mapping[str, Any]) -> bool:
    replaced = data.get("reason") == BlockReason.REPLACED  # another event says what replaced it
    own = request.principals.reader_id == reader_id
    return replaced or own or not may_use_some_desk(request)


def _parts(request: Request, names: Any) -> str:
    titles = (FIELDS[COLUMNS.get(name, name)] for name in names)
    return request.formats.listed(request.translate(title) for title in titles)


def _readers(request: Request, ids: set[int]) -> Mapping[int, tuple[str, str]]:
    # Whoever reads the log may not work at a desk: the name leads nowhere. Who left has none.
    names = request.find_service(Readers, context=None).names(ids)
    return {one: (name, "") for one, name in names.items() if name}


def includeme(config: Configurator) -> None:
    """Name the actions, their details, and whom they are about."""
    for action, title in EVENTS.items():
        config.add_audited_action("reader", action, title, _kept, _not_at_a_desk)
    config.add_audit_detail("reader_parts", _("What was changed"), _parts)
    config.add_audit_detail("card_kind", _("Kind of card"), lambda _request, kind: KINDS[kind])
    config.add_audit_detail("card_blocked", _("Reason"), lambda _request, why: BLOCKS[why])
    config.add_audit_subject("reader", _("Reader"), _readers)
