"""What a message is answered with: the terminal's rights, its library, the reader, the copy."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bibliopolis.accounts.attempts import Attempts
from bibliopolis.accounts.models import Person
from bibliopolis.accounts.passwords import Passwords
from bibliopolis.catalogue.models import Item, Record
from bibliopolis.circulation.services import Lists
from bibliopolis.circulation.services.off_line import NOT_PROVED, REFUSED_CARD
from bibliopolis.errors import BibliopolisError, Conflict
from bibliopolis.i18n import _
from bibliopolis.libraries.calendars import Calendars
from bibliopolis.libraries.models import Library
from bibliopolis.libraries.services import Libraries
from bibliopolis.readers.card_words import why_not_taken
from bibliopolis.readers.models import Reader
from bibliopolis.readers.services import Readers
from bibliopolis.resources.access import Grant, Principals, Role
from bibliopolis.templates import speaker

from .messages import Message
from .terminals import Sip2Policy, Terminal

LANGUAGES = {"001": "en", "024": "en", "015": "ru", "016": "ar"}
"""The numbers of languages (SIP 2.00) that we speak."""
NUMBERS = {"en": "001", "ru": "015", "ar": "016"}
GUESSES = "sip2 reader"
TRIES_AN_HOUR = 20
"""Of wrong passwords for one reader."""


class NoLibrary(Exception):
    """The library of the terminal is no longer there."""


class Refused(Conflict):
    """What was asked cannot be done; the terminal shows why."""


@dataclass
class Acting:
    """One message of a terminal within its transaction."""

    request: Any
    message: Message
    terminal: Terminal
    policy: Sip2Policy
    library: Library
    now: datetime
    language: str
    asked_language: str
    """In which the terminal asked for this or an earlier reader to be spoken to."""

    @classmethod
    def begin(
        cls, request: Any, message: Message, terminal: Terminal, policy: Sip2Policy, language: str
    ) -> Acting:
        """Act with the rights of a librarian at the terminal's library, and nowhere else."""
        library = request.find_service(Libraries).find(terminal.library)
        if library is None:
            raise NoLibrary(terminal.library)
        grant = Grant(Role.LIBRARIAN, frozenset({f"library:{library.id}"}))
        request.principals = Principals(grants=frozenset({grant}))
        asked = LANGUAGES.get(message.fixed[:3], "") if message.code in ("23", "63") else ""
        usual = request.registry["bibliopolis.settings"].languages
        known = [one for one in (asked, language, terminal.language) if one in usual]
        request.language = known[0] if known else usual[0]
        zone = request.find_service(Calendars).zone(library)
        return cls(
            request=request,
            message=message,
            terminal=terminal,
            policy=policy,
            library=library,
            now=request.clock.now().astimezone(zone),
            language=request.language,
            asked_language=asked,
        )

    def reader(self) -> Reader:
        """Return who shows their card, and speak their language; else say what is wrong."""
        number = self.message.get("AA")
        readers = self.request.find_service(Readers)
        reader: Reader | None = readers.by_card(number) if number else None
        if reader is None:
            card = readers.refused_card(number) if number else None
            raise Refused(why_not_taken(card) if card else _("This card is not known."))
        self.listen_to(reader)
        if not self.password_fits(reader):
            raise Refused(_("The password is not right."))
        return reader

    def whoever(self) -> tuple[Reader, tuple[str, ...]]:
        """Return whose card was shown to a terminal off line, and why it would have been refused.

        Refused only where nobody has or had the card.
        """
        number, readers = self.message.get("AA"), self.request.find_service(Readers)
        reader: Reader | None = readers.by_card(number) if number else None
        against: tuple[str, ...] = ()
        if reader is None:
            card = readers.refused_card(number) if number else None
            if card is None:
                raise Refused(_("This card is not known."))
            reader, against = card.reader, (REFUSED_CARD,)
        self.listen_to(reader)
        return reader, against if self.password_fits(reader) else (*against, NOT_PROVED)

    def listen_to(self, reader: Reader) -> None:
        """Speak the language of the reader's account, if they have one."""
        person = self.request.db.get(Person, reader.person_id) if reader.person_id else None
        offered = self.request.registry["bibliopolis.settings"].languages
        if person is not None and person.language in offered:
            self.language = person.language

    def password_fits(self, reader: Reader) -> bool:
        """Say whether the reader has proved who they are, where the terminal wants that."""
        if not self.terminal.asks_password:
            return True
        attempts, key = self.request.find_service(Attempts), str(reader.id)
        if attempts.allow(GUESSES, key, TRIES_AN_HOUR - 1, amount=0) is not None:
            return False
        person = self.request.db.get(Person, reader.person_id) if reader.person_id else None
        kept = person.password_hash if person is not None else None
        if Passwords().accepts(kept, self.message.fields.get("AD", "")):
            return True
        attempts.allow(GUESSES, key, TRIES_AN_HOUR)
        return False

    def copy(self) -> tuple[Item, Record]:
        """Return the copy of the message; of several with one number the one of this library."""
        code = self.message.get("AB")
        rows = self.request.find_service(Lists).copies_with_barcode(code) if code else ()
        if not rows:
            raise Refused(_("No copy has this number."))
        here = [
            row for row in rows if self.library.id in (row[0].holding_library_id, row[0].library_id)
        ]
        if len(rows) == 1 or len(here) == 1:
            item, record = here[0] if here else rows[0]
            return item, record
        raise Refused(_("Several copies have this number: ask a librarian."))

    def attempt(self, act: Callable[[], Any]) -> tuple[Any, str]:
        """Do it, or undo what had begun and return why not in the reader's language."""
        try:
            with self.request.db.begin_nested():
                return act(), ""
        except BibliopolisError as error:
            return None, self.why(error)

    def attempt_for_reader(self, act: Callable[[Reader], Any]) -> tuple[Any, str]:
        """Do the same for who shows their card; a wrong password is counted, whatever follows."""
        try:
            reader = self.reader()
        except BibliopolisError as error:
            return None, self.why(error)
        return self.attempt(lambda: act(reader))

    def why(self, error: BibliopolisError) -> str:
        """Return all that an error says."""
        return self.say(*(getattr(error, "reasons", ()) or (error.reason,)))

    def say(self, *messages: Any) -> str:
        """Return messages as one text in the reader's language."""
        speak = speaker(self.request)
        return " ".join(str(speak(message, self.language)) for message in messages)
