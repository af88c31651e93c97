"""What programs send about questions: the shapes of the bodies, and how they are read."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Iterator, Mapping
from io import BytesIO
from typing import Any, BinaryIO

from pyramid.request import Request

from bibliopolis.bodies import demand_json
from bibliopolis.consultations.forms import (
    LONGEST_ANSWER,
    LONGEST_LINE,
    LONGEST_QUESTION,
    UID,
    long_text,
)
from bibliopolis.consultations.models import Topic
from bibliopolis.consultations.rules import RULES
from bibliopolis.consultations.services import Attachments, Topics
from bibliopolis.consultations.services.attachments import Checked
from bibliopolis.errors import InvalidInput
from bibliopolis.i18n import _
from bibliopolis.libraries.forms import Reading
from bibliopolis.resources.exact import problems_of

FILE: dict[str, Any] = {
    "type": "object",
    "properties": {
        "filename": {"type": "string", "maxLength": 200},
        "data": {"type": "string"},
        "encoding": {"type": "string", "enum": ["base64"]},
        "content-type": {"type": "string"},
    },
    "required": ["filename", "data"],
    "additionalProperties": False,
}
ONCE = {
    "type": "string",
    "maxLength": 32,
    "description": "32 hexadecimal digits of your own: what is sent again with them counts once",
}
MESSAGE: dict[str, Any] = {
    "text": {"type": "string", "maxLength": LONGEST_ANSWER},
    "files": {"type": "array", "items": FILE},
    "once": ONCE,
}
NOTE: dict[str, Any] = {
    "type": "object",
    "properties": MESSAGE,
    "required": ["text"],
    "additionalProperties": False,
}
QUESTION: dict[str, Any] = {
    "type": "object",
    "properties": {
        **MESSAGE,
        "text": {"type": "string", "maxLength": LONGEST_QUESTION},
        "language": {"type": "string", "maxLength": 20},
        "name": {"type": "string", "maxLength": LONGEST_LINE},
        "fields": {
            "type": "object",
            "description": "What the topic asks besides, by the names of its fields",
        },
    },
    "required": ["text"],
    "additionalProperties": False,
}
OF_ASKER: dict[str, Any] = {
    "type": "object",
    "properties": {
        **MESSAGE,
        "text": {"type": "string", "maxLength": LONGEST_QUESTION},
        "comment": {"type": "string", "maxLength": 5000},
    },
    "additionalProperties": False,
}
OF_CONSULTANT: dict[str, Any] = {
    "type": "object",
    "properties": {
        **MESSAGE,
        "comment": {"type": "string", "maxLength": 5000},
        "rule": {"type": "string", "enum": list(RULES)},
        "consultant": {"type": "integer", "minimum": 1, "maximum": 2**31 - 1},
        "topic": {"type": "string", "maxLength": 40},
    },
    "additionalProperties": False,
}


def read_body(request: Request, schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was sent, if it is of the kind its schema says."""
    sent = demand_json(request)
    wrong = dict(problems_of(schema, sent))
    if "once" in sent and "once" not in wrong and not UID.fullmatch(sent["once"]):
        wrong["once"] = _("These must be 32 hexadecimal digits in small letters.")
    if wrong:
        raise InvalidInput(_("Some fields need mending."), wrong)
    return sent


def text_of(sent: Mapping[str, Any], name: str = "text") -> str:
    """Return a text as a form would have sent it; JSON can spell what no database stores."""
    plain = str(sent.get(name, "")).replace("\0", "").encode(errors="ignore").decode()
    return long_text(Reading({name: plain}), name, LONGEST_ANSWER)


def topic_id_of(request: Request, sent: Mapping[str, Any]) -> int | None:
    """Return the id of the topic that is named by its code, if one is."""
    if "topic" not in sent:
        return None
    topic = request.find_service(Topics).by_code(sent["topic"])
    if topic is None:
        raise InvalidInput(
            _("Some fields need mending."), {"topic": _("There is no such topic here.")}
        )
    return topic.id


def further_fields(topic: Topic, fields: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Return what a topic asks besides, by the names of its form."""
    known = {one["name"] for one in topic.fields}
    for name, value in fields.items():
        if name not in known:
            reason = _("There is no such field.")
        elif not isinstance(value, str | bool):
            reason = _("This must be text.")
        else:
            yield f"extra_{name}", value
            continue
        raise InvalidInput(_("Some fields need mending."), {f"fields.{name[:60]}": reason})


def files_of(request: Request, sent: Mapping[str, Any]) -> list[Checked]:
    """Return the files of a message, looked at as those of a form are."""
    streams: list[tuple[str, BinaryIO]] = []
    for number, one in enumerate(sent.get("files", ())):
        try:
            content = b64decode(one["data"], validate=True)
        except ValueError as error:
            reason = _("The data of a file is written in base64.")
            raise InvalidInput(
                _("Some fields need mending."), {f"files.{number}.data": reason}
            ) from error
        streams.append((one["filename"], BytesIO(content)))
    try:
        return request.find_service(Attachments).check(streams)
    except InvalidInput as error:
        raise InvalidInput(_("Some fields need mending."), {"files": error.reason}) from error
