"""Readers in front of a desk: writing them down, their particulars, their term, their guardians."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pyramid.httpexceptions import HTTPSeeOther
from pyramid.request import Request
from pyramid.view import view_config

from bibliopolis.errors import InvalidInput
from bibliopolis.frame import flash
from bibliopolis.i18n import _
from bibliopolis.libraries.frame import my_library
from bibliopolis.parameters import row_id
from bibliopolis.resources.access import Permission

from .services import Guardians, Readers, Registering, SavedMeanwhile
from .staff_forms import changed_meanwhile, form, reader_page
from .staff_resources import ReaderPage, ReadersRoom


@view_config(
    context=ReadersRoom,
    name="register",
    permission=Permission.USE_DESK,
    request_method="GET",
    renderer="readers/staff_register.pt",
)
def show_register(context: ReadersRoom, request: Request) -> dict[str, Any]:
    """Show the form for somebody who has come with a document."""
    home = my_library(request)
    return _register_form(context, request, {"home": home.code if home else ""})


@view_config(
    context=ReadersRoom,
    name="register",
    permission=Permission.USE_DESK,
    request_method="POST",
    renderer="readers/staff_register.pt",
)
def register(context: ReadersRoom, request: Request) -> dict[str, Any] | HTTPSeeOther:
    """Write a reader down, unless they are one already, and give them a card."""
    sent, registering = dict(request.POST), request.find_service(Registering)
    readers = request.find_service(Readers)
    try:
        with request.db.begin_nested():
            particulars = registering.read(sent, born_required=True)
            twins = readers.same(particulars.name, particulars.born)
            if twins and not sent.get("somebody_else"):
                request.response.status_int = 400
                return _register_form(context, request, sent, known=twins)
            reader = registering.register(
                particulars,
                str(sent.get("card", "")),
                kind=str(sent.get("kind", "")),
                document_seen=bool(sent.get("document_seen")),
                category=str(sent.get("category", "")),
                guardian=readers.by_card(str(sent.get("guardian", ""))),
            )
    except InvalidInput as error:
        request.response.status_int = 400
        return _register_form(context, request, sent, error.errors)
    flash(request, _("The reader is registered."))
    return HTTPSeeOther(location=request.address(context, reader.uid))


@view_config(
    context=ReaderPage,
    name="change",
    permission=Permission.USE_DESK,
    request_method="GET",
    renderer="readers/staff_change.pt",
)
def show_change(context: ReaderPage, request: Request) -> dict[str, Any]:
    """Show what is known of a reader, to be changed."""
    return reader_page(context, request)


@view_config(
    context=ReaderPage,
    name="change",
    permission=Permission.USE_DESK,
    request_method="POST",
    renderer="readers/staff_change.pt",
)
def change(context: ReaderPage, request: Request) -> dict[str, Any] | HTTPSeeOther:
    """Change a telephone number, an address, a name that a document shows."""
    sent, reader = dict(request.POST), context.reader
    registering, readers = request.find_service(Registering), request.find_service(Readers)
    try:
        with request.db.begin_nested():
            registering.demand(reader, str(sent.get("version", "")))
            registering.change(
                reader,
                registering.read(sent, born_required=reader.born is not None),
                str(sent.get("category", "")),
            )
            registering.keep_guarded(reader, readers.by_card(str(sent.get("guardian", ""))))
    except SavedMeanwhile:
        return changed_meanwhile(context, request, sent)
    except InvalidInput as error:
        return _wrong(context, request, sent, error)
    flash(request, _("The particulars are changed."))
    return HTTPSeeOther(location=request.address(context))


@view_config(
    context=ReaderPage, name="renew", permission=Permission.USE_DESK, request_method="POST"
)
def renew(context: ReaderPage, request: Request) -> HTTPSeeOther:
    """Let the registration last again, counted from today."""
    request.find_service(Registering).renew(context.reader)
    until = request.formats.date(context.reader.registered_until, "long")
    flash(request, _("The registration holds until ${day}.", mapping={"day": until}))
    return HTTPSeeOther(location=request.address(context))


@view_config(
    context=ReaderPage,
    name="appoint-guardian",
    permission=Permission.USE_DESK,
    request_method="POST",
    renderer="readers/staff_reader.pt",
)
def appoint_guardian(context: ReaderPage, request: Request) -> dict[str, Any] | HTTPSeeOther:
    """Let another grown-up act for the child."""
    sent = dict(request.POST)
    guardian = request.find_service(Readers).by_card(str(sent.get("guardian", "")))
    try:
        request.find_service(Guardians).appoint(guardian, context.reader)
    except InvalidInput as error:
        return _wrong(context, request, sent, error)
    flash(request, _("The guardian is appointed."))
    return HTTPSeeOther(location=request.address(context))


@view_config(
    context=ReaderPage,
    name="dismiss-guardian",
    permission=Permission.USE_DESK,
    request_method="POST",
    renderer="readers/staff_reader.pt",
)
def dismiss_guardian(context: ReaderPage, request: Request) -> dict[str, Any] | HTTPSeeOther:
    """End that a grown-up acts for the child; somebody else has to."""
    sent = dict(request.POST)
    try:
        guardian_id = row_id(str(sent.get("guardian_id", ""))) or 0
        request.find_service(Guardians).dismiss(guardian_id, context.reader)
    except InvalidInput as error:
        return _wrong(context, request, {}, error)
    flash(request, _("The guardian acts for the child no more."), "info")
    return HTTPSeeOther(location=request.address(context))


def _register_form(
    context: ReadersRoom,
    request: Request,
    values: Mapping[str, Any],
    errors: Mapping[str, Any] | None = None,
    known: Any = (),
) -> dict[str, Any]:
    return {
        **form(request, values, errors),
        "url": request.address(context),
        "known": [(reader, request.address(context, reader.uid)) for reader in known],
        "confirmed": bool(values.get("somebody_else")),
        "needs_guardian": True,
    }


def _wrong(
    context: ReaderPage, request: Request, sent: Mapping[str, Any], error: InvalidInput
) -> dict[str, Any]:
    # What a refused change had begun is taken back; the page shows what is kept.
    request.db.refresh(context.reader)
    request.response.status_int = 400
    return reader_page(context, request, sent or None, error.errors)
