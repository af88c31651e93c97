"""What accounts writes into the audit log."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bibliopolis.i18n import _

OPENED = "account.opened"
CLOSED = "account.closed"
REOPENED = "account.reopened"
ROLE_GRANTED = "role.granted"
ROLE_TAKEN = "role.taken_away"
GROUP_MADE = "group.made"
GROUP_RENAMED = "group.renamed"
GROUP_DELETED = "group.deleted"
GROUP_JOINED = "group.joined"
GROUP_LEFT = "group.left"
PASSWORD_CHANGED = "password.changed"
PASSWORD_RESET = "password.reset"
PASSWORD_GUESSED = "password.guessed_at"
ADDRESS_CHANGED = "address.changed"
FACTOR_ON = "second_factor.on"
FACTOR_OFF = "second_factor.off"
FACTOR_RESET = "second_factor.reset"
CODES_RENEWED = "second_factor.codes_renewed"
CODE_USED = "second_factor.recovery_code_used"
CODE_GUESSED = "second_factor.guessed_at"
EXPORTED = "data.exported"
LEFT = "account.left"
MANY_FAILURES = "sign_in.many_failures"

TITLES: Mapping[str, Any] = {
    OPENED: _("Account opened"),
    CLOSED: _("Account closed"),
    REOPENED: _("Account opened again"),
    ROLE_GRANTED: _("Role granted"),
    ROLE_TAKEN: _("Role taken away"),
    GROUP_MADE: _("Group made"),
    GROUP_RENAMED: _("Group renamed"),
    GROUP_DELETED: _("Group deleted"),
    GROUP_JOINED: _("Taken into a group"),
    GROUP_LEFT: _("Taken out of a group"),
    PASSWORD_CHANGED: _("Password changed"),
    PASSWORD_RESET: _("Password set by a letter"),
    PASSWORD_GUESSED: _("Somebody guesses at a password"),
    ADDRESS_CHANGED: _("E-mail address changed"),
    FACTOR_ON: _("Second step switched on"),
    FACTOR_OFF: _("Second step switched off"),
    FACTOR_RESET: _("Second step reset"),
    CODES_RENEWED: _("Recovery codes renewed"),
    CODE_USED: _("Recovery code used"),
    CODE_GUESSED: _("Somebody guesses at a code"),
    EXPORTED: _("All personal data downloaded"),
    LEFT: _("Account closed by its owner"),
    MANY_FAILURES: _("Many sign-ins fail on the whole site"),
}
