"""How programs call what rooms answer at the addresses of their pages."""

from __future__ import annotations

from typing import Any

from pyramid.config import Configurator

from bibliopolis.resources.operations import Parameter
from bibliopolis.resources.rest import list_types, show_type

from .described_desk import describe_desk
from .described_reports import describe_reports
from .schemas import (
    BATCH,
    EXPAND,
    FLAG,
    MOMENT,
    NUMBER,
    OBJECT,
    OPTIONAL_TEXT,
    TEXT,
    VERSION,
    listing,
    ref,
    shape,
)

TOKEN = shape({"token": TEXT, "title": TEXT})
PLACE = shape({"@id": TEXT, "title": TEXT})
LIST_OF_TEXTS = {"type": ["array", "null"], "items": TEXT}
LIBRARY = shape(
    {
        "@id": TEXT,
        "@type": {"enum": ["library", "pickup_point"]},
        "UID": TEXT,
        "id": TEXT,
        "title": TEXT,
        "is_pickup_point": FLAG,
        "parent": OPTIONAL_TEXT,
        "access": LIST_OF_TEXTS,
        "open": {"type": ["boolean", "null"]},
    },
    closed=False,
)
OPENING = {
    "type": ["object", "null"],
    "description": "Told to its reader alone: the cell of the locker, and the code that opens it",
    "properties": {"cell": {"type": "integer"}, "code": TEXT, "until": MOMENT},
}
DAYS = {"type": ["integer", "null"]}
WAITING_TIME = {
    "anyOf": [
        {"type": "null"},
        shape(
            {
                "known": FLAG,
                "from_days": DAYS,
                "to_days": DAYS,
                "share": {"type": ["number", "null"]},
                "cases": NUMBER,
                "reason": OPTIONAL_TEXT,
                "message": TEXT,
                "basis": {
                    "anyOf": [
                        {"type": "null"},
                        shape({"organisation": TEXT, "item_type": OPTIONAL_TEXT}),
                    ]
                },
                "promised": {
                    "anyOf": [
                        {"type": "null"},
                        shape({"from_days": NUMBER, "to_days": NUMBER}),
                    ]
                },
            }
        ),
    ]
}
HOLD = shape(
    {
        "@id": TEXT,
        "@type": {"const": "hold"},
        "UID": TEXT,
        "title": TEXT,
        "description": TEXT,
        "review_state": TEXT,
        "review_state_title": TEXT,
        "record": PLACE,
        "pickup_library": PLACE,
        "item": {"type": ["object", "null"]},
        "position": {"type": ["integer", "null"]},
        "delivery": FLAG,
        "waiting_time": WAITING_TIME,
        "start": OPTIONAL_TEXT,
        "need_by": OPTIONAL_TEXT,
        "collect_by": OPTIONAL_TEXT,
        "cancel_requested": FLAG,
        "cause": OPTIONAL_TEXT,
        "suspended": FLAG,
        "suspend_from": OPTIONAL_TEXT,
        "suspended_until": OPTIONAL_TEXT,
        "created": MOMENT,
        "modified": MOMENT,
    },
    {"@components": OBJECT, "opening": OPENING, "alias": OPTIONAL_TEXT},
)
RECORD = shape(
    {
        "@id": TEXT,
        "@type": {"const": "record"},
        "id": TEXT,
        "UID": TEXT,
        "kind": TOKEN,
        "title": TEXT,
        "author": OPTIONAL_TEXT,
        "publisher": OPTIONAL_TEXT,
        "year": {"type": ["integer", "null"]},
        "languages": LIST_OF_TEXTS,
        "isbns": LIST_OF_TEXTS,
        "subjects": LIST_OF_TEXTS,
        "contributors": {"type": "array", "items": OBJECT},
        "created": MOMENT,
        "modified": MOMENT,
        "citations": TEXT,
        "editions": TEXT,
        "similar": TEXT,
        "exports": {
            "type": "array",
            "items": shape({"@id": TEXT, "format": TEXT, "title": TEXT, "media_type": TEXT}),
        },
        "copies_available": NUMBER,
        "items": {
            "type": "array",
            "items": shape(
                {
                    "@type": {"const": "copy"},
                    "id": NUMBER,
                    "library": TOKEN,
                    "shelf_mark": OPTIONAL_TEXT,
                    "location": OPTIONAL_TEXT,
                    "status": TOKEN,
                    "available": FLAG,
                }
            ),
        },
        "items_total": NUMBER,
    },
    {"batching": ref("Batching")},
    closed=False,
)
FOUND = shape(
    {"@id": TEXT, "@type": TEXT, "title": TEXT, "description": TEXT, "language": TEXT},
    closed=False,
)
ACCOUNT = shape(
    {
        "@id": TEXT,
        "@type": {"const": "Account"},
        "fullname": TEXT,
        "email": TEXT,
        "language": TEXT,
        "roles": {"type": "array", "items": shape({"role": TEXT, "scope": TEXT})},
    },
    closed=False,
)
TYPES = {
    "type": "array",
    "items": shape({"@id": TEXT, "id": TEXT, "title": TEXT, "addable": FLAG}),
}
LIBRARY_FILTERS = (
    Parameter("q", "Parts of a name, an address or a system", TEXT),
    Parameter("kind", "`library` or `pickup_point`", TEXT),
    Parameter("system", "The code of an organisation above", TEXT),
    Parameter("open", "Anything: only what is open now", TEXT),
    Parameter("step_free", "Anything: only what has a step-free entrance", TEXT),
    Parameter("near", "`latitude,longitude`: the nearest first, with `distance` in km", TEXT),
)
SCHEMAS = {"Hold": HOLD, "Library": LIBRARY, "Record": RECORD}
WANTED_HOLD: dict[str, Any] = {
    "type": "object",
    "properties": {
        "record": {"type": "integer", "minimum": 1},
        "pickup": {"type": "string", "maxLength": 40},
        "reader": {"type": "string", "maxLength": 40},
        "start": {"type": "string", "format": "date", "description": "It is wanted from then on"},
        "need_by": {"type": "string", "format": "date"},
        "item": {"type": "integer", "minimum": 1, "description": "The one copy that will do"},
        "address": {
            "type": "string",
            "maxLength": 500,
            "description": "It is brought there",
        },
        "note": {"type": "string", "maxLength": 500, "description": "For the courier"},
    },
    "required": ["record", "pickup"],
}
COMMENT: dict[str, Any] = {"type": "object", "properties": {"comment": {"type": "string"}}}


