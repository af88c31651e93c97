"""What the audit log keeps of imports and harvests: who began or ended one, and what was let go."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pyramid.config import Configurator

from bibliopolis.catalogue.import_history import ACTION as IMPORT
from bibliopolis.i18n import _

LIBRARY = "library"
"""The history they stand in, and whose words the room of libraries has."""
BEGIN_IMPORT, CANCEL_IMPORT = "begin_import", "cancel_import"
BEGIN_HARVEST, CANCEL_HARVEST = "begin_harvest", "cancel_harvest"
DISMISS = "dismiss_records"
EVENTS = {
    IMPORT: _("Records brought in"),
    BEGIN_IMPORT: _("Import begun"),
    CANCEL_IMPORT: _("Import cancelled"),
    BEGIN_HARVEST: _("Harvest begun"),
    CANCEL_HARVEST: _("Harvest cancelled"),
    DISMISS: _("Refused records dismissed"),
}
LONGEST = 200


def _kept(data: Mapping[str, Any]) -> dict[str, Any]:
    name = data.get("file") or data.get("source")
    kept = {"brought_from": str(name)[:LONGEST]} if name else {}
    return kept | ({"dismissed_records": data["records"]} if "records" in data else {})


def includeme(config: Configurator) -> None:
    """Name the actions and their details."""
    for action, title in EVENTS.items():
        config.add_audited_action(LIBRARY, action, title, _kept)
    config.add_audit_detail("brought_from", _("File or source"), lambda _request, name: name)
    config.add_audit_detail(
        "dismissed_records", _("Records"), lambda request, n: request.formats.number(n)
    )
