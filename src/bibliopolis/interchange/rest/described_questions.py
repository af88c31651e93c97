"""How programs read questions to the libraries: what can be asked, one's own, the queue."""

from __future__ import annotations

from typing import Any

from pyramid.config import Configurator

from bibliopolis.consultations.services import Show
from bibliopolis.resources.operations import Parameter

from .schemas import BATCH, FLAG, MOMENT, NUMBER, OPTIONAL_TEXT, TEXT, listing, ref, shape

OPTIONAL_MOMENT = {"type": ["string", "null"], "format": "date-time"}
TOPIC = shape(
    {
        "@id": TEXT,
        "@type": {"const": "topic"},
        "title": TEXT,
        "description": TEXT,
        "languages": {"type": "array", "items": TEXT},
        "is_open": FLAG,
        "left_today": {"type": ["integer", "null"]},
        "reopens": OPTIONAL_MOMENT,
    }
)
ENQUIRY: dict[str, Any] = {
    "@id": TEXT,
    "@type": {"const": "enquiry"},
    "UID": TEXT,
    "title": TEXT,
    "description": TEXT,
    "review_state": TEXT,
    "review_state_title": TEXT,
    "topic": TEXT,
    "language": TEXT,
    "due": OPTIONAL_MOMENT,
    "created": MOMENT,
    "modified": MOMENT,
}
FILE = shape({"@id": TEXT, "filename": TEXT, "content-type": TEXT, "size": NUMBER})
MESSAGE = shape(
    {
        "@type": {"const": "enquiry_message"},
        "kind": TEXT,
        "author": TEXT,
        "text": TEXT,
        "rule": OPTIONAL_TEXT,
        "created": MOMENT,
        "files": {"type": "array", "items": FILE},
    }
)
THREAD: dict[str, Any] = {
    "messages": {"type": "array", "items": ref("EnquiryMessage")},
    "messages_total": NUMBER,
}
BATCHED = {"batching": ref("Batching")}
CONSULTANT: dict[str, Any] = {"consultant": OPTIONAL_TEXT}
SCHEMAS = {"Enquiry": shape(ENQUIRY), "EnquiryMessage": MESSAGE}
QUEUE = (
    Parameter(
        "show", "A part of the queue", {"type": "string", "enum": [str(one) for one in Show]}
    ),
    Parameter("q", "Words of the question", {"type": "string", "maxLength": 200}),
    Parameter("topic", "The number of a topic", {"type": "integer", "minimum": 1}),
    Parameter("language", "The language of the answer", TEXT),
    *BATCH,
)


def includeme(config: Configurator) -> None:
    """Describe the views of consultations."""
    tell, room = config.describe_operation, "bibliopolis.consultations"
    mine: dict[str, Any] = {"problems": (401, 403), "tag": "questions"}
    thread = {**mine, "view": f"{room}.account_views.thread_as_json"}
    thread |= {"answer": shape({**ENQUIRY, **THREAD}, BATCHED), "parameters": BATCH}
    tell(
        "GET",
        "/{language}/ask",
        "What can be asked about, and what is left of today's quotas",
        view=f"{room}.views.topics_as_json",
        answer=listing(TOPIC, **{"@type": {"const": "Topics"}}),
        tag="questions",
    )
    tell(
        "GET",
        "/{language}/account/enquiries",
        "One's own questions, the newest first",
        view=f"{room}.account_views.my_enquiries_as_json",
        answer=listing(ref("Enquiry"), **{"@type": {"const": "Enquiries"}}),
        parameters=BATCH,
        **mine,
    )
    tell("GET", "/{language}/account/enquiries/{enquiry}", "One's own question", **thread)
    tell("GET", "/{language}/ask/question/{ticket}", "The question of a letter", **thread)
    tell(
        "GET",
        "/{language}/staff/enquiries",
        "The questions one has to do with as a consultant, what is due first at the top",
        view=f"{room}.staff_json.queue_as_json",
        answer=listing(shape({**ENQUIRY, **CONSULTANT}), **{"@type": {"const": "EnquiryQueue"}}),
        parameters=QUEUE,
        **mine,
    )
    tell(
        "GET",
        "/{language}/staff/enquiries/{question}",
        "A question, with the notes of consultants",
        view=f"{room}.staff_json.staff_thread_as_json",
        answer=shape({**ENQUIRY, **CONSULTANT, **THREAD}, BATCHED),
        parameters=BATCH,
        **mine,
    )
