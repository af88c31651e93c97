"""Readers at the desk: who waits to have a registration finished, and finishing or refusing it."""

from __future__ import annotations

from typing import Any

from pyramid.httpexceptions import HTTPSeeOther
from pyramid.request import Request
from pyramid.view import view_config

from bibliopolis.errors import InvalidInput
from bibliopolis.frame import flash
from bibliopolis.i18n import _
from bibliopolis.libraries.services import Libraries
from bibliopolis.parameters import offset, pager
from bibliopolis.resources.access import Permission

from .models import Reader, Registration
from .numbers import spaced
from .services import Leaving, Readers, Registering, SavedMeanwhile
from .staff_forms import changed_meanwhile, reader_page
from .staff_resources import ReaderPage, ReadersRoom, libraries_of_work

PAGE = 50


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
    return reader_page(context, request)


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
            registering.demand(reader, str(sent.get("version", "")))
            particulars = registering.read(sent, born_required=True)
            registering.change(reader, particulars, str(sent.get("category", "")))
            registering.finish(
                reader,
                str(sent.get("card", "")),
                kind=str(sent.get("kind", "")),
                document_seen=bool(sent.get("document_seen")),
                guardian=readers.by_card(str(sent.get("guardian", ""))),
            )
    except SavedMeanwhile:
        return changed_meanwhile(context, request, sent)
    except InvalidInput as error:
        request.db.refresh(reader)
        request.response.status_int = 400
        return reader_page(context, request, sent, error.errors)
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
        return reader_page(context, request, errors=error.errors)
    said = _("The registration of ${name} is refused and deleted.", mapping={"name": name})
    flash(request, said, "info")
    return HTTPSeeOther(location=request.address(context.__parent__))


def _home(libraries: Libraries, reader: Reader, language: str) -> str:
    library = libraries.by_id.get(reader.home_library_id)
    return library.name_in(language) if library else ""
