"""The verbs that holds, loans and transits name: each calls one method of one service."""

from __future__ import annotations

from typing import Any

from bibliopolis.workflow import Step

from .models import Loan
from .services import (
    Deliveries,
    Elsewhere,
    HoldChanges,
    Holds,
    Loans,
    Losses,
    Queues,
    Renewals,
    Transfers,
)


def capture(step: Step) -> Any:
    """Bind the copy in hand to the hold: to the shelf here, or on its way."""
    data = step.data
    return step.find_service(Holds).capture(step.resource.id, data["item_id"], data["library_id"])


def receive(step: Step) -> Any:
    """Take the copy in at the library where the reader waits for it."""
    return step.find_service(Holds).receive(step.resource.id, step.data["library_id"])


def seek_another(step: Step) -> Any:
    """Give up the copy that was lost on its way to the hold: another one is looked for."""
    losses = step.find_service(Losses)
    return losses.lose_for_hold(step.resource.id, step.data.get("library_id"))


def check_out(step: Step) -> Any:
    """Hand the copy out to the reader who waits for it."""
    data = step.data
    item_id = data.get("item_id") or step.resource.item_id
    return step.find_service(Loans).check_out(item_id, data["reader_id"], data["library_id"])


def suspend(step: Step) -> Any:
    """Let others go first, from a day, until a day or until the reader says so."""
    data = step.data
    changes = step.find_service(HoldChanges)
    return changes.suspend(step.resource.id, data.get("until"), data.get("start"))


def thaw(step: Step) -> Any:
    """Look for a copy again."""
    return step.find_service(HoldChanges).thaw(step.resource.id)


def change_pickup(step: Step) -> Any:
    """Let it be collected at another place."""
    return step.find_service(HoldChanges).change_pickup(
        step.resource.id, step.data.get("pickup_library_id")
    )


def deliver(step: Step) -> Any:
    """Let it be brought to its reader."""
    data = step.data
    return step.find_service(Deliveries).deliver(
        step.resource.id, data.get("address") or "", data.get("note") or ""
    )


def fetch(step: Step) -> Any:
    """Let its reader collect it after all."""
    return step.find_service(Deliveries).fetch(step.resource.id)


def hand_over(step: Step) -> Any:
    """Give it to the courier."""
    return step.find_service(Deliveries).hand_over(step.resource.id, step.data["library_id"])


def not_met(step: Step) -> Any:
    """Take it back from the courier, who met nobody."""
    return step.find_service(Deliveries).not_met(step.resource.id, step.data["library_id"])


def cancel(step: Step) -> Any:
    """Cancel the hold."""
    return step.find_service(Holds).cancel(
        step.resource.id, comment=step.data.get("comment"), cause=step.data.get("cause")
    )


def put_first(step: Step) -> Any:
    """Let it cut in line; why is kept."""
    return step.find_service(HoldChanges).put_first(step.resource.id, step.data.get("comment"))


def move_in_queue(step: Step) -> Any:
    """Let it stand at another place in its queue; why is kept."""
    data = step.data
    return step.find_service(Queues).move(
        step.resource.id, data.get("position"), data.get("comment"), data.get("library_id")
    )


def move_to_title(step: Step) -> Any:
    """Let it wait for another title, or for another copy of its own, by its time; why is kept."""
    data = step.data
    wish = Elsewhere(
        data.get("record_id") or 0, data.get("wanted_item_id"), bool(data.get("other_work"))
    )
    return step.find_service(Transfers).move(
        step.resource.id, wish, data.get("comment"), data.get("library_id")
    )


def put_back(step: Step) -> Any:
    """Let it stand where its time says."""
    return step.find_service(HoldChanges).put_back(step.resource.id)


def any_copy(step: Step) -> Any:
    """Let any copy of the title do."""
    return step.find_service(HoldChanges).any_copy(step.resource.id)


def set_need_by(step: Step) -> Any:
    """Say until when its reader wants it."""
    return step.find_service(HoldChanges).set_need_by(step.resource.id, step.data.get("need_by"))


def set_start(step: Step) -> Any:
    """Say from which day on its reader wants it."""
    return step.find_service(HoldChanges).set_start(step.resource.id, step.data.get("start"))


def begin(step: Step) -> Any:
    """Let it begin: its first day has come."""
    return step.find_service(HoldChanges).begin(step.resource.id)


def keep(step: Step) -> Any:
    """Take back that it should be cancelled."""
    return step.find_service(HoldChanges).keep(step.resource.id)


def uncancel(step: Step) -> Any:
    """Put a hold that was cancelled into the queue again."""
    return step.find_service(HoldChanges).uncancel(step.resource.id)


def expire_unfilled(step: Step) -> Any:
    """Close a hold whose reader no longer wants the book."""
    return step.find_service(Holds).expire_unfilled(step.resource.id)


def give_up(step: Step) -> Any:
    """Close the hold because no copy can be had."""
    return step.find_service(Holds).give_up(step.resource.id, comment=step.data.get("comment"))


def not_collected(step: Step) -> Any:
    """Close the hold because the reader did not come."""
    return step.find_service(Holds).not_collected(step.resource.id)


def check_in(step: Step) -> Any:
    """Take a copy in: it comes back from a reader, or from its way."""
    return step.find_service(Loans).check_in(step.resource.item_id, step.data["library_id"])


def renew(step: Step) -> Any:
    """Give the reader more time."""
    return step.find_service(Renewals).renew(step.resource.id, step.data.get("library_id"))


def mark_lost(step: Step) -> Any:
    """Give a copy up, on loan or on its way."""
    losses, library_id = step.find_service(Losses), step.data.get("library_id")
    if isinstance(step.resource, Loan):
        return losses.lose(step.resource.id, library_id, step.data.get("comment"))
    return losses.lose_on_the_way(step.resource.id, library_id)


def claim(step: Step) -> Any:
    """Note that the reader says that it was returned."""
    data = step.data
    return step.find_service(Losses).claim(
        step.resource.id, data.get("library_id"), data.get("comment")
    )


def withdraw_claim(step: Step) -> Any:
    """Note that the reader has it after all."""
    return step.find_service(Losses).withdraw_claim(step.resource.id, step.data.get("library_id"))


def settle(step: Step) -> Any:
    """Close the loan of a lost copy that the reader has made up for."""
    data = step.data
    return step.find_service(Losses).settle(
        step.resource.id, data.get("library_id"), data.get("comment")
    )
