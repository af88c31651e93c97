"""Settings of organisations: declared once, set at any of them, inherited by all below.

``config.add_library_setting(…)`` declares one; ``setting(library, name)`` returns its value and the
organisation it comes from: the nearest one above that sets it, or none where it is the default.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pyramid.config import Configurator

from bibliopolis.errors import InvalidInput
from bibliopolis.i18n import _
from bibliopolis.parameters import whole_number

from . import hours
from .models import Library
from .services import Libraries

REGISTRY = "bibliopolis.library_settings"


@dataclass(frozen=True)
class Kind:
    """A type of value: how it is read from a form and written back; ``field`` names the input."""

    field: str
    parse: Callable[[str], Any]
    write: Callable[[Any], str] = str


@dataclass(frozen=True)
class DeclaredSetting:
    """One setting that organisations have."""

    name: str
    title: Any
    kind: Kind
    default: Any = None
    help: Any = ""


@dataclass(frozen=True)
class Setting:
    """A value and whose it is; ``source`` None is the default."""

    declared: DeclaredSetting
    value: Any
    source: Library | None


class LibrarySettings:
    """What is set for an organisation, by itself or by one above it; asks the tree, once read."""

    def __init__(self, libraries: Libraries, declared: Mapping[str, DeclaredSetting]) -> None:
        self.libraries = libraries
        self.declared = declared

    @classmethod
    def from_request(cls, context: Any, request: Any) -> LibrarySettings:
        """Make it for a request."""
        return cls(
            libraries=request.find_service(Libraries, context=None),
            declared=request.registry[REGISTRY],
        )

    def setting(self, library: Library, name: str) -> Setting:
        """Return the value that counts here and the organisation it comes from."""
        declared = self.declared[name]
        for organisation in self.libraries.lineage(library):
            if name in organisation.settings:
                return Setting(declared, organisation.settings[name], organisation)
        return Setting(declared, declared.default, None)

    def inherited(self, library: Library, name: str) -> Setting:
        """Return what would count here if the organisation did not set it itself."""
        above = self.libraries.tree.get(library.parent_id or 0)
        if above is not None:
            return self.setting(above, name)
        declared = self.declared[name]
        return Setting(declared, declared.default, None)

    def parse(self, name: str, text: str) -> Any:
        """Read a value as somebody typed it; InvalidInput says what is wrong with it."""
        try:
            return self.declared[name].kind.parse(text.strip())
        except InvalidInput as error:
            raise InvalidInput(error.reason, {name: error.reason}) from error


def parse_hours(text: str) -> str:
    """Read weekly hours; what the map's syntax allows is allowed."""
    if len(text) > hours.MAX_LENGTH:
        raise InvalidInput(_("These hours are too long: describe them more briefly."))
    try:
        hours.parse(text)
    except hours.HoursError as error:
        raise InvalidInput(
            _(
                "These hours cannot be read from character ${n} on. Write them like"
                " “Mo-Fr 10:00-20:00; Sa 11:00-18:00; Su off”.",
                mapping={"n": error.column},
            )
        ) from error
    return text


def parse_zone(text: str) -> str:
    """Read a time zone by its name."""
    try:
        return ZoneInfo(text).key
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise InvalidInput(
            _("There is no such time zone. Write its name, such as Europe/Moscow.")
        ) from error


def parse_country(text: str) -> str:
    """Read the code of a country whose public holidays are known."""
    code = text.upper()
    if not hours.is_country(code):
        raise InvalidInput(_("Write the two letters of a country, such as RU."))
    return code


def number_between(least: int, most: int) -> Kind:
    """Return the type of whole numbers between two."""

    def parse(text: str) -> int:
        number = whole_number(text)
        if number is not None and least <= number <= most:
            return number
        raise InvalidInput(
            _(
                "Write a whole number from ${least} to ${most}.",
                mapping={"least": least, "most": most},
            )
        )

    return Kind("number", parse)


HOURS = Kind("hours", parse_hours)
ZONE = Kind("text", parse_zone)
COUNTRY = Kind("text", parse_country)


def _add_library_setting(
    config: Configurator,
    name: str,
    title: Any,
    kind: Kind,
    default: Any = None,
    help: Any = "",
) -> None:
    """Declare a setting that every organisation may have and those below it inherit."""
    discriminator = ("bibliopolis library setting", name)
    declared = DeclaredSetting(name, title, kind, default, help)

    def register() -> None:
        config.registry[REGISTRY][name] = declared

    introspectable = config.introspectable(
        "bibliopolis library settings", discriminator, name, "library setting"
    )
    config.action(discriminator, register, introspectables=(introspectable,))


def includeme(config: Configurator) -> None:
    """Add the directive, and declare what calendars ask for."""
    config.registry[REGISTRY] = {}
    config.add_directive("add_library_setting", _add_library_setting)
    config.add_library_setting(
        "opening_hours",
        _("Opening hours"),
        HOURS,
        help=_(
            "In the syntax of OpenStreetMap: days by two letters (Mo Tu We Th Fr Sa Su, PH for"
            " public holidays), hours of twenty-four, semicolons between rules; a later rule wins."
        ),
    )
    config.add_library_setting(
        "time_zone",
        _("Time zone"),
        ZONE,
        default=config.registry["bibliopolis.settings"].time_zone,
    )
    config.add_library_setting(
        "country",
        _("Country"),
        COUNTRY,
        help=_("Its public holidays are the days that “PH” stands for in opening hours."),
    )
