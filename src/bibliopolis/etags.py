"""Entity tags: a program need not read again what it has, nor overwrite what it has not seen.

The tag of an answer has two parts, ``"<version>-<digest>"``. The digest is that of the answer, so
the tag is a strong one and differs for everybody who sees something else. The version is that of
the resource alone: ``If-Match`` compares it, because who renames a neighbour changes what lists
show, and must not stand in the way of somebody who writes a text.
"""

from __future__ import annotations

import re
from hashlib import blake2b
from typing import Any

from pyramid.config import Configurator
from pyramid.events import NewResponse
from pyramid.request import Request

from bibliopolis.errors import SeenOlder
from bibliopolis.i18n import _

_STRONG = re.compile(r'(?:^|,)\s*"([^"]*)"')
JSON_KINDS = frozenset({"application/json", "application/schema+json"})


def hashed(*facts: Any) -> str:
    """Return a short name for a version that some facts make."""
    text = "\x1f".join("" if one is None else str(one) for one in facts)
    return blake2b(text.encode(), digest_size=8).hexdigest()


def tag_with(request: Request, version: str) -> None:
    """Say which version of its resource the answer shows."""
    request.environ["bibliopolis.version"] = version


def demand_match(request: Request, version: str) -> bool:
    """Refuse a change of what the program has not seen; say whether it named a version."""
    header = request.headers.get("If-Match")
    if header is None:
        return False
    if header.strip() != "*" and version not in {
        tag.partition("-")[0] for tag in _STRONG.findall(header)
    }:
        raise SeenOlder(_("It has been changed since you read it: read it again."))
    return True


def put_tag(event: NewResponse) -> None:
    """Tag every answer for programs; what the program has already is not sent again."""
    request, response = event.request, event.response
    if not 200 <= response.status_int < 300:
        return
    version = request.environ.get("bibliopolis.version")
    if request.method in ("GET", "HEAD"):
        if response.content_type not in JSON_KINDS:
            return
        digest = blake2b(response.body, digest_size=12).hexdigest()
        response.etag = f"{version}-{digest}" if version else digest
        response.conditional_response = True
    elif version:
        # The answer to a change is not what GET answers, but it is of the same version.
        response.etag = f"{version}-"


def includeme(config: Configurator) -> None:
    """Tag the answers."""
    config.add_subscriber(put_tag, NewResponse)
