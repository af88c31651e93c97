"""Write readers down, finish their registration, change what is known of them."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bibliopolis.accounts.models import Person
from bibliopolis.accounts.services import NO_PLACE, names_a_place
from bibliopolis.clock import Clock
from bibliopolis.errors import Conflict, InvalidInput
from bibliopolis.i18n import _
from bibliopolis.libraries.services import Libraries
from bibliopolis.resources.history import History
from bibliopolis.search.analysis import fold_to, sort_key

from ..categories import OLDEST, ReaderPolicy, age_on
from ..models import LONGEST_FOLDED, Card, CardKind, Reader, Registration
from .cards import Cards
from .guardians import Guardians
from .readers import lock

PHONE = re.compile(r"\+?[0-9][0-9 ()\-]{4,30}")
LONGEST = {"name": 100, "phone": 40, "address": 500}


class SavedMeanwhile(Conflict):
    """Somebody else has changed the reader since the form was opened."""

    def __init__(self) -> None:
        super().__init__(_("Somebody has changed this reader since you opened the form."))


@dataclass(frozen=True)
class Particulars:
    """What a reader says of themselves, as it was typed and checked."""

    name: str
    home_library_id: int
    born: date | None = None
    phone: str = ""
    address: str = ""


class Registering:
    """From the first form to the card in the hand."""

    def __init__(
        self,
        db: Session,
        clock: Clock,
        policy: ReaderPolicy,
        libraries: Libraries,
        cards: Cards,
        guardians: Guardians,
        history: History,
    ) -> None:
        self.db = db
        self.clock = clock
        self.policy = policy
        self.libraries = libraries
        self.cards = cards
        self.guardians = guardians
        self.history = history

    @classmethod
    def from_request(cls, context: Any, request: Any) -> Registering:
        """Make it for a request."""
        return cls(
            db=request.db,
            clock=request.clock,
            policy=request.find_service(ReaderPolicy),
            libraries=request.find_service(Libraries),
            cards=request.find_service(Cards),
            guardians=request.find_service(Guardians),
            history=request.find_service(History),
        )

    def register(
        self,
        particulars: Particulars,
        card: str,
        *,
        kind: str = CardKind.LIBRARY,
        document_seen: bool = True,
        category: str | None = None,
        person_id: int | None = None,
        guardian: Reader | None = None,
    ) -> Reader:
        """Write down a reader whose document has been seen, and give them their card.

        A child is written down together with a grown-up reader who acts for them.
        """
        _demand_document(document_seen)
        given = self._given(category)
        reader = self._write_down(particulars, Registration.FULL, person_id)
        reader.category = given
        reader.document_seen = self.clock.now()
        reader.registered_until = self.policy.ends(reader, self.clock.today())
        self.cards.give(reader, card, kind)
        self.keep_guarded(reader, guardian)
        self.history.write(("reader", reader.id), "register")
        return reader

    def begin(
        self,
        particulars: Particulars,
        *,
        person_id: int | None,
        consent: str,
        guardian: Reader | None = None,
    ) -> Reader:
        """Write down a reader who registered on the site; a desk finishes it.

        Only a child whose ``guardian`` did it may be without an account.
        """
        reader = self._write_down(particulars, Registration.PRELIMINARY, person_id)
        reader.registered_until = self.clock.today() + self.policy.finish_within
        reader.consent, reader.consented = consent, self.clock.now()
        self.cards.give_temporary(reader, reader.registered_until)
        if guardian is not None:
            self.guardians.appoint(guardian, reader)
        self.history.write(("reader", reader.id), "begin_registration")
        return reader

    def demand(self, reader: Reader, version: str) -> None:
        """Read a reader anew for a change; SavedMeanwhile if a form knew them otherwise.

        ``version`` is what `version_of` said of them when the form was opened.
        """
        lock(self.db, reader)
        cards = select(Card).where(Card.reader_id == reader.id)
        self.db.scalars(cards, execution_options={"populate_existing": True}).all()
        self.db.expire(reader, ["cards"])
        if version != version_of(reader):
            raise SavedMeanwhile

    def finish(
        self,
        reader: Reader,
        card: str,
        *,
        document_seen: bool,
        kind: str = CardKind.LIBRARY,
        guardian: Reader | None = None,
    ) -> None:
        """Make a preliminary registration a full one, at a desk with the person in front of it."""
        lock(self.db, reader)  # of two desks one finishes it
        if reader.registration != Registration.PRELIMINARY:
            raise Conflict(_("This registration is finished already."))
        _demand_document(document_seen)
        self.keep_guarded(reader, guardian)
        self.cards.give(reader, card, kind)
        reader.registration = Registration.FULL
        reader.document_seen = reader.changed = self.clock.now()
        reader.registered_until = self.policy.ends(reader, self.clock.today())
        self.history.write(("reader", reader.id), "finish_registration")

    def keep_guarded(self, reader: Reader, guardian: Reader | None) -> None:
        """Let a grown-up act for a child for whom nobody acts yet."""
        if self.policy.needs_guardian(reader, self.clock.today()) and not self.guardians.of(reader):
            self.guardians.appoint(guardian, reader)

    def renew(self, reader: Reader) -> None:
        """Let a finished registration last again, counted from today."""
        if reader.registration != Registration.FULL:
            raise Conflict(_("The registration is not finished yet."))
        reader.registered_until = self.policy.ends(reader, self.clock.today())
        reader.changed = self.clock.now()
        self.history.write(("reader", reader.id), "renew")

    def change(self, reader: Reader, particulars: Particulars, category: str | None = None) -> None:
        """Change what is known of a reader; the history says what, never from or to what.

        Their account is called as they are.
        """
        new = {
            "name": particulars.name,
            "home_library_id": particulars.home_library_id,
            "born": particulars.born,
            "phone": particulars.phone,
            "address": particulars.address,
            "category": self._given(category),
        }
        changed = [name for name, value in new.items() if getattr(reader, name) != value]
        for name in changed:
            setattr(reader, name, new[name])
        if changed:
            reader.sort_key = sort_key(reader.name)
            reader.folded = fold_to(reader.name, LONGEST_FOLDED)
            reader.changed = self.clock.now()
            self.history.write(("reader", reader.id), "change", data={"fields": changed})
        if "name" in changed and reader.person_id is not None:
            self.db.get_one(Person, reader.person_id).rename(reader.name)

    def read(self, sent: Mapping[str, Any], *, born_required: bool = False) -> Particulars:
        """Return what was typed, checked; every field that cannot be used is named at once."""
        values = {name: clean(sent.get(name), name == "address") for name in LONGEST}
        errors: dict[str, Any] = {}
        for name, longest in LONGEST.items():
            if len(values[name]) > longest:
                errors[name] = _("This is too long.")
        if not values["name"]:
            errors["name"] = _("A name is needed.")
        elif names_a_place(values["name"]):
            errors["name"] = NO_PLACE
        if values["phone"] and not PHONE.fullmatch(values["phone"]):
            errors["phone"] = _("Write a telephone number, such as +7 812 000-00-00.")
        library = self.libraries.find(clean(sent.get("home")))
        if library is None or not self.libraries.is_there(library):
            errors["home"] = _("Choose a library of the list.")
        born, wrong = self._day(clean(sent.get("born")), born_required)
        if wrong is not None:
            errors["born"] = wrong
        if errors or library is None:
            raise InvalidInput(_("Some fields need another look."), errors)
        return Particulars(values["name"], library.id, born, values["phone"], values["address"])

    def _day(self, text: str, required: bool) -> tuple[date | None, Any]:
        if not text:
            return None, _("The day of birth is needed.") if required else None
        try:
            born = date.fromisoformat(text)
        except ValueError:
            return None, _("Write the day as year-month-day, such as 1990-05-31.")
        today = self.clock.today()
        if born > today or age_on(born, today) > OLDEST:
            return None, _("Nobody alive was born on this day.")
        return born, None

    def _given(self, category: str | None) -> str | None:
        if not category:
            return None
        known = self.policy.categories.get(category)
        if known is None or known.has_ages:
            raise InvalidInput(
                _("Some fields need another look."), {"category": _("Choose one of the list.")}
            )
        return category

    def _write_down(
        self, particulars: Particulars, registration: Registration, person_id: int | None
    ) -> Reader:
        now = self.clock.now()
        reader = Reader(
            name=particulars.name,
            sort_key=sort_key(particulars.name),
            folded=fold_to(particulars.name, LONGEST_FOLDED),
            home_library_id=particulars.home_library_id,
            person_id=person_id,
            registration=registration,
            born=particulars.born,
            phone=particulars.phone,
            address=particulars.address,
            created=now,
            changed=now,
        )
        self.db.add(reader)
        self.db.flush()  # to get the id that cards and the history name
        return reader


def version_of(reader: Reader) -> str:
    """Return what a form keeps of a reader, to see later whether they are still the same.

    What a reader changes on the site, or another desk, makes it another one; so does a card.
    """
    cards = sorted((card.id, card.blocked is None) for card in reader.cards)
    known = (
        *(reader.name, reader.born, reader.phone, reader.address, reader.category),
        *(reader.home_library_id, reader.registration, reader.registered_until, cards),
    )
    return hashlib.sha256("\n".join(map(str, known)).encode()).hexdigest()[:16]


def _demand_document(seen: bool) -> None:
    if not seen:
        raise InvalidInput(
            _("The registration was not finished."),
            {"document_seen": _("Have a document shown to you first.")},
        )


def clean(text: Any, lines: bool = False) -> str:
    """Return what was typed without what no database stores and without space around it."""
    if not isinstance(text, str):
        return ""
    plain = text.replace("\0", "").encode(errors="ignore").decode().strip()
    return plain if lines else " ".join(plain.split())
