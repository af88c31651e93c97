"""Topics, what is asked about them, who asks, and what has been written."""

from __future__ import annotations

from datetime import date, datetime, time
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from bibliopolis.db import Base, new_uid
from bibliopolis.libraries.models import spoken


class EnquiryState(StrEnum):
    """The states Python relies on; ``workflows/enquiry.yaml`` declares them."""

    UNCONFIRMED = "unconfirmed"
    NEW = "new"
    IN_WORK = "in_work"
    WAITING = "waiting"
    ANSWERED = "answered"
    REFUSED = "refused"
    CLOSED = "closed"


RUNNING_STATES = (EnquiryState.NEW, EnquiryState.IN_WORK)
"""While it is in one of these, its time runs."""
OPEN_STATES = (*RUNNING_STATES, EnquiryState.WAITING)
ENDED_STATES = (EnquiryState.ANSWERED, EnquiryState.REFUSED, EnquiryState.CLOSED)


class FieldKind(StrEnum):
    """What a further field of a topic's form takes."""

    LINE = "line"
    TEXT = "text"
    TICK = "tick"


class Topic(Base):
    """What can be asked about: who answers, in which languages, how soon, how much a day."""

    __tablename__ = "topic"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(40), unique=True)
    title: Mapped[dict[str, str]] = mapped_column(JSON)
    intro: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    languages: Mapped[list[str]] = mapped_column(JSON)
    """In which languages answers are written, as BCP 47 tags."""
    library_id: Mapped[int] = mapped_column(ForeignKey("library.id"))
    """Whose calendar counts, and whose consultants work on it, besides the topic's own."""
    is_open: Mapped[bool] = mapped_column(default=True)
    without_account: Mapped[bool] = mapped_column(default=True)
    working_days: Mapped[int] = mapped_column(default=3)
    daily_quota: Mapped[int | None]
    """So many questions are accepted a day; None is as many as come."""
    reopens_at: Mapped[time] = mapped_column(default=time(7))
    """When the day of the quota begins, by the clocks of the library."""
    keep_days: Mapped[int] = mapped_column(default=90)
    """So long after its end what people wrote, and who they are, is kept."""
    fields: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    """Further fields of the form: ``name``, ``kind``, ``title`` by language, ``required``."""
    position: Mapped[int] = mapped_column(default=0)
    version: Mapped[int] = mapped_column(default=1)
    created: Mapped[datetime]
    changed: Mapped[datetime]

    def title_in(self, language: str) -> str:
        """Return the title in a language, or in the next one it has, or the code."""
        return spoken(self.title, language) or self.code

    def intro_in(self, language: str) -> str:
        """Return what is said about it in a language, or in the next one it has."""
        return spoken(self.intro, language)


class TopicDay(Base):
    """How many questions of a topic were accepted on one day of its quota."""

    __tablename__ = "topic_day"

    topic_id: Mapped[int] = mapped_column(
        ForeignKey("topic.id", ondelete="CASCADE"), primary_key=True
    )
    day: Mapped[date] = mapped_column(primary_key=True)
    accepted: Mapped[int] = mapped_column(default=0)


