"""How programs call what circulation answers about loans."""

from __future__ import annotations

from typing import Any

from pyramid.config import Configurator

from bibliopolis.resources.operations import Parameter

from .schemas import BATCH, FLAG, MOMENT, NUMBER, TEXT, listing, ref, shape

DAY = {"type": "string", "format": "date"}
TEXTS = {"type": "array", "items": TEXT}
PLACE = shape({"@id": TEXT, "title": TEXT})
LOAN = {
    "@id": TEXT,
    "@type": {"const": "loan"},
    "UID": TEXT,
    "title": TEXT,
    "review_state": TEXT,
    "review_state_title": TEXT,
    "record": PLACE,
    "barcode": TEXT,
    "library": PLACE,
    "created": MOMENT,
    "due": DAY,
    "overdue": FLAG,
    "renewals": NUMBER,
}
RENEWAL = {"renewal": shape({"possible": FLAG, "due": DAY, "reasons": TEXTS})}
SCHEMAS = {"Loan": shape(LOAN, RENEWAL)}
CLOSING = shape(
    {
        "@id": TEXT,
        "@type": {"const": "EmergencyClosing"},
        "UID": TEXT,
        "id": NUMBER,
        "library": TEXT,
        "first": DAY,
        "last": DAY,
        "with_below": FLAG,
        "reason": TEXT,
        "state": TEXT,
        "to_move": NUMBER,
        "moved_loans": NUMBER,
        "moved_holds": NUMBER,
    }
)
READER: dict[str, Any] = {
    "type": "object",
    "properties": {"reader": {"type": "string", "maxLength": 40}},
}
SHOW = Parameter(
    "show", "Which part of the list", {"enum": ["overdue", "claimed", "lost"], "type": "string"}
)


def includeme(config: Configurator) -> None:
    """Describe them."""
    tell, room = config.describe_operation, "bibliopolis.circulation"
    tell(
        "GET",
        "/{language}/staff/libraries/{library}/emergency",
        "When a library had to close, and how far moving the dates is",
        view=f"{room}.emergency.views.closings_as_json",
        answer=listing(CLOSING, **{"@type": {"const": "EmergencyClosings"}}),
        parameters=BATCH,
        problems=(401, 403),
        tag="desk",
    )
    mine: dict[str, Any] = {"problems": (401, 403), "tag": "loans"}
    tell(
        "GET",
        "/{language}/account/loans",
        "What one has on loan, and what a renewal would bring",
        view=f"{room}.own_views.loans_as_json",
        answer=listing(ref("Loan"), **{"@type": {"const": "Loans"}}),
        parameters=(Parameter("reader", "The UID of a child one acts for", TEXT),),
        **mine,
    )
    answered = shape({**LOAN, "renewed": FLAG, "reasons": TEXTS}, RENEWAL)
    items = {"type": "array", "items": answered}
    tell(
        "POST",
        "/{language}/account/loans/renew-all",
        "Renew all that can be, one's own and those of the children one acts for",
        view=f"{room}.loan_views.renew_all_by_program",
        answer=shape({"@id": TEXT, "@type": {"const": "Renewals"}, "items": items}),
        body=READER,
        **mine,
    )
    tell(
        "GET",
        "/{language}/account/loans/{loan}",
        "A loan",
        view=f"{room}.loan_views.loan_as_json",
        answer=ref("Loan"),
        **mine,
    )
    tell(
        "POST",
        "/{language}/account/loans/{loan}/renew",
        "Renew a loan",
        view=f"{room}.loan_views.renew_by_program",
        answer=ref("Loan"),
        problems=(401, 403, 409),
        tag="loans",
    )
    tell(
        "GET",
        "/{language}/desk/{library}/not-returned",
        "What is overdue at a library, said to be returned, or lost",
        view=f"{room}.loan_desk_views.not_returned_as_json",
        answer=listing(
            shape({**LOAN, "reader": TEXT}, RENEWAL), **{"@type": {"const": "NotReturned"}}
        ),
        parameters=(SHOW, *BATCH),
        problems=(401, 403),
        tag="desk",
    )
