"""Readers at the desk: who waits to have a registration finished, and finishing or refusing it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pyramid.httpexceptions import HTTPSeeOther
from pyramid.request import Request
from pyramid.view import view_config

from bibliopolis.accounts.models import Person
from bibliopolis.errors import InvalidInput
from bibliopolis.frame import flash
from bibliopolis.i18n import _
from bibliopolis.libraries.services import Libraries
from bibliopolis.parameters import offset, pager
from bibliopolis.parts import problems_of
from bibliopolis.resources.access import Permission

from .categories import ReaderPolicy, age_on
from .models import CardKind, Reader, Registration
from .numbers import spaced
from .services import REFUSALS, Guardians, Leaving, Readers, Registering
from .staff_resources import ReaderPage, ReadersRoom, libraries_of_work

PAGE = 50
KINDS: Mapping[str, Any] = {
    CardKind.LIBRARY: _("Library card"),
    CardKind.CITY: _("City card"),
    CardKind.SCHOOL: _("School card"),
    CardKind.TEMPORARY: _("Temporary number"),
}
GIVEN_OUT = (CardKind.LIBRARY, CardKind.CITY, CardKind.SCHOOL)
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
}


@view_config(
    context=ReadersRoom,
    name="",
    permission=Permission.USE_DESK,
    request_method="GET",
    renderer="readers/staff_readers.pt",
)
def show_readers(context: ReadersRoom, request: Request) -> dict[str, Any]:
    """List who waits, or all readers of one's libraries; a number or address finds anybody."""
    text, everybody = request.GET.get("q", "").strip(), bool(request.GET.get("all"))
    total, found = request.find_service(Readers).look_up(
        text,
        libraries_of_work(request),
        unfinished=not everybody,
        offset=offset(request, PAGE),
        limit=PAGE,
    )
    libraries, today = request.find_service(Libraries), request.clock.today()
    return {
        "readers": [
            {
                "name": reader.name,
                "url": request.address(context, reader.uid),
                "born": reader.born,
                "number": spaced(reader.card.number) if reader.card else None,
                "home": _home(libraries, reader, request.language),
                "preliminary": reader.registration == Registration.PRELIMINARY,
                "until": reader.registered_until,
                "over": reader.registered_until is not None and reader.registered_until < today,
            }
            for reader in found
        ],
        "total": total,
        "text": text,
        "everybody": everybody,
        "url": request.address(context),
        "pager": pager(request, total, PAGE),
    }


@view_config(
    context=ReaderPage,
    name="",
    permission=Permission.USE_DESK,
    request_method="GET",
    renderer="readers/staff_reader.pt",
)
def show_reader(context: ReaderPage, request: Request) -> dict[str, Any]:
    """Show what is known of a reader, and what a preliminary registration still needs."""
    return _page(context, request)


@view_config(
    context=ReaderPage,
    name="finish",
    permission=Permission.USE_DESK,
    request_method="POST",
    renderer="readers/staff_reader.pt",
)
def finish(context: ReaderPage, request: Request) -> dict[str, Any] | HTTPSeeOther:
    """Put right what the document says otherwise, give a card, and make the reader a full one."""
    sent, reader = dict(request.POST), context.reader
    registering, readers = request.find_service(Registering), request.find_service(Readers)
    try:
        with request.db.begin_nested():
            particulars = registering.read(sent, born_required=True)
            registering.change(reader, particulars, str(sent.get("category", "")))
            registering.finish(
                reader,
                str(sent.get("card", "")),
                kind=str(sent.get("kind", "")),
                document_seen=bool(sent.get("document_seen")),
                guardian=readers.by_card(str(sent.get("guardian", ""))),
            )
    except InvalidInput as error:
        request.db.refresh(reader)
        request.response.status_int = 400
        return _page(context, request, sent, error.errors)
    flash(request, _("The registration is finished."))
    return HTTPSeeOther(location=request.address(context))


@view_config(
    context=ReaderPage,
    name="refuse",
    permission=Permission.USE_DESK,
    request_method="POST",
    renderer="readers/staff_reader.pt",
)
def refuse(context: ReaderPage, request: Request) -> dict[str, Any] | HTTPSeeOther:
    """End a registration and tell the person why."""
    name = context.reader.name
    try:
        with request.db.begin_nested():
            request.find_service(Leaving).refuse(context.reader, request.POST.get("reason", ""))
    except InvalidInput as error:
        request.response.status_int = 400
        return _page(context, request, errors=error.errors)
    said = _("The registration of ${name} is refused and deleted.", mapping={"name": name})
    flash(request, said, "info")
    return HTTPSeeOther(location=request.address(context.__parent__))


def _page(
    context: ReaderPage,
    request: Request,
    sent: Mapping[str, Any] | None = None,
    errors: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    request.response.cache_control.no_store = True
    reader, today = context.reader, request.clock.today()
    policy, libraries = request.find_service(ReaderPolicy), request.find_service(Libraries)
    guardians = request.find_service(Guardians)
    person = request.db.get(Person, reader.person_id) if reader.person_id else None
    home = libraries.by_id.get(reader.home_library_id)
    values = sent or {
        "name": reader.name,
        "born": reader.born.isoformat() if reader.born else "",
        "phone": reader.phone,
        "address": reader.address,
        "home": home.code if home else "",
        "category": reader.category or "",
    }
    preliminary = reader.registration == Registration.PRELIMINARY
    return {
        "reader": reader,
        "url": request.address(context),
        "list_url": request.address(context.__parent__),
        "person": person,
        "home": home.name_in(request.language) if home else "",
        "age": age_on(reader.born, today) if reader.born else None,
        "category": policy.category_of(reader, today).title,
        "preliminary": preliminary,
        "over": reader.registered_until is not None and reader.registered_until < today,
        "cards": [
            {
                "kind": KINDS[card.kind],
                "number": spaced(card.number),
                "counts": card.is_taken(today),
            }
            for card in reader.cards
        ],
        "guardians": guardians.of(reader),
        "children": guardians.children_of(reader.id),
        "needs_guardian": preliminary and policy.needs_guardian(reader, today),
        "values": {name: _text(values.get(name)) for name in FIELDS},
        "errors": errors or {},
        "problems": problems_of(errors or {}, FIELDS),
        "today": today.isoformat(),
        "libraries": [(one.code, one.name_in(request.language)) for one in libraries.all()],
        "categories": [one for one in policy.categories.values() if not one.has_ages],
        "kinds": [(str(kind), KINDS[kind]) for kind in GIVEN_OUT],
        "refusals": [(str(reason), title) for reason, title in REFUSALS.items()],
    }


def _home(libraries: Libraries, reader: Reader, language: str) -> str:
    library = libraries.by_id.get(reader.home_library_id)
    return library.name_in(language) if library else ""


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
