"""What kinds of records and roles of people are called."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from bibliopolis.catalogue.record_data import Kind
from bibliopolis.i18n import _

KINDS: Mapping[str, Any] = {
    Kind.BOOK: _("Book"),
    Kind.EBOOK: _("E-book"),
    Kind.AUDIOBOOK: _("Audiobook"),
    Kind.SERIAL: _("Periodical"),
    Kind.ARTICLE: _("Article"),
    Kind.SCORE: _("Sheet music"),
    Kind.SOUND: _("Music recording"),
    Kind.FILM: _("Film"),
    Kind.MAP: _("Map"),
    Kind.PICTURE: _("Image"),
    Kind.OTHER: _("Other"),
}
ROLES = {
    "author": _("author"),
    "introduction_author": _("author of the introduction"),
    "translator": _("translator"),
    "editor": _("editor"),
    "illustrator": _("illustrator"),
    "compiler": _("compiler"),
    "composer": _("composer"),
    "lyricist": _("lyricist"),
    "librettist": _("librettist"),
    "arranger": _("arranger"),
    "conductor": _("conductor"),
    "performer": _("performer"),
    "narrator": _("narrator"),
    "actor": _("actor"),
    "director": _("director"),
    "producer": _("producer"),
    "photographer": _("photographer"),
    "artist": _("artist"),
    "cartographer": _("cartographer"),
    "publisher": _("publisher"),
    "issuing_body": _("issuing body"),
    "printer": _("printer"),
    "sponsor": _("sponsor"),
}
# Those whose work it is first of all: they stand under the title.
MAKERS = frozenset({"author", "composer", "director", "cartographer", "artist"})

_OTHER_SCRIPTS = """
    ab am ar ba be bg bn bo ce cv el fa gu he hi hy ja ka kk km kn ko ky lo mk ml mn mr my ne os
    pa ps ru sa sd si sr ta te tg th ti tt ug uk ur yi zh
"""
OTHER_SCRIPTS = frozenset(_OTHER_SCRIPTS.split())
LETTER = re.compile(r"[^\W\d_]")
LATIN = re.compile(r"[A-Za-z\u00c0-\u024f\u1e00-\u1eff]")


def kind_title(kind: str) -> Any:
    """Return the name of a kind; an unknown one is "other"."""
    return KINDS.get(kind, KINDS[Kind.OTHER])


def role_title(role: str) -> Any:
    """Return the name of a role, or None for somebody who just had a part in it."""
    return ROLES.get(role)


def language_of(text: str, language: str | None) -> str | None:
    """Return the tag for ``lang``: a transliterated title says that it is one."""
    if not language:
        return None
    if language not in OTHER_SCRIPTS or not LATIN.search(text):
        return language
    letters = LETTER.findall(text)
    latin = sum(1 for letter in letters if LATIN.match(letter))
    return f"{language}-Latn" if latin * 2 > len(letters) else language
