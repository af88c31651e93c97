"""To cite a record and to find it again: ``@@cite`` and ``@@qr``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from markupsafe import Markup
from pyramid.request import Request
from pyramid.response import Response
from pyramid.view import view_config

from bibliopolis.catalogue.citing import citation
from bibliopolis.catalogue.exports import ways_to_export
from bibliopolis.catalogue.exports.facts import Facts
from bibliopolis.catalogue.labels import language_of
from bibliopolis.catalogue.resources import RecordResource
from bibliopolis.i18n import _
from bibliopolis.qr import qr_path
from bibliopolis.resources.access import Permission
from bibliopolis.robots import refuse_robots

CITE, QR = "cite", "qr"
A_DAY = 24 * 60 * 60
SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}"'
    ' shape-rendering="crispEdges">'
    '<path fill="#fff" d="M0 0h{size}v{size}H0z"/><path d="{path}"/></svg>'
)


@dataclass(frozen=True)
class Reference:
    """A record as one line of a bibliography, in a style."""

    style: str
    title: Any
    text: Markup


@view_config(
    context=RecordResource,
    name=CITE,
    permission=Permission.VIEW,
    request_method="GET",
    renderer="catalogue/cite.pt",
)
def cite(context: RecordResource, request: Request) -> dict[str, Any]:
    """Show a record as a reference in every style, its lasting address, and its formats."""
    refuse_robots(request)
    context.demand_presence()
    record = context.record
    path = request.address(context)
    return {
        "record": record,
        "title_lang": language_of(record.title, record.language),
        "references": references(context, request),
        "url": request.address(context, absolute=True),
        "path": path,
        "qr": f"{path}/@@{QR}",
        "exports": ways_to_export(path),
        "crumbs": [
            (_("Catalogue"), request.frame.search),
            (record.title, path),
            (_("Cite and take along"), None),
        ],
    }


@view_config(
    context=RecordResource,
    name=CITE,
    permission=Permission.VIEW,
    request_method="GET",
    accept="application/json",
    renderer="json",
)
def cite_as_json(context: RecordResource, request: Request) -> dict[str, Any]:
    """Answer the references; their type is marked as in HTML."""
    refuse_robots(request)
    context.demand_presence()
    found = references(context, request)
    return {
        "@id": f"{request.address(context, absolute=True)}/@@{CITE}",
        "@type": "citations",
        "items": [
            {
                "style": one.style,
                "title": request.translate(one.title),
                "text": one.text.striptags(),
                "html": str(one.text),
            }
            for one in found
        ],
        "items_total": len(found),
    }


@view_config(context=RecordResource, name=QR, permission=Permission.VIEW, request_method="GET")
def qr(context: RecordResource, request: Request) -> Response:
    """Draw the lasting address of a record as a QR code."""
    refuse_robots(request)
    context.demand_presence()
    path, size = qr_path(request.address(context, absolute=True))
    response = Response(SVG.format(path=path, size=size), content_type="image/svg+xml")
    response.cache_control = f"public, max-age={A_DAY}"
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def references(context: RecordResource, request: Request) -> list[Reference]:
    """Return the record as libraries describe it and as the styles of the world cite it."""
    # The processor takes a fifth of a second to load: only where somebody asks for a reference.
    from bibliopolis.catalogue.citation_styles import STYLES, cite

    facts = Facts.of(context.record, request.address(context, absolute=True))
    described = Reference(
        "isbd", _("Bibliographic description"), Markup.escape(citation(context.record))
    )
    return [described, *(Reference(one.key, one.title, cite(facts, one)) for one in STYLES)]
