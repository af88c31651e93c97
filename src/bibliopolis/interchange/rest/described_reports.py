"""How programs read what a network counts of its circulation: refusals, and what-if reports."""

from __future__ import annotations

from typing import Any

from bibliopolis.resources.operations import Parameter

from .schemas import BATCH, MOMENT, NUMBER, OPTIONAL_TEXT, TEXT, listing, shape

DAY = {"type": "string", "format": "date"}
REFUSAL = shape(
    {
        "record": TEXT,
        "title": TEXT,
        "library": OPTIONAL_TEXT,
        "act": TEXT,
        "kind": OPTIONAL_TEXT,
        "reason": TEXT,
        "times": NUMBER,
        "avoided": NUMBER,
        "last": DAY,
    }
)
SUM = shape({"kind": OPTIONAL_TEXT, "times": NUMBER, "avoided": NUMBER})
REPORT = shape(
    {
        "@id": TEXT,
        "@type": {"const": "WhatIfReport"},
        "title": TEXT,
        "state": TEXT,
        "share": {"type": "number", "minimum": 0, "maximum": 1},
        "since": MOMENT,
        "until": MOMENT,
        "rules": TEXT,
        "runs": {
            "type": ["object", "null"],
            "description": "What was, the rules that count and the drafted ones, each in figures",
        },
    }
)


def describe_reports(tell: Any) -> None:
    """Describe them."""
    tell(
        "GET",
        "/{language}/staff/refusals",
        "What readers attempted in vain, counted without their names",
        view="bibliopolis.circulation.refusals.views.refusals_as_json",
        answer=listing(
            REFUSAL,
            **{
                "@type": {"const": "Refusals"},
                "days": NUMBER,
                "from": DAY,
                "to": DAY,
                "sums": {"type": "array", "items": SUM},
            },
        ),
        parameters=(
            Parameter("library", "The code of a library or of what stands above it", TEXT),
            Parameter("kind", "A kind of refusal", TEXT),
            Parameter("days", "Of how many days back", {"type": "integer", "minimum": 1}),
            Parameter("from", "Instead: from this day", DAY),
            Parameter("to", "To this day, today if not said", DAY),
            *BATCH,
        ),
        problems=(401, 403),
        tag="desk",
    )
    tell(
        "GET",
        "/{language}/staff/whatif/{report}",
        "A past time replayed under the rules that count and under drafted ones",
        view="bibliopolis.circulation.whatif.views.report_as_json",
        answer=REPORT,
        problems=(401, 403),
        tag="desk",
    )
