"""Tables of codes of UNIMARC and RUSMARC."""

from __future__ import annotations

import re

from bibliopolis.catalogue.marc.codes import CONTRIBUTOR, ROLE_WORDS
from bibliopolis.catalogue.record_data import Kind

# UNIMARC Manual, appendix C: the relator codes of $4 that readers are told.
ROLE_CODES = {
    "005": "actor",
    "010": "author",
    "030": "arranger",
    "040": "artist",
    "070": "author",
    "075": "introduction_author",
    "080": "introduction_author",
    "180": "cartographer",
    "220": "compiler",
    "230": "composer",
    "250": "conductor",
    "300": "director",
    "305": "author",
    "330": "author",
    "340": "editor",
    "440": "illustrator",
    "475": "issuing_body",
    "480": "librettist",
    "520": "lyricist",
    "545": "performer",
    "550": "narrator",
    "590": "performer",
    "600": "photographer",
    "610": "printer",
    "630": "producer",
    "650": "publisher",
    "651": "editor",
    "721": "performer",
    "723": "sponsor",
    "730": "translator",
    "755": "performer",
}
CODE = re.compile(r"\s*([0-9]{3})(?![0-9])\s*")

# Leader, position 6.
KIND_BY_TYPE = {
    "a": Kind.BOOK,
    "b": Kind.BOOK,
    "c": Kind.SCORE,
    "d": Kind.SCORE,
    "e": Kind.MAP,
    "f": Kind.MAP,
    "g": Kind.FILM,
    "i": Kind.AUDIOBOOK,
    "j": Kind.SOUND,
    "k": Kind.PICTURE,
    "l": Kind.EBOOK,
    "m": Kind.OTHER,
    "r": Kind.OTHER,
}

# Field 100 $a, positions 17-19: for whom it is, as the least age it is marked with.
AGE_OF_AUDIENCE = {"a": 6, "b": 0, "c": 6, "d": 6, "e": 12}


def role(values: list[str], default: str) -> str:
    """Return the role that $4 gives, by its code or by the words some systems add or write."""
    for value in values:
        code = CODE.match(value)
        words = value[code.end() :] if code else value
        if code and code.group(1) in ROLE_CODES:
            return ROLE_CODES[code.group(1)]
        folded = words.strip().lower()
        for beginning, meant in ROLE_WORDS:
            if folded.startswith(beginning):
                return meant
        if code:
            return CONTRIBUTOR
    return default