def includeme(config: Configurator) -> None:
    """Describe the views of the rooms below."""
    tell = config.describe_operation
    page: dict[str, Any] = {"answer": ref("Page"), "parameters": (VERSION, EXPAND, *BATCH)}
    content = "bibliopolis.content.views.public"
    front = {**page, "answer": ref("FrontPage")}
    tell("GET", "/{language}", "The front page", view=f"{content}.front_json", **front)
    tell(
        "GET",
        "/{language}/{path}",
        "A page",
        view=f"{content}.page_as_json",
        problems=(403, 410),
        **page,
    )
    tell(
        "GET",
        "/{language}/@types",
        "The types of the site",
        view=list_types,
        answer=TYPES,
        problems=(401, 403),
        tag="types",
    )
    tell(
        "GET",
        "/{language}/@types/{type}",
        "The JSON Schema of a type",
        view=show_type,
        answer=OBJECT,
        media_type="application/schema+json",
        problems=(401, 403),
        tag="types",
    )
    _of_libraries(tell)
    _of_readers(tell)
    describe_desk(tell)
    describe_reports(tell)


def _of_libraries(tell: Any) -> None:
    tell(
        "GET",
        "/{language}/catalogue",
        "Search, as the search page does",
        view="bibliopolis.catalogue.search_views.search_as_json",
        answer=shape(
            {
                "@id": TEXT,
                "@type": {"const": "search"},
                "title": TEXT,
                "items": {"type": "array", "items": FOUND},
                "items_total": NUMBER,
            },
            closed=False,
        ),
        parameters=BATCH,
        tag="search",
    )
    tell(
        "GET",
        "/{language}/catalogue/{record}",
        "A record and its copies",
        view="bibliopolis.catalogue.views.record_as_json",
        answer=ref("Record"),
        parameters=BATCH,
        problems=(410,),
        tag="catalogue",
    )
    tell(
        "GET",
        "/{language}/catalogue/{record}/@@cite",
        "A record as references in several styles",
        view="bibliopolis.catalogue.citing_views.cite_as_json",
        answer=listing(
            shape({"style": TEXT, "title": TEXT, "text": TEXT, "html": TEXT}),
            **{"@type": {"const": "citations"}},
        ),
        problems=(410,),
        tag="catalogue",
    )
    beside = "bibliopolis.catalogue.beside_views"
    for name, said, parameters in (
        ("editions", "Other editions of the work", BATCH),
        ("similar", "Records that are most like it", ()),
    ):
        tell(
            "GET",
            f"/{{language}}/catalogue/{{record}}/@@{name}",
            said,
            view=f"{beside}.{name}_as_json",
            answer=listing(FOUND, **{"@type": {"const": name}}),
            parameters=parameters,
            problems=(410,),
            tag="catalogue",
        )
    views = "bibliopolis.libraries.views"
    tell(
        "GET",
        "/{language}/libraries",
        "The libraries and their lockers, those that fit",
        view=f"{views}.libraries_as_json",
        answer=listing(ref("Library"), **{"@type": {"const": "Libraries"}}),
        parameters=(*LIBRARY_FILTERS, *BATCH),
        tag="libraries",
    )
    tell(
        "GET",
        "/{language}/libraries/{library}",
        "A library",
        view=f"{views}.show_library_as_json",
        answer=ref("Library"),
        tag="libraries",
    )


