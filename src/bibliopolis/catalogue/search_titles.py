"""What the values of the search page's facets are called."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from bibliopolis.catalogue.availability import CITY
from bibliopolis.catalogue.record_data import Kind
from bibliopolis.i18n import _
from bibliopolis.libraries.services import Libraries, Named
from bibliopolis.readers.services import Readers
from bibliopolis.search.within import Within

FACET_TITLES: Mapping[str, Any] = {
    "avail": _("Can be borrowed"),
    "kind": _("What it is"),
    "lang": _("Language"),
    "subj": _("Subject"),
    "auth": _("Author"),
    "cls": _("Class"),
    "lib": _("Library"),
}

FIELD_TITLES: Mapping[Within, Any] = {
    Within.TITLE: _("Title"),
    Within.AUTHOR: _("Author"),
    Within.SUBJECT: _("Subject"),
    Within.PUBLISHER: _("Publisher"),
    Within.SERIES: _("Series"),
    Within.NUMBER: _("ISBN or ISSN"),
    Within.SHELF: _("Shelf mark"),
}
"""What the fields of the query language are called, in the order of the form."""

KIND_TITLES: Mapping[str, Any] = {
    Kind.BOOK: _("Books"),
    Kind.EBOOK: _("Electronic books"),
    Kind.AUDIOBOOK: _("Audiobooks"),
    Kind.SERIAL: _("Journals and newspapers"),
    Kind.ARTICLE: _("Articles"),
    Kind.SCORE: _("Scores"),
    Kind.SOUND: _("Music and sound"),
    Kind.FILM: _("Films"),
    Kind.MAP: _("Maps"),
    Kind.PICTURE: _("Pictures"),
    Kind.OTHER: _("Other things"),
    "page": _("Pages"),
    "section": _("Sections"),
    "news": _("News"),
    "event": _("Events"),
    "collection": _("Reading collections"),
}


class ValueTitles:
    """Say what a value of a facet is called in the language of the page.

    ``home`` is the code of the reader's own library, empty where there is none.
    """

    def __init__(
        self, libraries: Libraries, types: Any, formats: Any, language: str, home: str
    ) -> None:
        self.libraries = libraries
        self.types = types
        self.formats = formats
        self.language = language
        self.home = home

    @classmethod
    def from_request(cls, request: Any) -> ValueTitles:
        """Make them for a request."""
        libraries = request.find_service(Libraries, context=None)
        reader = request.find_service(Readers, context=None).get(request.principals.reader_id)
        home = libraries.names.get(reader.home_library_id) if reader else None
        return cls(
            libraries=libraries,
            types=request.registry["bibliopolis.types"],
            formats=request.formats,
            language=request.language,
            home=home.code if home else "",
        )

    @cached_property
    def _by_code(self) -> Mapping[str, Named]:
        return {library.code: library for library in self.libraries.names.values()}

    def title(self, name: str, value: str) -> Any:
        """Return the title of a value; a value nobody knows is its own title."""
        if name == "kind":
            return self._kind(value)
        if name == "lang":
            return self._capitalized(self.formats.language_name(value))
        if name == "lib":
            return self._library(value)
        if name == "avail":
            return self._availability(value)
        return value

    def _kind(self, value: str) -> Any:
        known = self.types.get(value) if value not in KIND_TITLES else None
        return known.title if known else KIND_TITLES.get(value, value)

    def _library(self, code: str) -> str:
        library = self._by_code.get(code)
        return library.name_in(self.language) if library else code

    def _availability(self, value: str) -> Any:
        if value == CITY:
            return _("Today in the city")
        if value == self.home:
            return _("Today in my library")
        return _("Today: ${library}", mapping={"library": self._library(value)})

    @staticmethod
    def _capitalized(text: str) -> str:
        return text[:1].upper() + text[1:]
