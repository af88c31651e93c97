"""Make and change topics; every change is in the history."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import time
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bibliopolis.clock import Clock
from bibliopolis.errors import Conflict
from bibliopolis.i18n import _
from bibliopolis.resources.history import History

from ..models import Topic
from .topics import Topics

HISTORY = "topic"


class SavedMeanwhile(Conflict):
    """Somebody else has changed the topic since the form was opened."""

    def __init__(self) -> None:
        super().__init__(
            _("Somebody has saved it meanwhile. Look at what is there now, then change it again.")
        )


@dataclass(frozen=True)
class TopicDescription:
    """All that can be changed of a topic; names are those of its columns."""

    title: Mapping[str, str]
    intro: Mapping[str, str]
    languages: tuple[str, ...]
    library_id: int
    is_open: bool = True
    without_account: bool = True
    working_days: int = 3
    daily_quota: int | None = None
    reopens_at: time = time(7)
    keep_days: int = 90
    fields: tuple[Mapping[str, Any], ...] = field(default=())
    position: int = 0


class TopicEditing:
    """Write to the topics."""

    def __init__(self, db: Session, clock: Clock, topics: Topics, history: History) -> None:
        self.db = db
        self.clock = clock
        self.topics = topics
        self.history = history

    @classmethod
    def from_request(cls, context: Any, request: Any) -> TopicEditing:
        """Make it for a request."""
        return cls(
            db=request.db,
            clock=request.clock,
            topics=request.find_service(Topics, context=None),
            history=request.find_service(History, context=None),
        )

    def add(self, code: str, wanted: TopicDescription) -> Topic:
        """Make a new topic; its code is its own for good."""
        if self.db.scalar(select(func.count()).where(Topic.code == code)):
            raise Conflict(_("There is a topic “${code}” already.", mapping={"code": code}))
        now = self.clock.now()
        topic = Topic(code=code, created=now, changed=now, **_columns(wanted))
        self.db.add(topic)
        self.db.flush()  # the history names its id
        self.topics.forget()
        self.history.write((HISTORY, topic.id), "add")
        return topic

    def change(self, topic: Topic, wanted: TopicDescription, version: int) -> frozenset[str]:
        """Make it what is wanted, if it still is what the form showed; return what changed."""
        self.db.refresh(topic, with_for_update=True)
        if topic.version != version:
            raise SavedMeanwhile
        columns = _columns(wanted)
        changed = {name for name, value in columns.items() if getattr(topic, name) != value}
        if not changed:
            return frozenset()
        for name in changed:
            setattr(topic, name, columns[name])
        topic.version += 1
        topic.changed = self.clock.now()
        self.db.flush()
        self.topics.forget()
        self.history.write((HISTORY, topic.id), "change", data={"changed": sorted(changed)})
        return frozenset(changed)


def _columns(wanted: TopicDescription) -> dict[str, Any]:
    """Return the values of the columns, mappings and tuples as JSON keeps them."""
    columns = asdict(wanted)
    columns["languages"] = list(wanted.languages)
    columns["fields"] = [dict(one) for one in wanted.fields]
    return columns