def _of_readers(tell: Any) -> None:
    tell(
        "GET",
        "/{language}/account",
        "Who the program acts for",
        view="bibliopolis.accounts.views.account_as_json",
        answer=ACCOUNT,
        problems=(401, 403),
        tag="account",
    )
    views = "bibliopolis.circulation.views"
    tell(
        "GET",
        "/{language}/account/holds",
        "One's holds that are open",
        view="bibliopolis.circulation.own_views.holds_as_json",
        answer=listing(ref("Hold"), **{"@type": {"const": "Holds"}}),
        parameters=(Parameter("reader", "The UID of a child one acts for", TEXT), *BATCH),
        problems=(401, 403),
        tag="holds",
    )
    tell(
        "POST",
        "/{language}/account/holds",
        "Place a hold",
        view=f"{views}.place_hold_by_program",
        answer=ref("Hold"),
        status=201,
        body=WANTED_HOLD,
        problems=(401, 403, 409, 410),
        tag="holds",
    )
    tell(
        "GET",
        "/{language}/catalogue/{record}/permit",
        "Whether a hold could be placed, or every reason why not",
        view=f"{views}.ask_for_permit",
        answer=shape(
            {
                "@id": TEXT,
                "@type": {"const": "Permit"},
                "allowed": FLAG,
                "position": NUMBER,
                "copies": NUMBER,
                "waiting_time": WAITING_TIME,
            },
            {"blocks": {"type": "array", "items": ref("WhyNot")}},
        ),
        parameters=(
            Parameter("pickup", "The code of the place where it is collected", TEXT),
            Parameter("reader", "The UID of a child one acts for", TEXT),
            Parameter("item", "The one copy that will do, by its id", NUMBER),
        ),
        problems=(401, 403, 404, 410),
        tag="holds",
    )
    tell(
        "GET",
        "/{language}/account/holds/{hold}",
        "A hold",
        view=f"{views}.hold_as_json",
        answer=ref("Hold"),
        problems=(401, 403),
        tag="holds",
    )
    tell(
        "POST",
        "/{language}/account/holds/{hold}/cancel",
        "Cancel a hold",
        view=f"{views}.cancel_hold_by_program",
        answer=ref("Hold"),
        body=COMMENT,
        problems=(401, 403, 409),
        tag="holds",
    )
