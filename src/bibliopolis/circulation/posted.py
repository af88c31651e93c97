"""What a POST says, whether it came from a form or as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pyramid.httpexceptions import HTTPUnsupportedMediaType
from pyramid.request import Request

from bibliopolis.bodies import JSON, json_object
from bibliopolis.parameters import row_id

FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


def posted(request: Request) -> Mapping[str, Any]:
    """Return the fields sent; a program may send a JSON object instead of a form."""
    if request.content_type == JSON:
        return json_object(request)
    if request.body and request.content_type not in FORMS:
        raise HTTPUnsupportedMediaType(headers={"Accept-Post": ", ".join((JSON, *FORMS))})
    return request.POST


def number(sent: Mapping[str, Any], name: str) -> int:
    """Return a field that is the id of something; 0, which is nobody's, where it is no number."""
    return row_id(sent.get(name, "")) or 0


def wanted_item(sent: Mapping[str, Any]) -> int | None:
    """Return the copy that must be this very one; None where none is named.

    What can be the id of nothing is 0, a copy that no title has.
    """
    named = sent.get("item")
    return None if named in (None, "") else row_id(named) or 0


def text(sent: Mapping[str, Any], name: str) -> str:
    """Return a field as text without space around it."""
    value = sent.get(name)
    if not isinstance(value, str):
        return ""
    # JSON can spell what no database stores: NUL and halves of characters.
    return value.replace("\0", "").encode(errors="ignore").decode().strip()
