"""What pages about readers at the desk show, and the names of their fields."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pyramid.request import Request

from bibliopolis.accounts.models import Person
from bibliopolis.accounts.panels import show_panels
from bibliopolis.i18n import LANGUAGES, _
from bibliopolis.libraries.services import Libraries
from bibliopolis.parameters import read_day
from bibliopolis.parts import problems_of

from .card_words import BLOCKS, GIVEN_OUT, KINDS, why_not_taken
from .categories import ReaderPolicy, age_on
from .models import Reader, Registration
from .numbers import spaced
from .reader_panels import PAGE
from .services import REFUSALS, AccountOpening, Guardians, version_of
from .services.registering import clean
from .staff_resources import ReaderPage

FIELDS = {
    "name": _("First and last name"),
    "born": _("Day of birth"),
    "phone": _("Telephone"),
    "address": _("Address"),
    "home": _("Home library"),
    "category": _("Category"),
    "guardian": _("Card of a grown-up who acts for the child"),
    "kind": _("Kind of card"),
    "card": _("Number of the new card"),
    "document_seen": _("Document"),
    "reason": _("Reason"),
    "email": _("E-mail"),
}


def reader_page(
    context: ReaderPage,
    request: Request,
    sent: Mapping[str, Any] | None = None,
    errors: Mapping[str, Any] | None = None,
    *,
    meanwhile: bool = False,
) -> dict[str, Any]:
    """Return a reader as the desk sees them, with the forms; ``sent`` is what a form said.

    With ``meanwhile`` somebody else has changed the reader since it was opened: the page says what
    is otherwise now, and whoever saves from it has seen that.
    """
    reader, today = context.reader, request.clock.today()
    policy, libraries = request.find_service(ReaderPolicy), request.find_service(Libraries)
    guardians = request.find_service(Guardians)
    person = request.db.get(Person, reader.person_id) if reader.person_id else None
    home = libraries.by_id.get(reader.home_library_id)
    preliminary = reader.registration == Registration.PRELIMINARY
    of_age = not policy.needs_guardian(reader, today)
    return {
        **form(request, sent or known_of(request, reader), errors),
        "reader": reader,
        "version": version_of(reader) if meanwhile or not sent else sent.get("version", ""),
        "meanwhile": meanwhile,
        "otherwise": _otherwise(request, reader, sent) if sent and meanwhile else (),
        "url": request.address(context),
        "panels": show_panels(request, PAGE),
        "list_url": request.address(context.__parent__),
        "person": person,
        "home": home.name_in(request.language) if home else "",
        "age": age_on(reader.born, today) if reader.born else None,
        "category": policy.category_of(reader, today).title,
        "preliminary": preliminary,
        "over": reader.registered_until is not None and reader.registered_until < today,
        "renewed_until": policy.ends(reader, today),
        "cards": [
            {
                "id": card.id,
                "kind": KINDS[card.kind],
                "number": spaced(card.number),
                "counts": card.is_taken(today),
                "blocked": card.blocked,
                "why": why_not_taken(card),
            }
            for card in reader.cards
        ],
        "blocks": [(str(reason), title) for reason, title in BLOCKS.items()],
        "is_child": not of_age,
        "may_invite": request.find_service(AccountOpening).may_have_one(reader),
        "asked": {"email": "", "language": request.language},
        "languages": [LANGUAGES[tag] for tag in request.settings.languages],
        "guardians": guardians.of(reader),
        "children": guardians.children_of(reader.id),
        "needs_guardian": preliminary and not of_age,
        "born_required": preliminary or reader.born is not None,
        "refusals": [(str(reason), title) for reason, title in REFUSALS.items()],
    }


def changed_meanwhile(
    context: ReaderPage, request: Request, sent: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the page with all that was typed, and what somebody else has changed meanwhile."""
    request.response.status_int = 409
    return reader_page(context, request, sent, meanwhile=True)


def form(
    request: Request, values: Mapping[str, Any], errors: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Return what every form about a reader needs; nobody's particulars stay in a cache."""
    request.response.cache_control.no_store = True
    policy, libraries = request.find_service(ReaderPolicy), request.find_service(Libraries)
    return {
        "values": {name: _text(values.get(name)) for name in FIELDS},
        "errors": errors or {},
        "problems": problems_of(errors or {}, FIELDS),
        "today": request.clock.today().isoformat(),
        "libraries": [(one.code, one.name_in(request.language)) for one in libraries.all()],
        "categories": [one for one in policy.categories.values() if not one.has_ages],
        "kinds": [(str(kind), KINDS[kind]) for kind in GIVEN_OUT],
        "needs_guardian": False,
        "guardians": (),
        "born_required": True,
    }


def known_of(request: Request, reader: Reader) -> dict[str, str]:
    """Return what is known of a reader, as a form shows it."""
    home = request.find_service(Libraries).by_id.get(reader.home_library_id)
    return {
        "name": reader.name,
        "born": reader.born.isoformat() if reader.born else "",
        "phone": reader.phone,
        "address": reader.address,
        "home": home.code if home else "",
        "category": reader.category or "",
    }


def _otherwise(
    request: Request, reader: Reader, sent: Mapping[str, Any]
) -> list[tuple[Any, str, str]]:
    """Return each field that is not what was typed: its title, what it is now, what was typed."""
    now, libraries = known_of(request, reader), request.find_service(Libraries)
    categories = request.find_service(ReaderPolicy).categories

    def shown(name: str, value: str) -> str:
        if name == "home":
            library = libraries.find(value)
            return library.name_in(request.language) if library else value
        if name == "category":
            known = categories.get(value)
            return str(request.translate(known.title if known else _("By age")))
        if name == "born":
            day = read_day(value)
            return request.formats.date(day, "long") if day else value
        return value

    return [
        (FIELDS[name], shown(name, value), shown(name, _text(sent[name])))
        for name, value in now.items()
        if name in sent and clean(sent[name], name == "address") != value
    ]


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
