"""What the audit log and the history of an organisation tell of its rules."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pyramid.config import Configurator

from bibliopolis.i18n import _
from bibliopolis.libraries.editing import HISTORY

from .rule_words import change_words
from .services.rule_keeping import CHANGED, REMOVED, SET

ACTIONS = {
    SET: _("Rule of circulation set"),
    CHANGED: _("Rule of circulation changed"),
    REMOVED: _("Rule of circulation removed"),
}


def _kept(data: Mapping[str, Any]) -> dict[str, Any]:
    return {"circulation_rule": dict(data)}


def includeme(config: Configurator) -> None:
    """Name the actions and say what each was about."""
    for action, title in ACTIONS.items():
        config.add_audited_action(HISTORY, action, title, _kept)
        config.add_organisation_action(action, title, change_words)
    config.add_audit_detail("circulation_rule", _("Rule"), change_words)
