"""``policies/imports.yaml``: what the files of a library's system mean where they do not say."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from bibliopolis.catalogue.item_types import load_item_types
from bibliopolis.catalogue.marc import Codes, Dialect, Wanted
from bibliopolis.catalogue.record_data import ItemStatus
from bibliopolis.declarations import Node, read
from bibliopolis.i18n import _

FILE = Path("policies") / "imports.yaml"
TAG = re.compile(r"[0-9]{3}")
LANGUAGE = re.compile(r"[a-z]{2,3}")
CODE = re.compile(r"[0-9A-Za-z]")
DIALECTS = {
    "marc21": Dialect.MARC21,
    "unimarc": Dialect.UNIMARC,
    "rusmarc": Dialect.UNIMARC,
    "irbis": Dialect.IRBIS,
}
"""What a format is called by people."""
ENCODINGS = {
    "utf-8": "utf-8",
    "marc-8": "marc-8",
    "windows-1251": "cp1251",
    "koi8-r": "koi8-r",
    "cp866": "cp866",
    "windows-1252": "cp1252",
}
"""What an encoding is called by people."""


@dataclass(frozen=True)
class Profile:
    """What is wanted of the files of one system; ``libraries`` may take it, all if it is empty."""

    name: str
    title: Any
    libraries: tuple[str, ...]
    wanted: Wanted

    def serves(self, code: str) -> bool:
        """Say whether a library may take it."""
        return not self.libraries or code in self.libraries


Profiles = Mapping[str, Profile]


def load_profiles(site: Path) -> Profiles:
    """Read the file of a site, strictly; without one there are no profiles."""
    if not (site / FILE).is_file():
        return {}
    profiles = read(site / FILE).mapping(("profiles",), ("profiles",))["profiles"]
    types = load_item_types(site)
    return {name: _profile(name, node, types) for name, node in profiles.items().items()}


def _profile(name: str, node: Node, item_types: Collection[str]) -> Profile:
    known = ("title", "libraries", "format", "encoding", "language", "items")
    keys = node.mapping(known, ("title",))
    libraries = keys["libraries"].sequence() if "libraries" in keys else []
    codes = _codes(keys["items"], item_types) if "items" in keys else None
    dialect = keys["format"].name(DIALECTS, "format") if "format" in keys else None
    encoding = keys["encoding"].name(ENCODINGS, "encoding") if "encoding" in keys else None
    return Profile(
        name,
        _(keys["title"].text("a title")),
        tuple(one.text("the code of a library") for one in libraries),
        Wanted(
            items_tag=codes.tag if codes else None,
            dialect=DIALECTS[dialect] if dialect else None,
            encoding=ENCODINGS[encoding] if encoding else None,
            language=_like(keys["language"], LANGUAGE, "ru") if "language" in keys else None,
            codes=codes,
        ),
    )


def _codes(node: Node, item_types: Collection[str]) -> Codes:
    keys = node.mapping(("field", "status", "locations", "types"), ("field",))
    subfield, statuses = "", []
    type_subfield, types = "", []
    if "status" in keys:
        status = keys["status"].mapping(("subfield", "codes"), ("subfield", "codes"))
        subfield = _like(status["subfield"], CODE, "'7'")
        for code, meaning in status["codes"].items().items():
            statuses.append((code, ItemStatus(meaning.name(set(ItemStatus), "status"))))
    if "types" in keys:
        given = keys["types"].mapping(("subfield", "codes"), ("subfield", "codes"))
        type_subfield = _like(given["subfield"], CODE, "'y'")
        for code, meaning in given["codes"].items().items():
            types.append((code, meaning.name(item_types, "item type")))
    locations = keys["locations"].items() if "locations" in keys else {}
    return Codes(
        _like(keys["field"], TAG, "'952'"),
        subfield,
        tuple(statuses),
        tuple(_location(code, one) for code, one in locations.items()),
        type_subfield,
        tuple(types),
    )


def _location(code: str, node: Node) -> tuple[str, str, ItemStatus | None]:
    keys = node.mapping(("shown", "status"), ("shown",))
    status = keys["status"].name(set(ItemStatus), "status") if "status" in keys else None
    return code, keys["shown"].text("what readers see"), ItemStatus(status) if status else None


def _like(node: Node, pattern: re.Pattern[str], example: str) -> str:
    text = node.text(f"something like {example}")
    if not pattern.fullmatch(text):
        raise node.error(f"something like {example} is expected here, not “{text}”")
    return text


def wanted_of(profiles: Profiles, profile: str, said: Mapping[str, Any]) -> Wanted:
    """Return what is wanted of a file; what was said of it goes before its profile."""
    base = profiles[profile].wanted if profile in profiles else Wanted()
    more: dict[str, Any] = {name: value for name, value in said.items() if value}
    if "dialect" in more:
        more["dialect"] = Dialect(more["dialect"])
    return replace(base, **more)
