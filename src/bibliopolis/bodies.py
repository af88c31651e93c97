"""The bodies that programs send: JSON objects, within limits, read the same way everywhere."""

from __future__ import annotations

import json
import re
from typing import Any

from pyramid.httpexceptions import HTTPRequestEntityTooLarge, HTTPUnsupportedMediaType
from pyramid.request import Request

from bibliopolis.errors import InvalidInput
from bibliopolis.i18n import _

JSON = "application/json"
HALF_A_LETTER = re.compile(rb"\\u[dD][89a-fA-F]")
"""How half of a pair of surrogates is written; alone it is no letter, and nothing can keep it."""
DEEPEST = 30
"""No form of ours is nested deeper: page, blocks, a block, its items, an item, its texts."""


def json_object(request: Request) -> dict[str, Any]:
    """Return the JSON object of the body; `InvalidInput` where it is none.

    Whether a body of another kind is refused is up to the caller: `demand_json` does.
    """
    limit = request.registry["bibliopolis.settings"].upload_limit
    # In base64 a file grows by a third; what stands beside it is small.
    if len(request.body) > limit * 4 // 3 + 1_000_000:
        raise HTTPRequestEntityTooLarge
    try:
        sent = json.loads(request.body.decode(request.charset or "utf-8"), parse_constant=_refuse)
    # What is nested without end, and charsets nobody knows, are as bad as bad syntax.
    except (ValueError, RecursionError, LookupError) as error:
        raise InvalidInput(_("The body is not valid JSON.")) from error
    if not isinstance(sent, dict):
        raise InvalidInput(_("The body must be a JSON object."))
    if _depth(sent) > DEEPEST:
        raise InvalidInput(_("The body is nested too deeply."))
    if HALF_A_LETTER.search(request.body) and not _is_text(sent):
        raise InvalidInput(_("The body is not valid JSON."))
    return sent


def demand_json(request: Request) -> dict[str, Any]:
    """Return the JSON object of the body, and refuse a body of any other kind.

    No body at all is an empty object: many steps need nothing to be said.
    """
    if not request.body:
        return {}
    if request.content_type != JSON:
        raise HTTPUnsupportedMediaType(headers={"Accept-Post": JSON, "Accept-Patch": JSON})
    return json_object(request)


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is no number of JSON")


def _is_text(sent: Any) -> bool:
    """Say whether all letters are whole, so that they can be kept."""
    try:
        json.dumps(sent, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False
    return True


def _depth(value: Any) -> int:
    """Return how deep a value is nested; level by level, as it may be deeper than our stack."""
    depth, level = 0, [value]
    while level and depth <= DEEPEST:
        depth += 1
        level = [
            inner
            for one in level
            if isinstance(one, dict | list)
            for inner in (one.values() if isinstance(one, dict) else one)
        ]
    return depth
