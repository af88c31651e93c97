"""What others plug into notices: the ways they leave by, and the things they are about."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from zope.interface import Attribute, Interface


@dataclass(frozen=True)
class Words:
    """What a notice says, in its reader's language.

    ``subject`` is read by whoever sees the list of letters: it names no title. ``text`` is one or
    a few sentences; ``short`` is what a message of a telephone has room for. ``url`` leads to the
    thing and begins with the address of the site.
    """

    subject: str
    text: str
    short: str
    url: str = ""


@dataclass(frozen=True)
class Later:
    """What stands in the place of words while nobody can say yet what is true.

    The notice is looked at again at ``at``, an instant.
    """

    at: datetime


@dataclass(frozen=True)
class Message:
    """One message that leaves; whoever delivers a ``key`` twice delivers it once."""

    key: str
    address: str
    subject: str
    body: str
    language: str


class INoticeChannel(Interface):
    """A way by which notices reach people; ``config.add_notice_channel(channel)`` adds one."""

    name = Attribute("Its name in policies/notices.yaml and in the log.")
    title = Attribute("What it is called in the preferences; translatable.")
    asks = Attribute("What its address is called in a form; None: it is that of the account.")
    is_short = Attribute("Whether there is room for a sentence only.")

    def clean(address):
        """Return an address as it is kept; raise InvalidInput if there can be no such one."""

    def deliver(request, message):
        """Send a Message, or raise: it is tried again later, with the same key."""


class INoticeSource(Interface):
    """Knows the things of one type that notices are about, such as holds.

    ``config.add_notice_source(thing_type, factory)`` adds one; ``factory(request)`` makes it.
    """

    def words(notices, language):
        """Return {id of the notice: Words} for those that are still true, in few statements.

        A notice that is left out is not sent: what it would say is not so any more. One for which
        there is a Later waits.
        """

    def titles(thing_ids):
        """Return {id: title} of those things, for the log."""

    def over():
        """Return a select of things that have ended, which the log forgets: id and reader_id.

        ``reader_id`` is whose it was, None where that is forgotten.
        """


@dataclass(frozen=True)
class Happening:
    """Something a reader is to hear of, once: the key is kind, thing and occasion."""

    kind: str
    thing: tuple[str, int]
    occasion: str
    reader_id: int
    library_id: int | None = None
    not_before: Any = None
    """An instant before which it is too early in the day."""
