"""Slugs: the last part of a page's address, in plain letters whatever the title is written in."""

from __future__ import annotations

import re
import unicodedata

import iuliia

MAX_LENGTH = 100
_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*\Z")
_OTHER = re.compile(r"[^a-z0-9]+")


def is_slug(text: str) -> bool:
    """Say whether the text can be part of an address: small Latin letters, digits, hyphens."""
    return len(text) <= MAX_LENGTH and bool(_SLUG.match(text))


def slug_of(title: str, otherwise: str) -> str:
    """Return a slug made from a title; a script that cannot be transliterated gives another."""
    latin = iuliia.WIKIPEDIA.translate(title)
    plain = unicodedata.normalize("NFKD", latin).encode("ascii", "ignore").decode()
    slug = _OTHER.sub("-", plain.lower()).strip("-")
    if len(slug) > 60:
        slug = slug[:60].rpartition("-")[0] or slug[:60]
    return slug or otherwise
