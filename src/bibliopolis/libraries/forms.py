"""Read what staff typed about an organisation or its closures; what is wrong is told by field.

Values are texts by the names of the inputs, so that a refused form is shown as it was sent.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, time
from typing import Any, TypeVar
from urllib.parse import urlsplit

from bibliopolis.accounts.services import is_email
from bibliopolis.errors import InvalidInput
from bibliopolis.i18n import _
from bibliopolis.parameters import whole_number

from .editing import Description
from .models import Access, ExceptionKind, Library, OrganisationKind
from .settings import LibrarySettings

LONGEST = 200
LONGEST_NOTE = 1000
MOST_CELLS = 999
PHONE = re.compile(r"\+?[0-9 ()/.,;-]{3,60}")
CODE = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
SPOKEN = (("name", LONGEST), ("address", LONGEST), ("access_note", LONGEST_NOTE))
PLACED = frozenset({OrganisationKind.LIBRARY, OrganisationKind.PICKUP_POINT})

Values = Mapping[str, Any]
_Value = TypeVar("_Value")


@dataclass
class Reading:
    """The values of a form and what is wrong with them, found while it is read."""

    values: Values
    errors: dict[str, Any] = field(default_factory=dict)

    def text(self, name: str, longest: int = LONGEST) -> str:
        """Return what was typed, without the space around it."""
        text = " ".join(str(self.values.get(name, "")).split())
        if len(text) > longest:
            self.errors[name] = _("Write at most ${n} characters.", mapping={"n": longest})
        return text

    def spoken(self, name: str, languages: Iterable[str], longest: int) -> dict[str, str]:
        """Return the words of each language that has some."""
        words = {tag: self.text(f"{name}_{tag}", longest) for tag in languages}
        return {tag: text for tag, text in words.items() if text}

    def matching(self, name: str, fits: Callable[[str], Any], else_say: Any) -> str:
        """Return a text that is empty or fits."""
        text = self.text(name)
        if text and not fits(text):
            self.errors[name] = else_say
        return text

    def parsed(self, name: str, parse: Callable[[str], _Value], else_say: Any) -> _Value | None:
        """Return the value of a text, or None for an empty one."""
        text = self.text(name)
        if not text:
            return None
        try:
            return parse(text)
        except ValueError:
            self.errors[name] = else_say
            return None

    def done(self, said: Any) -> None:
        """Refuse if anything was wrong."""
        if self.errors:
            raise InvalidInput(said, self.errors)


def values_of(library: Library, settings: LibrarySettings) -> dict[str, Any]:
    """Return an organisation as the values of its form."""
    values: dict[str, Any] = {
        f"{name}_{tag}": words
        for name, _longest in SPOKEN
        for tag, words in getattr(library, name).items()
    }
    values.update(library.contacts)
    for name in ("latitude", "longitude", "cells"):
        value = getattr(library, name)
        values[name] = "" if value is None else str(value)
    values["access"] = list(library.access)
    values["is_pickup_point"] = library.is_pickup_point
    for name, declared in settings.declared.items():
        own = library.settings.get(name)
        values[f"set_{name}"] = "" if own is None else declared.kind.write(own)
    return values


def read_description(
    values: Values, library: Library, languages: Iterable[str], settings: LibrarySettings
) -> Description:
    """Return what was typed about an organisation."""
    reading = Reading(values)
    languages = tuple(languages)
    spoken = {name: reading.spoken(name, languages, longest) for name, longest in SPOKEN}
    if not spoken["name"]:
        reading.errors[f"name_{languages[0]}"] = _("Give it a name in at least one language.")
    placed = library.kind in PLACED
    latitude = reading.parsed("latitude", _degrees(90), _("Write degrees between −90 and 90."))
    longitude = reading.parsed("longitude", _degrees(180), _("Write degrees between −180 and 180."))
    if (latitude is None) != (longitude is None) and not reading.errors.keys() & {
        "latitude",
        "longitude",
    }:
        reading.errors["longitude"] = _("Give both coordinates, or none.")
    description = Description(
        **spoken,
        latitude=latitude,
        longitude=longitude,
        contacts=_contacts(reading),
        access=tuple(one for one in Access if one in values.get("access", ())),
        is_pickup_point=placed and bool(values.get("is_pickup_point")),
        cells=_cells(reading) if library.kind == OrganisationKind.PICKUP_POINT else None,
        settings=_settings(reading, library, settings),
    )
    reading.done(_("It was not saved: correct what is marked."))
    return description


def _contacts(reading: Reading) -> dict[str, str]:
    contacts = {
        "phone": reading.matching(
            "phone",
            PHONE.fullmatch,
            _("Write a number with digits, such as +7 812 555-01-10."),
        ),
        "email": reading.matching(
            "email", is_email, _("Write a full address, like name@example.org.")
        ),
        "web": reading.matching(
            "web", _is_web_address, _("Write an address that begins with https://.")
        ),
    }
    return {name: value for name, value in contacts.items() if value}


def _cells(reading: Reading) -> int | None:
    def parse(text: str) -> int:
        number = whole_number(text, 3)
        if not number or number > MOST_CELLS:
            raise ValueError(text)
        return number

    return reading.parsed("cells", parse, _("Write how many cells there are, from 1 to 999."))


def _settings(reading: Reading, library: Library, settings: LibrarySettings) -> dict[str, Any]:
    """Return the organisation's own settings; those no longer declared are kept as they are."""
    own = {name: v for name, v in library.settings.items() if name not in settings.declared}
    for name in settings.declared:
        text = reading.text(f"set_{name}", 2 * LONGEST_NOTE)
        if not text:
            continue
        try:
            own[name] = settings.parse(name, text)
        except InvalidInput as error:
            reading.errors[f"set_{name}"] = error.reason
    return own


