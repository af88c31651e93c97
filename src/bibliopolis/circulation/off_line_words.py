"""How staff are told what a terminal did while it was off line: in the history of its library."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pyramid.config import Configurator

from bibliopolis.i18n import _
from bibliopolis.libraries.editing import HISTORY

from .permits import Code
from .refusals.kinds import REASONS
from .services.off_line import ACCEPTED, NOT_DONE, NOT_PROVED, REFUSED_CARD

ACTS = {
    "check_out": _("handed out"),
    "check_in": _("taken in"),
    "renew": _("renewed"),
}
ACTIONS = {
    ACCEPTED: _("Done by a terminal off line, though a rule speaks against it"),
    NOT_DONE: _("Done by a terminal off line, and not taken over"),
}
WHY = {
    **REASONS,
    REFUSED_CARD: _("the card does not count"),
    NOT_PROVED: _("the password was not right"),
    Code.EXPECTED_ELSEWHERE: _("expected at another library"),
    Code.ANOTHER_COPY_KEPT: _("another copy is kept for the reader"),
}
DETAIL = "off_line"


def words(request: Any, data: Mapping[str, Any]) -> str:
    """Return what was done, to which copy, when, by which terminal, and what speaks against it."""
    when = request.formats.datetime(datetime.fromisoformat(data["when"]))
    act = request.translate(ACTS[data["act"]]) if data["act"] in ACTS else data["act"]
    codes = [code.partition(":")[0] for code in data.get("codes", ())]
    why = [request.translate(WHY[code]) if code in WHY else code for code in codes]
    said = [f"{data['barcode']} {act}", when, data["terminal"], *why]
    said.append(data.get("why"))
    return ", ".join(one for one in said if one)


def _kept(data: Mapping[str, Any]) -> dict[str, Any]:
    return {DETAIL: dict(data)}


def includeme(config: Configurator) -> None:
    """Name the actions and say what each was about."""
    for action, title in ACTIONS.items():
        config.add_audited_action(HISTORY, action, title, _kept)
        config.add_organisation_action(action, title, words)
    config.add_audit_detail(DETAIL, _("What a terminal did"), words)
