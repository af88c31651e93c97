"""What a form or a program asks for with a new hold: one way for all of them."""

from __future__ import annotations

from pyramid.request import Request

from bibliopolis.bodies import JSON
from bibliopolis.errors import Conflict
from bibliopolis.i18n import _
from bibliopolis.libraries.services import Libraries
from bibliopolis.readers.services import Readers

from .change_views import wanted_day
from .family import whose
from .models import Hold
from .posted import posted, text, wanted_item
from .services import Deliveries, Holds


def place_wanted(request: Request, record_id: int) -> Hold:
    """Place the hold that was asked for; with an address it is brought there, or all is refused.

    A form says by a tick that it means the address: browsers fill in addresses by themselves.
    """
    sent = posted(request)
    library = request.find_service(Libraries, context=None).organisation(text(sent, "pickup"))
    reader_id = whose(request, text(sent, "reader"))
    deliveries = request.find_service(Deliveries, context=None)
    brought = "deliver" in sent or (request.content_type == JSON and "address" in sent)
    if brought and library is not None:
        reader = request.find_service(Readers, context=None).get(reader_id)
        against = deliveries.against_reader(reader, library)
        if against:
            raise Conflict(_("The hold cannot be placed."), against)
    # A savepoint: a hold that is not brought as it was asked for must not stay.
    with request.db.begin_nested():
        hold: Hold = request.find_service(Holds, context=None).place(
            record_id,
            reader_id,
            library.id if library else None,
            wanted_day(request, "need_by"),
            start=wanted_day(request, "start"),
            item_id=wanted_item(sent),
        )
        if brought:
            deliveries.deliver(hold.id, text(sent, "address"), text(sent, "note"))
    return hold
