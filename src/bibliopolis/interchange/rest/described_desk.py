"""How programs call what a desk answers: its lists, its scans, its rounds, its rules."""

from __future__ import annotations

from typing import Any

from bibliopolis.resources.operations import Parameter

from .schemas import BATCH, FLAG, OPTIONAL_TEXT, TEXT, listing, shape

DAY: dict[str, Any] = {"type": ["string", "null"], "format": "date"}
SCAN: dict[str, Any] = {
    "type": "object",
    "properties": {
        "code": {"type": "string", "description": "The barcode of a copy"},
        "item": {"type": "integer", "description": "A copy, where several have the barcode"},
        "card": {"type": "string", "description": "The card of the reader who borrows"},
        "mode": {"type": "string"},
    },
}
TO_FETCH = shape(
    {
        "@type": {"const": "hold_target"},
        "alias": TEXT,
        "title": TEXT,
        "barcode": OPTIONAL_TEXT,
        "location": OPTIONAL_TEXT,
        "shelf_mark": OPTIONAL_TEXT,
        "found": {"type": ["string", "null"], "format": "date-time"},
        "hold": TEXT,
        "pickup_library": TEXT,
        "record": TEXT,
    }
)
TO_BRING = shape(
    {
        "@type": {"const": "delivery"},
        "hold": TEXT,
        "id": {"type": "integer"},
        "review_state": TEXT,
        "alias": TEXT,
        "title": TEXT,
        "barcode": OPTIONAL_TEXT,
        "reader": TEXT,
        "phone": TEXT,
        "address": TEXT,
        "note": TEXT,
        "tries": {"type": "integer"},
    }
)
ON_SHELF = shape(
    {
        "@type": {"const": "hold"},
        "hold": TEXT,
        "id": {"type": "integer"},
        "alias": TEXT,
        "title": TEXT,
        "barcode": OPTIONAL_TEXT,
        "reader": TEXT,
        "pickup_library": TEXT,
        "cell": {"type": ["integer", "null"]},
        "collect_by": DAY,
        "record": TEXT,
    }
)
SLIP = shape(
    {
        "@id": TEXT,
        "@type": {"const": "Slip"},
        "alias": OPTIONAL_TEXT,
        "title": TEXT,
        "barcode": OPTIONAL_TEXT,
        "from": OPTIONAL_TEXT,
        "to": OPTIONAL_TEXT,
        "pickup_library": OPTIONAL_TEXT,
        "delivery": FLAG,
        "cell": {"type": ["integer", "null"]},
        "collect_by": DAY,
    }
)
ROUND_STEP: dict[str, Any] = {
    "type": "object",
    "properties": {
        "step": {"type": "string", "enum": ["hand_over", "delivered", "not_met"]},
        "hold": {"type": "integer", "description": "The id of the hold"},
        "code": {"type": "string", "description": "Or the barcode of the copy"},
    },
    "required": ["step"],
}
COUNTING_RULE: dict[str, Any] = shape(
    {"name": TEXT, "value": {}, "inherited": FLAG},
    {"rule": {"type": ["object", "null"]}},
)


def describe_desk(tell: Any) -> None:
    """Describe what programs ask of a desk, and tell it."""
    tell(
        "GET",
        "/{language}/desk/{library}/pull",
        "What is to be found on the shelves of a library",
        view="bibliopolis.circulation.lists_views.pull_list_as_json",
        answer=listing(TO_FETCH, **{"@type": {"const": "PullList"}}),
        parameters=BATCH,
        problems=(401, 403),
        tag="desk",
    )
    tell(
        "GET",
        "/{language}/desk/{library}/shelf",
        "What waits for readers on the hold shelf and in the lockers of a library",
        view="bibliopolis.circulation.lists_views.shelf_as_json",
        answer=listing(ON_SHELF, **{"@type": {"const": "HoldShelf"}}),
        parameters=(*BATCH, Parameter("alias", "What the slip of one of them says", TEXT)),
        problems=(401, 403),
        tag="desk",
    )
    tell(
        "GET",
        "/{language}/desk/{library}/slip",
        "What is laid into a copy that waits or travels; no reader is named",
        view="bibliopolis.circulation.slip_views.slip_as_json",
        answer=SLIP,
        parameters=(Parameter("item", "The id of the copy", {"type": "integer"}),),
        problems=(401, 403),
        tag="desk",
    )
    tell(
        "GET",
        "/{language}/desk/{library}/rounds",
        "What a library brings home to its readers",
        view="bibliopolis.circulation.delivery_views.rounds_as_json",
        answer=listing(
            TO_BRING,
            **{
                "@type": {"const": "DeliveryRound"},
                "date": DAY,
                "most": {"type": ["integer", "null"]},
            },
        ),
        parameters=BATCH,
        problems=(401, 403),
        tag="desk",
    )
    tell(
        "POST",
        "/{language}/desk/{library}/round-step",
        "Hand a book over to the courier, or note that it was delivered or nobody was met",
        view="bibliopolis.circulation.delivery_views.take_step_of_round_by_program",
        answer=shape({"@id": TEXT, "@type": {"const": "hold"}, "UID": TEXT, "review_state": TEXT}),
        body=ROUND_STEP,
        problems=(401, 403, 409),
        tag="desk",
    )
    tell(
        "GET",
        "/{language}/staff/libraries/{library}/rules",
        "Which rules of circulation count at a library, and which of them decided",
        view="bibliopolis.circulation.rules_views.rules_as_json",
        answer=shape(
            {
                "@id": TEXT,
                "@type": {"const": "CirculationRules"},
                "category": OPTIONAL_TEXT,
                "item_type": OPTIONAL_TEXT,
                "items": {"type": "array", "items": COUNTING_RULE},
            }
        ),
        parameters=(
            Parameter("category", "A category of readers", TEXT),
            Parameter("item_type", "An item type", TEXT),
        ),
        problems=(401, 403),
        tag="desk",
    )
    tell(
        "POST",
        "/{language}/desk/{library}/scan",
        "Scan a copy: hand it out, take it back, put it on the hold shelf",
        view="bibliopolis.circulation.desk_views.scan_by_program",
        answer=shape({"@id": TEXT, "@type": {"const": "Outcome"}, "outcome": TEXT}, closed=False),
        body=SCAN,
        problems=(401, 403, 409, 429),
        tag="desk",
    )
