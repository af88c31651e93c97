"""The log of notices as people read it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pyramid.request import Request

from bibliopolis.i18n import _

from .models import Notice, Outcome
from .registry import REGISTRY
from .services import NoticeLog

OUTCOMES: Mapping[Outcome, Any] = {
    Outcome.WAITING: _("To be sent"),
    Outcome.SENT: _("Sent"),
    Outcome.OUTDATED: _("Not sent: it was no longer so"),
    Outcome.SWITCHED_OFF: _("Not sent: switched off"),
    Outcome.NO_ADDRESS: _("Not sent: there is no address"),
}
BADGES: Mapping[Outcome, str] = {Outcome.WAITING: "badge--wait", Outcome.SENT: "badge--online"}


@dataclass(frozen=True)
class LogLine:
    """A line of the log; ``about`` is a title, or nothing when that is forgotten."""

    notice: Notice
    kind: Any
    channel: Any
    outcome: Any
    badge: str
    about: str | None
    when: Any


def log_lines(request: Request, notices: Sequence[Notice]) -> list[LogLine]:
    """Return notices for a list; what they are about is found in a statement for each type."""
    titles = request.find_service(NoticeLog, context=None).titles(notices)
    declared = request.registry[REGISTRY]
    lines = []
    for one in notices:
        kind, channel = declared.kinds.get(one.kind), declared.channels.get(one.channel)
        outcome = Outcome(one.outcome)
        lines.append(
            LogLine(
                notice=one,
                kind=kind.title if kind else one.kind,
                channel=channel.title if channel else None,
                outcome=OUTCOMES[outcome],
                badge=BADGES.get(outcome, ""),
                about=titles.get(one.id),
                when=one.settled or one.created,
            )
        )
    return lines