class Enquiry(Base):
    """One question and what became of it; who asked is kept apart, and forgotten first."""

    __tablename__ = "enquiry"
    __table_args__ = (
        Index("ix_enquiry_queue", "state", "due", "id"),
        Index("ix_enquiry_consultant", "consultant_id", "state"),
        Index("ix_enquiry_topic", "topic_id", "state"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(String(32), unique=True, default=new_uid)
    state: Mapped[str] = mapped_column(String(20))
    topic_id: Mapped[int] = mapped_column(ForeignKey("topic.id"))
    language: Mapped[str] = mapped_column(String(20))
    """The language the answer is wished in."""
    title: Mapped[str] = mapped_column(String(200), default="")
    """The beginning of the question; empty when it is forgotten."""
    folded: Mapped[str] = mapped_column(String(400), default="")
    extra: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    """What was put into the topic's further fields."""
    consultant_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    created: Mapped[datetime]
    changed: Mapped[datetime]
    accepted: Mapped[datetime | None]
    due: Mapped[datetime | None]
    """Until when an answer is promised; it stands still while the asker is asked."""
    paused: Mapped[datetime | None]
    days_left: Mapped[int | None]
    """Working days that were left when it was paused."""
    ended: Mapped[datetime | None] = mapped_column(index=True)
    rule: Mapped[str | None] = mapped_column(String(40))
    """By which rule it was refused."""
    forgotten: Mapped[datetime | None]
    """When names, addresses and texts were deleted; what is counted stays."""

    asker: Mapped[Asker | None] = relationship(
        cascade="all, delete-orphan", back_populates="enquiry"
    )


class Asker(Base):
    """Who asked: apart from the question, so that it can go while the question stays."""

    __tablename__ = "asker"

    enquiry_id: Mapped[int] = mapped_column(
        ForeignKey("enquiry.id", ondelete="CASCADE"), primary_key=True
    )
    person_id: Mapped[int | None] = mapped_column(
        ForeignKey("person.id", ondelete="SET NULL"), index=True
    )
    name: Mapped[str] = mapped_column(String(200), default="")
    email: Mapped[str] = mapped_column(String(320), index=True)
    language: Mapped[str] = mapped_column(String(20))
    """The language of the pages and letters, which need not be that of the answer."""
    site_url: Mapped[str] = mapped_column(String(300))
    """Where it was asked: the worker, which reads mail, has no address of its own."""

    enquiry: Mapped[Enquiry] = relationship(back_populates="asker")


class MessageKind(StrEnum):
    """What one message of a thread is."""

    QUESTION = "question"
    REPLY = "reply"
    NOTE = "note"
    ANSWER = "answer"
    ASK_BACK = "ask_back"
    REFUSAL = "refusal"


ASKERS_KINDS = (MessageKind.QUESTION, MessageKind.REPLY)


class Via(StrEnum):
    """Which way a message came."""

    SITE = "site"
    MAIL = "mail"


class EnquiryMessage(Base):
    """One message of a thread; a note is for consultants only."""

    __tablename__ = "enquiry_message"
    __table_args__ = (Index("ix_enquiry_message_enquiry", "enquiry_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(String(32), unique=True, default=new_uid)
    """Given by the form it was written in: sent twice, it is one message."""
    enquiry_id: Mapped[int] = mapped_column(ForeignKey("enquiry.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(20))
    author_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    """The consultant; None where the asker wrote."""
    text: Mapped[str] = mapped_column(Text)
    written: Mapped[datetime]
    via: Mapped[str] = mapped_column(String(10), default=Via.SITE)


class EnquiryFile(Base):
    """A file that came with a message; its bytes lie in the data folder under its uid."""

    __tablename__ = "enquiry_file"

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(String(32), unique=True)
    enquiry_id: Mapped[int] = mapped_column(
        ForeignKey("enquiry.id", ondelete="CASCADE"), index=True
    )
    message_id: Mapped[int] = mapped_column(
        ForeignKey("enquiry_message.id", ondelete="CASCADE"), index=True
    )
    name: Mapped[str] = mapped_column(String(200))
    media_type: Mapped[str] = mapped_column(String(100))
    size: Mapped[int]


class Outcome(StrEnum):
    """What became of a letter that came in."""

    REPLY = "reply"
    IGNORED = "ignored"
    STRAY = "stray"
    HANDLED = "handled"


class IncomingMail(Base):
    """A letter that came in, so that it counts once; of a stray one also what it says."""

    __tablename__ = "incoming_mail"
    __table_args__ = (Index("ix_incoming_mail_outcome", "outcome", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(64), unique=True)
    """A hash of what makes it this letter; the same one may be delivered twice."""
    received: Mapped[datetime]
    outcome: Mapped[str] = mapped_column(String(10))
    reason: Mapped[str] = mapped_column(String(40), default="")
    enquiry_id: Mapped[int | None] = mapped_column(
        ForeignKey("enquiry.id", ondelete="SET NULL"), index=True
    )
    sender: Mapped[str] = mapped_column(String(320), default="")
    subject: Mapped[str] = mapped_column(String(300), default="")
    text: Mapped[str] = mapped_column(Text, default="")
    handled_by: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
