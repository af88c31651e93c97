"""Letters that come in: replies go into their threads, once each; what fits nowhere is kept.

A letter is a file in ``DATA/mail-in``. What becomes of it is written in one transaction with what
it brings about; the file is put away at a later look, when that is sure to be committed. Killed in
between, the next look finds the letter known already and only puts the file away.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from bibliopolis.accounts.models import Person
from bibliopolis.clock import Clock
from bibliopolis.errors import BibliopolisError, InvalidInput, NotFoundHere
from bibliopolis.i18n import _
from bibliopolis.mail import MailMessage
from bibliopolis.resources.access import Grant, Principals, Role
from bibliopolis.templates import speaker

from ..access import worked_on_by
from ..letters_in import Letter, read_letter
from ..models import Enquiry, IncomingMail, Outcome, Via
from .attachments import MOST, Attachments, Checked
from .enquiries import Enquiries
from .tickets import REPLY, Tickets
from .topics import Topics

log = logging.getLogger(__name__)

FOLDER = "mail-in"
KEPT = "kept"
ABOUT = "enquiry:"
AT_ONCE = 10
"""So many letters are read by one transaction; the rest waits for the next look."""
LARGEST = 40_000_000
UNKNOWN, OTHER_SENDER, NOTHING_WRITTEN, NOT_NOW, TOO_LARGE, UNREADABLE = (
    "unknown",
    "other_sender",
    "nothing_written",
    "not_now",
    "too_large",
    "unreadable",
)


class IncomingLetters:
    """Read what has come in, and look after what fits nowhere."""

    def __init__(
        self,
        db: Callable[[], Session],
        clock: Clock,
        data: Path,
        enquiries: Callable[[], Enquiries],
        tickets: Callable[[], Tickets],
        attachments: Callable[[], Attachments],
        topics: Callable[[], Topics],
        actor: Callable[[], Principals],
        translate: Callable[[Any, str], str],
    ) -> None:
        # Made when they are first needed: an empty folder must not begin a transaction.
        self._db = db
        self.clock = clock
        self.folder = data / FOLDER
        self._enquiries = enquiries
        self._tickets = tickets
        self._attachments = attachments
        self._topics = topics
        self._actor = actor
        self.translate = translate

    @classmethod
    def from_request(cls, context: Any, request: Any) -> IncomingLetters:
        """Make it for a request."""

        def find(service: Any) -> Callable[[], Any]:
            return lambda: request.find_service(service, context=None)

        return cls(
            db=lambda: request.db,
            clock=request.clock,
            data=request.settings.data,
            enquiries=find(Enquiries),
            tickets=find(Tickets),
            attachments=find(Attachments),
            topics=find(Topics),
            actor=lambda: request.principals,
            translate=speaker(request),
        )

    @property
    def db(self) -> Session:
        """Return the session, beginning a transaction."""
        return self._db()

    def read_all(self) -> int:
        """Read what has come in; return how many letters were new."""
        fresh = 0
        for path in self._waiting():
            if fresh == AT_ONCE:
                break
            try:
                content = path.read_bytes()
            except FileNotFoundError:
                continue  # another worker has put it away
            fresh += self._read(path, content)
        return fresh

    def strays(self, offset: int = 0, limit: int = 50) -> tuple[int, Sequence[IncomingMail]]:
        """Return how many letters fit nowhere, of those the actor may see, and one page of them."""
        mine = (IncomingMail.outcome == Outcome.STRAY) & self._to_see()
        total = self.db.scalar(select(func.count()).select_from(IncomingMail).where(mine)) or 0
        rows = self.db.scalars(
            select(IncomingMail).where(mine).order_by(IncomingMail.id).offset(offset).limit(limit)
        ).all()
        return total, rows

    def stray(self, mail_id: int) -> IncomingMail:
        """Return a letter that fits nowhere, locked, if the actor may see it."""
        found = self.db.scalar(
            select(IncomingMail)
            .where(IncomingMail.id == mail_id, IncomingMail.outcome == Outcome.STRAY)
            .where(self._to_see())
            .with_for_update()
            .execution_options(populate_existing=True)
        )
        if found is None:
            raise NotFoundHere(_("There is no such letter, or somebody has seen to it."))
        return found

    def put_into(self, mail_id: int, enquiry_id: int) -> Enquiry:
        """Put a stray letter into a thread, as what its asker says."""
        row, enquiries = self.stray(mail_id), self._enquiries()
        enquiry = self.db.get(Enquiry, enquiry_id)
        steps = enquiries.steps
        if enquiry is None or not self._actor().may("note", steps.access(enquiry)):
            raise NotFoundHere(_("There is no such question."))
        steps.held.add(enquiry.id)
        text, files = row.text, ()
        path = self._kept(row.key)
        if path.is_file():
            letter = read_letter(path.read_bytes())
            text, files = self._with_files(letter, enquiry)  # type: ignore[assignment]
        enquiries.reply(enquiry.id, text, files=files, via=Via.MAIL)
        self._see_to(row)
        return enquiry

    def discard(self, mail_id: int) -> None:
        """Delete a stray letter."""
        self._see_to(self.stray(mail_id))

    def _see_to(self, row: IncomingMail) -> None:
        row.outcome, row.handled_by = Outcome.HANDLED, self._actor().person_id
        row.sender = row.subject = row.text = ""

    def _waiting(self) -> Iterator[Path]:
        """Yield the files of letters: of a Maildir, and letters laid into the folder itself."""
        if not self.folder.is_dir():
            return
        for pattern in ("new/*", "cur/*", "*.eml"):
            for path in sorted(self.folder.glob(pattern)):
                if path.is_file() and not path.name.startswith("."):
                    yield path

    def _kept(self, key: str) -> Path:
        return self.folder / KEPT / key

    def _read(self, path: Path, content: bytes) -> bool:
        """Read a letter unless it is known; put away what is. Return whether it was new."""
        letter, reason = _letter(content)
        known = self.db.scalar(select(IncomingMail).where(IncomingMail.key == letter.key))
        if known is not None:
            self._put_away(path, known)
            return False
        try:
            with self.db.begin_nested():
                row = IncomingMail(key=letter.key, received=self.clock.now(), outcome=Outcome.STRAY)
                self.db.add(row)
                self.db.flush()  # whoever reads the same letter at the same time waits here
                self._sort(row, letter, reason)
        except IntegrityError:
            log.info("another worker has read %s", path.name)
            return False
        return True

    def _sort(self, row: IncomingMail, letter: Letter, reason: str | None) -> None:
        enquiry = None if reason else self._thread_of(letter)
        row.enquiry_id = enquiry.id if enquiry else None
        if letter.automatic or self._is_ours(letter):
            row.outcome, row.reason = Outcome.IGNORED, "automatic"
            return
        reason = reason or self._why_not(letter, enquiry)
        if reason is None and enquiry is not None:
            reason = self._reply(letter, enquiry)
        if reason is None:
            row.outcome = Outcome.REPLY
            return
        row.reason = reason
        row.sender, row.subject, row.text = letter.sender, letter.subject, letter.text

    def _reply(self, letter: Letter, enquiry: Enquiry) -> str | None:
        """Write the reply into the thread; return why not, if it cannot be."""
        enquiries = self._enquiries()
        enquiries.steps.held.add(enquiry.id)
        try:
            with self.db.begin_nested():
                text, files = self._with_files(letter, enquiry)
                enquiries.reply(enquiry.id, text, files=files, via=Via.MAIL)
        except BibliopolisError as refusal:
            log.info("a reply to question %s cannot be taken: %s", enquiry.id, refusal)
            return NOT_NOW
        finally:
            enquiries.steps.held.discard(enquiry.id)
        return None

    def _with_files(self, letter: Letter, enquiry: Enquiry) -> tuple[str, list[Checked]]:
        """Return the text and the files that may be kept; of the others the text says why not."""
        language = enquiry.asker.language if enquiry.asker else enquiry.language
        files: list[Checked] = []
        notes: list[str] = []
        for one in letter.files:
            reason: Any = _("there were too many")
            if len(files) < MOST:
                try:
                    files.append(self._attachments().check_one(one.name, one.content))
                    continue
                except InvalidInput as refusal:
                    reason = refusal.reason
            said = _(
                "[A file was left out: ${name}. ${reason}]",
                mapping={"name": one.name[:100], "reason": reason},
            )
            notes.append(self.translate(said, language))
        text = letter.text
        if not text and files:
            text = self.translate(_("[Files only]"), language)
        return "\n\n".join([text, *notes]).strip(), files

    def _thread_of(self, letter: Letter) -> Enquiry | None:
        """Return the question a letter replies to: by its address, or by our own letter."""
        for address in letter.recipients:
            ticket = address.rpartition("@")[0].partition("+")[2]
            enquiry = self._tickets().read(ticket, REPLY) if ticket else None
            if enquiry is not None:
                return enquiry
        if not letter.refers_to:
            return None
        about = self.db.scalars(
            select(MailMessage.about).where(
                MailMessage.message_id.in_(letter.refers_to), MailMessage.about.startswith(ABOUT)
            )
        ).first()
        return self.db.get(Enquiry, int(about.removeprefix(ABOUT))) if about else None

    def _why_not(self, letter: Letter, enquiry: Enquiry | None) -> str | None:
        if enquiry is None or enquiry.asker is None:
            return UNKNOWN
        person_id = enquiry.asker.person_id
        person = self.db.get(Person, person_id) if person_id else None
        if letter.sender not in {enquiry.asker.email, person.email if person else ""} - {""}:
            return OTHER_SENDER
        if not letter.text and not letter.files:
            return NOTHING_WRITTEN
        return None

    def _is_ours(self, letter: Letter) -> bool:
        """Say whether it is one of our own letters that has come back."""
        own = select(MailMessage.id).where(MailMessage.message_id == letter.message_id)
        return bool(letter.message_id) and self.db.scalar(own) is not None

    def _put_away(self, path: Path, row: IncomingMail) -> None:
        """Put the file of a known letter away: kept while it waits for a person, else deleted."""
        if row.outcome != Outcome.STRAY:
            path.unlink(missing_ok=True)
        else:
            self._kept(row.key).parent.mkdir(parents=True, exist_ok=True)
            path.replace(self._kept(row.key))

    def sweep(self) -> None:
        """Delete the files of stray letters that somebody has seen to.

        One that nothing is known of, because the database is older, is read once more.
        """
        for path in self.folder.glob(f"{KEPT}/*"):
            known = self.db.scalar(
                select(IncomingMail.outcome).where(IncomingMail.key == path.name)
            )
            if known is None:
                path.replace(self.folder / f"{path.name}.eml")
            elif known != Outcome.STRAY:
                path.unlink(missing_ok=True)

    def _to_see(self) -> ColumnElement[bool]:
        """Return the condition for letters the actor may see.

        Those of a question are for its consultants; those of none for who answers everything, and
        for administrators.
        """
        actor = self._actor()
        known = IncomingMail.enquiry_id.in_(
            select(Enquiry.id).where(worked_on_by(actor, self._topics().all_scopes))
        )
        everywhere = {Grant(Role.CONSULTANT), Grant(Role.ADMINISTRATOR)} & set(actor.grants)
        return or_(known, IncomingMail.enquiry_id.is_(None)) if everywhere else known


def _letter(content: bytes) -> tuple[Letter, str | None]:
    """Return a letter, and why it cannot be taken for a reply, if it cannot."""
    if len(content) > LARGEST:
        return read_letter(content[: LARGEST // 10]), TOO_LARGE
    try:
        return read_letter(content), None
    # Letters are made by every program there ever was: one that breaks the reader must not keep
    # the others waiting, and is shown to a person.
    except Exception:
        log.exception("a letter cannot be read")
        digest = hashlib.sha256(content).hexdigest()
        return Letter(key=digest, sender="", subject="", text=""), UNREADABLE
