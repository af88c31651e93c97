"""How a hold in its queue is told for which no copy is looked for, or soon none: by its days."""

from __future__ import annotations

from typing import Any

from pyramid.request import Request

from bibliopolis.i18n import _

from .models import Hold, HoldState


def resting(request: Request, hold: Hold, named: dict[str, Any]) -> Any:
    """Return what is told of a hold that begins later or is paused; None of any other.

    ``named`` has its ``library`` and its place ``n`` in the queue.
    """
    if hold.begins_later:
        return _begins_later(request, hold, named)
    return _paused(request, hold, named) if hold.is_suspended else None


def resting_later(request: Request, hold: Hold, named: dict[str, Any]) -> Any:
    """Return what is told of a hold whose pause lies ahead; None of any other."""
    if hold.suspend_from is None or hold.state != HoldState.QUEUED:
        return None
    return _pauses_later(request, hold, named)


def station(request: Request, hold: Hold, position: int | None) -> Any:
    """Return how the first stop of the way is called while it stands there."""
    named: dict[str, Any] = {"n": position or 0}
    if hold.begins_later:
        named["start"] = request.formats.date(hold.starts)
        return _("From ${start}, number ${n} in the queue", mapping=named)
    if hold.is_suspended:
        return _("Paused, number ${n} in the queue", mapping=named)
    return _("Number ${n} in the queue", mapping=named)


def _begins_later(request: Request, hold: Hold, named: dict[str, Any]) -> Any:
    named["start"] = request.formats.date(hold.starts)
    if hold.by_delivery:
        return _(
            "You want it from ${start} on: no copy is looked for before. You are number ${n} in the"
            " queue. ${library} will bring it to you.",
            mapping=named,
        )
    return _(
        "You want it from ${start} on: no copy is looked for before. You are number ${n} in the"
        " queue. You will collect it at ${library}.",
        mapping=named,
    )


def _paused(request: Request, hold: Hold, named: dict[str, Any]) -> Any:
    if hold.suspended_until is None:
        return _("Paused. You keep place number ${n} in the queue.", mapping=named)
    named["date"] = request.formats.date(hold.suspended_until)
    return _("Paused until ${date}. You keep place number ${n} in the queue.", mapping=named)


def _pauses_later(request: Request, hold: Hold, named: dict[str, Any]) -> Any:
    named["start"] = request.formats.date(hold.suspend_from)
    if hold.by_delivery:
        return _pauses_delivery_later(request, hold, named)
    if hold.suspended_until is None:
        return _(
            "You are number ${n} in the queue. You will collect it at ${library}. It is paused from"
            " ${start} on.",
            mapping=named,
        )
    named["date"] = request.formats.date(hold.suspended_until)
    return _(
        "You are number ${n} in the queue. You will collect it at ${library}. It is paused from"
        " ${start} until ${date}.",
        mapping=named,
    )


def _pauses_delivery_later(request: Request, hold: Hold, named: dict[str, Any]) -> Any:
    if hold.suspended_until is None:
        return _(
            "You are number ${n} in the queue. ${library} will bring it to you. It is paused from"
            " ${start} on.",
            mapping=named,
        )
    named["date"] = request.formats.date(hold.suspended_until)
    return _(
        "You are number ${n} in the queue. ${library} will bring it to you. It is paused from"
        " ${start} until ${date}.",
        mapping=named,
    )
