"""The kinds of notices of holds and loans, and the steps of holds that bring them."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from bibliopolis.i18n import _

from ..models import HoldState


class Kind(StrEnum):
    """What a reader may be told; the first half names the thing."""

    PLACED = "hold_placed"
    SENT = "hold_sent"
    READY = "hold_ready"
    OUT = "hold_out_for_delivery"
    NOT_MET = "hold_not_met"
    DELIVERED = "hold_delivered"
    REMINDER = "hold_reminder"
    NOT_COLLECTED = "hold_not_collected"
    CANCELLED = "hold_cancelled"
    UNFILLED = "hold_unfilled"
    JOINED = "hold_joined"
    MOVED = "hold_moved"
    NO_COPY = "hold_no_copy"
    RESUMED = "hold_resumed"
    DUE_SOON = "loan_due_soon"
    OVERDUE = "loan_overdue"
    RENEWED = "loan_renewed"
    LOST = "loan_lost"


TITLES: Mapping[str, Any] = {
    Kind.PLACED: _("A hold is placed"),
    Kind.SENT: _("A hold is on its way"),
    Kind.READY: _("A hold can be collected"),
    Kind.OUT: _("A courier brings a hold"),
    Kind.NOT_MET: _("A courier has met nobody"),
    Kind.DELIVERED: _("A courier has handed a book over"),
    Kind.REMINDER: _("A hold still waits to be collected"),
    Kind.NOT_COLLECTED: _("A hold was not collected in time"),
    Kind.CANCELLED: _("The library has cancelled a hold"),
    Kind.UNFILLED: _("No copy could be had for a hold"),
    Kind.JOINED: _("Two holds on one edition have become one"),
    Kind.MOVED: _("A hold is for another edition now"),
    Kind.NO_COPY: _("The last copy of a title with a hold is gone"),
    Kind.RESUMED: _("A pause of a hold is over"),
    Kind.DUE_SOON: _("A book is due soon"),
    Kind.OVERDUE: _("A book is overdue"),
    Kind.RENEWED: _("A book is renewed"),
    Kind.LOST: _("A book counts as lost"),
}

STEPS: Mapping[str, Kind] = {
    "place": Kind.PLACED,
    "capture_elsewhere": Kind.SENT,
    "send_again": Kind.SENT,
    "capture_here": Kind.READY,
    "receive": Kind.READY,
    "hand_over": Kind.OUT,
    "not_met": Kind.NOT_MET,
    "delivered": Kind.DELIVERED,
    "expire": Kind.NOT_COLLECTED,
    "cancel": Kind.CANCELLED,
    "give_up": Kind.UNFILLED,
    "expire_unfilled": Kind.UNFILLED,
    "joined": Kind.JOINED,
    "move_to_title": Kind.MOVED,
    "thaw": Kind.RESUMED,
}
"""Steps and other actions in the history of a hold, and what they bring."""

LOAN_STEPS: Mapping[str, Kind] = {"renew": Kind.RENEWED, "mark_lost": Kind.LOST}
"""Steps of a loan, and what they bring."""

TRUE_IN: Mapping[str, HoldState] = {
    Kind.PLACED: HoldState.QUEUED,
    Kind.SENT: HoldState.IN_TRANSIT,
    Kind.READY: HoldState.READY,
    Kind.OUT: HoldState.OUT_FOR_DELIVERY,
    Kind.NOT_MET: HoldState.READY,
    Kind.DELIVERED: HoldState.FULFILLED,
    Kind.REMINDER: HoldState.READY,
    Kind.NOT_COLLECTED: HoldState.NOT_COLLECTED,
    Kind.CANCELLED: HoldState.CANCELLED,
    Kind.UNFILLED: HoldState.UNFILLED,
    Kind.JOINED: HoldState.CANCELLED,
    Kind.MOVED: HoldState.QUEUED,
    Kind.NO_COPY: HoldState.QUEUED,
    Kind.RESUMED: HoldState.QUEUED,
}
"""The state in which a notice is still true; it may have gone on before the notice is sent."""
