"""The city of the demo, from its libraries to the books people are waiting for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, time, timedelta
from typing import Any

from sqlalchemy import select

from bibliopolis.accounts.groups import Groups
from bibliopolis.accounts.models import Person
from bibliopolis.accounts.roles import Roles
from bibliopolis.accounts.services import People
from bibliopolis.catalogue.importing import Importer
from bibliopolis.catalogue.models import Record
from bibliopolis.circulation.models import Hold, HoldTarget
from bibliopolis.circulation.services import Deliveries, Holds, Loans
from bibliopolis.demo.acting import acting
from bibliopolis.demo.books import readings
from bibliopolis.demo.data_files import read
from bibliopolis.demo.looking_back import LookingBack
from bibliopolis.demo.pages import Pages
from bibliopolis.demo.questions import Questions
from bibliopolis.demo.saved import save_searches
from bibliopolis.demo.waits import Waits
from bibliopolis.libraries.closures import Closures
from bibliopolis.libraries.models import ExceptionKind, Library, OrganisationKind
from bibliopolis.libraries.services import Libraries
from bibliopolis.readers.categories import ReaderPolicy
from bibliopolis.readers.services import Cards, Particulars, Readers, Registering
from bibliopolis.resources.access import Grant

PASSWORD = "bibliopolis"
"""Of everybody in the demo; written in the README for all to read."""


def addresses() -> list[str]:
    """Return the mail addresses of those who may sign in to a demo city."""
    declared = read("people")
    return [one["email"] for one in (*declared["people"], *declared["waiting"])]


Say = Callable[[str], None]


def is_loaded(request: Any) -> bool:
    """Say whether the site has libraries: then the demo would only disturb them."""
    return request.db.scalar(select(Library.id).limit(1)) is not None


class City:
    """Build the city, telling what is being done."""

    def __init__(self, request: Any, say: Say = lambda text: None) -> None:
        self.request = request
        self.say = say
        self.library_ids: dict[str, int] = {}
        self.pickup_ids: dict[str, int] = {}
        self.reader_ids: dict[str, int] = {}
        self.staff: dict[str, Person] = {}

    def build(self) -> None:
        """Build everything; nothing is kept unless all of it succeeds."""
        self.say("a dozen libraries")
        self._libraries()
        self.say("people and readers")
        self._people()
        self.say("500 books and their copies")
        self._books()
        self.say("pages, news, posters and collections")
        Pages(self.request, self.staff, self.library_ids, self._record_ids()).write_all()
        self.say("two years of waiting, holds and loans")
        Waits(self.request).write()
        self._holds()
        LookingBack(self.request, self.staff["manager"], self.library_ids).write()
        self.say("questions and answers")
        Questions(self.request, self.library_ids).ask_all()
        save_searches(self.request)

    def _libraries(self) -> None:
        declared = read("libraries")
        libraries = self.request.find_service(Libraries)
        network = libraries.add(**declared["network"], kind=OrganisationKind.NETWORK)
        systems = {
            one["code"]: libraries.add(**one, kind=OrganisationKind.SYSTEM, parent=network)
            for one in declared["systems"]
        }
        for one in declared["libraries"]:
            library = libraries.add(**_founding(one), parent=systems[one["below"]])
            self.library_ids[one["code"]] = library.id
        for one in declared["pickup_points"]:
            above = libraries.get(self.library_ids[one["below"]])
            point = libraries.add(
                **_founding(one), kind=OrganisationKind.PICKUP_POINT, parent=above
            )
            self.pickup_ids[one["code"]] = point.id
        for one in declared["closures"]:
            self._closure(libraries.organisation(one["at"]), one)

    def _closure(self, organisation: Any, declared: Mapping[str, Any]) -> None:
        first = self.request.clock.today() + timedelta(days=declared["in_days"])
        starts, ends = map(time.fromisoformat, declared.get("hours") or ("00:00", "00:00"))
        given = {"starts": starts, "ends": ends} if "hours" in declared else {}
        self.request.find_service(Closures).add(
            organisation,
            ExceptionKind(declared["kind"]),
            first,
            first + timedelta(days=declared.get("days", 1) - 1),
            reason=declared["reason"],
            with_below=declared.get("with_below", False),
            **given,
        )

    def _people(self) -> None:
        people = self.request.find_service(People)
        roles = self.request.find_service(Roles)
        groups = self.request.find_service(Groups)
        declared = read("people")
        for one in declared["people"]:
            person = people.create(
                name=one["name"],
                email=one["email"],
                password=PASSWORD,
                language=one["language"],
            )
            # Topics are made later, and the roles at them given then.
            for role in (held for held in one.get("roles", ()) if "topic" not in held):
                roles.grant(person, role["role"], self._scope(role))
                self.staff.setdefault(role["role"], person)
            if "card" in one:
                self._reader(one, person.id)
        for one in declared["groups"]:
            group = groups.add(one["name"])
            for role in one["roles"]:
                roles.grant(group, role["role"], self._scope(role))
            for email in one["members"]:
                groups.join(group, people.by_email(email))
        for one in declared["readers"]:
            self._reader(one, None)
        for one in declared["waiting"]:
            self._registration(one)

    def _reader(self, one: Mapping[str, Any], person_id: int | None) -> None:
        born = date.fromisoformat(one["born"]) if "born" in one else None
        said = Particulars(one["name"], self.library_ids[one["home"]], born)
        # Long before the holds below: a card counts from the day it is given.
        desk = acting(self.request, when=self.request.clock.now() - timedelta(days=90))
        reader = desk.find_service(Registering).register(
            said,
            one["card"],
            person_id=person_id,
            guardian=desk.find_service(Readers).by_card(one.get("guardian", "")),
        )
        self.reader_ids[one["card"]] = reader.id
        if "blocked" in one:
            desk.find_service(Cards).block(reader.cards[0], one["blocked"])

    def _registration(self, one: Mapping[str, Any]) -> None:
        person = self.request.find_service(People).create(
            name=one["name"], email=one["email"], password=PASSWORD, language=one["language"]
        )
        said = Particulars(
            one["name"], self.library_ids[one["home"]], date.fromisoformat(one["born"])
        )
        self.request.find_service(Registering).begin(
            said, person_id=person.id, consent=self.request.find_service(ReaderPolicy).rules
        )

    def _scope(self, role: Mapping[str, str]) -> str:
        scopes = []
        if "lang" in role:
            scopes.append(f"lang:{role['lang']}")
        if "library" in role:
            scopes.append(f"library:{self.library_ids[role['library']]}")
        return Grant(role["role"], frozenset(scopes)).scope

    def _books(self) -> None:
        prefixes = {one["prefix"]: one["code"] for one in read("libraries")["libraries"]}
        central = self.library_ids["central"]
        importer = Importer.for_library(self.request, central, self.library_ids)
        importer.take(tuple(readings(prefixes)))

    def _record_ids(self) -> dict[str, int]:
        rows = self.request.db.execute(select(Record.title, Record.id))
        return {row.title: row.id for row in rows}

    def _holds(self) -> None:
        """Place holds as readers do, and take them as far as librarians have come."""
        record_ids = self._record_ids()
        now = self.request.clock.now()
        declared = read("people")["holds"]
        places = {**self.library_ids, **self.pickup_ids}
        for number, one in enumerate(declared):
            when = now - timedelta(days=6) + timedelta(hours=5 * number)
            if "days_ago" in one:
                when = now - timedelta(days=one["days_ago"])
            reader_id = self.reader_ids[one["reader"]]
            pickup = places[one["pickup"]]
            librarian = self.staff["librarian"]
            desk = acting(self.request, librarian, when)
            hold = desk.find_service(Holds).place(record_ids[one["title"]], reader_id, pickup)
            later = acting(self.request, librarian, when + timedelta(hours=4))
            if one["then"] == "out_for_delivery":
                self._bring_home(later, hold, one["address"], one["note"])
            else:
                self._carry(later, hold, one["then"], one.get("comment"))

    def _bring_home(self, desk: Any, hold: Hold, address: str, note: str) -> None:
        """Note that its reader cannot come, and give the copy to the courier."""
        deliveries = desk.find_service(Deliveries)
        reader = desk.find_service(Readers).get(hold.reader_id)
        until = self.request.clock.today() + timedelta(days=365)
        deliveries.mark(reader, until, None)
        self.request.db.flush()
        deliveries.deliver(hold.id, address, note)
        self._carry(desk, hold, "ready", None)
        deliveries.hand_over(hold.id, hold.pickup_library_id)

    def _carry(self, desk: Any, hold: Hold, then: str, comment: str | None) -> None:
        if then == "queued":
            return
        holds, loans = desk.find_service(Holds), desk.find_service(Loans)
        if then in ("cancelled", "unfilled"):
            close = holds.cancel if then == "cancelled" else holds.give_up
            close(hold.id, comment)
            return
        target = self.request.db.get(HoldTarget, hold.id)
        assert target is not None, f"no copy is looked for: {hold.record_id}"
        loans.check_in(target.item_id, target.library_id)
        if then == "in_transit":
            return
        counter = desk.find_service(Libraries).desk_of(hold.pickup_library_id)
        if target.library_id != counter:
            loans.check_in(target.item_id, counter)
        if then == "lent":
            loans.check_out(target.item_id, hold.reader_id, counter)
        elif then == "not_collected":
            holds.not_collected(hold.id)


def _founding(declared: Mapping[str, Any]) -> dict[str, Any]:
    """Return what an organisation is founded with; the rest says where its copies are."""
    return {name: value for name, value in declared.items() if name not in {"prefix", "below"}}
