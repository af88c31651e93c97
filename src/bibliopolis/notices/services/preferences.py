"""What readers want to hear, and by which ways."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from bibliopolis.errors import InvalidInput
from bibliopolis.i18n import _

from ..models import NoticePreference
from ..policy import Kind, NoticePolicy
from ..registry import REGISTRY, Declared, DeclaredKind
from .recipients import Recipients

WRONG = _("Some fields need another look.")
STAYS = _("The library has to tell you this: choose one way at least.")


@dataclass(frozen=True)
class Choice:
    """A kind of notice, and by which ways it comes."""

    declared: DeclaredKind
    kind: Kind
    chosen: tuple[str, ...]


class Preferences:
    """Read and keep the choices of one reader."""

    def __init__(
        self, db: Session, policy: NoticePolicy, declared: Declared, recipients: Recipients
    ) -> None:
        self.db = db
        self.policy = policy
        self.declared = declared
        self.recipients = recipients

    @classmethod
    def from_request(cls, context: Any, request: Any) -> Preferences:
        """Make it for a request."""
        return cls(
            db=request.db,
            policy=request.find_service(NoticePolicy, context=None),
            declared=request.registry[REGISTRY],
            recipients=request.find_service(Recipients, context=None),
        )

    @property
    def channels(self) -> Sequence[Any]:
        """Return the channels of the site, in the order of its policy."""
        return [self.declared.channels[name] for name in self.policy.channels]

    def of(self, reader_id: int) -> tuple[bool, list[Choice]]:
        """Return whether a reader wants the letter of the day, and their choice for each kind."""
        recipient = self.recipients.find([reader_id])[reader_id]
        kinds = sorted(self.declared.kinds.values(), key=lambda one: (one.order, one.name))
        return recipient.digest, [
            Choice(
                one, self.policy.kinds[one.name], recipient.channels(self.policy.kinds[one.name])
            )
            for one in kinds
        ]

    def choose(self, reader_id: int, sent: Any) -> None:
        """Keep the choices of a form: a value ``kind:channel`` for each box that is ticked.

        Raise InvalidInput, by kind, where what must be told would have no way left.
        """
        ticked = set(sent.getall("way"))
        channels = {
            name: [one for one in self.policy.channels if f"{name}:{one}" in ticked]
            for name in self.declared.kinds
        }
        wrong = {
            name: STAYS
            for name, ways in channels.items()
            if self.policy.kinds[name].must and not ways
        }
        if wrong:
            raise InvalidInput(WRONG, wrong)
        kept = self.db.get(NoticePreference, reader_id)
        if kept is None:
            kept = NoticePreference(reader_id=reader_id)
            self.db.add(kept)
        kept.digest = bool(sent.get("digest"))
        kept.channels = channels
        self.db.flush()