@dataclass(frozen=True)
class NewOrganisation:
    """What a new organisation begins with."""

    kind: OrganisationKind
    parent: str
    code: str
    name: Mapping[str, str]


def read_new(values: Values, languages: Iterable[str]) -> NewOrganisation:
    """Return what was typed about a new organisation."""
    reading = Reading(values)
    languages = tuple(languages)
    name = reading.spoken("name", languages, LONGEST)
    if not name:
        reading.errors[f"name_{languages[0]}"] = _("Give it a name in at least one language.")
    said = _("Write small Latin letters, digits and hyphens, such as okhta.")
    code = reading.matching("code", CODE.fullmatch, said)
    if not code:
        reading.errors["code"] = said
    kind = reading.parsed("kind", OrganisationKind, _("Choose what it is."))
    if kind is None:
        reading.errors["kind"] = _("Choose what it is.")
    reading.done(_("It was not founded: correct what is marked."))
    assert kind is not None
    return NewOrganisation(kind, reading.text("parent"), code, name)


@dataclass(frozen=True)
class NewException:
    """Days on which an organisation keeps other hours, as somebody typed them."""

    kind: ExceptionKind
    first: date
    last: date | None
    starts: time | None
    ends: time | None
    reason: Mapping[str, str]
    with_below: bool


def read_exception(values: Values, languages: Iterable[str]) -> NewException:
    """Return what was typed about other hours; a day alone is that day, unless it has no end."""
    reading = Reading(values)
    says_date = _("Choose a day.")
    says_time = _("Write an hour like 14:30.")
    first = reading.parsed("first", date.fromisoformat, says_date)
    last = reading.parsed("last", date.fromisoformat, says_date)
    kind = reading.parsed("kind", ExceptionKind, _("Choose whether it is closed."))
    if first is None:
        reading.errors.setdefault("first", says_date)
    if not reading.values.get("for_good"):
        last = last or first
    exception = NewException(
        kind=kind or ExceptionKind.CLOSED,
        first=first or date.max,
        last=None if reading.values.get("for_good") else last,
        starts=reading.parsed("starts", _clock, says_time),
        ends=reading.parsed("ends", _clock, says_time),
        reason=reading.spoken("reason", languages, LONGEST),
        with_below=bool(reading.values.get("with_below")),
    )
    reading.done(_("These days cannot be kept: correct what is marked."))
    return exception


def _clock(text: str) -> time:
    """Read an hour; 24:00 is the end of the day."""
    return time() if text == "24:00" else time.fromisoformat(text).replace(tzinfo=None)


def _degrees(most: int) -> Callable[[str], float]:
    def parse(text: str) -> float:
        number = float(text.replace(",", ".").replace("−", "-"))
        if not -most <= number <= most:  # what is no number compares to nothing
            raise ValueError(text)
        return round(number, 6)

    return parse


def _is_web_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname)
