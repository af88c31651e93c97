"""A record to take along: ``@@export?format=ris`` and its kin."""

from __future__ import annotations

from pyramid.request import Request
from pyramid.response import Response
from pyramid.view import view_config

from bibliopolis.catalogue.exports import EXPORT, FORMATS
from bibliopolis.catalogue.exports.facts import Facts
from bibliopolis.catalogue.resources import RecordResource
from bibliopolis.catalogue.sources import leading_source
from bibliopolis.errors import InvalidInput
from bibliopolis.i18n import _
from bibliopolis.resources.access import Permission
from bibliopolis.robots import refuse_robots


@view_config(context=RecordResource, name=EXPORT, permission=Permission.VIEW, request_method="GET")
def export(context: RecordResource, request: Request) -> Response:
    """Answer the record in one of the formats, as a file."""
    refuse_robots(request)
    context.demand_presence()
    record = context.record
    wanted = FORMATS.get(request.GET.get("format", ""))
    if wanted is None:
        known = ", ".join(FORMATS)
        raise InvalidInput(
            _("There is no such format. Take one of: ${known}.", mapping={"known": known})
        )
    source = request.db.scalar(leading_source(record)) if wanted.from_source else None
    url = request.address(context, absolute=True)
    body = wanted.write(record, Facts.of(record, url, source))
    response = Response(body)
    response.headers["Content-Type"] = wanted.content_type
    name = wanted.file_name(record)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["X-Robots-Tag"] = "noindex"
    response.headers["Cache-Control"] = "private, no-cache"
    response.md5_etag()
    response.conditional_response = True
    return response
