"""What the worker does for accounts: writes letters for new passwords, and forgets what is old."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from bibliopolis.accounts.attempts import Attempts
from bibliopolis.accounts.audit import AuditLog
from bibliopolis.accounts.confirmations import Confirmations
from bibliopolis.accounts.devices import Devices
from bibliopolis.accounts.recovery import NewPasswords
from bibliopolis.accounts.second_factor import SecondFactors
from bibliopolis.accounts.sessions import Sessions

SIX_HOURS = 6 * 3600.0


def forget_what_is_old(request: Any) -> None:
    """Delete what is kept for a time only."""
    request.find_service(Confirmations).forget_old()
    request.find_service(Devices).forget_old()
    request.find_service(Sessions).forget_ended()
    request.find_service(Attempts).forget_old()
    request.find_service(SecondFactors).forget_unconfirmed()
    request.find_service(AuditLog).forget(
        networks_after=timedelta(days=request.settings.network_days),
        events_after=timedelta(days=request.settings.audit_days),
    )


def write_password_letters(request: Any, keys: Sequence[str]) -> None:
    """Write the letters that were asked for; a request already seen to is left alone."""
    request.find_service(NewPasswords).write_letters([int(key) for key in keys])
