"""A record in the forms that other programs read: one table of formats, one file a format.

What a catalogue says is not to be trusted: every writer keeps to the rules of its format whatever
stands in a title. The writers are loaded where somebody asks for their format.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from bibliopolis.catalogue.exports.facts import Facts
from bibliopolis.catalogue.models import Record
from bibliopolis.i18n import _

EXPORT = "export"
"""The name of the view."""

Writer = Callable[[Record, Facts], bytes]


@dataclass(frozen=True)
class Format:
    """A form a record can be taken in; ``writer`` names ``write(record, facts) -> bytes``."""

    name: str
    title: Any
    media_type: str
    ending: str
    writer: str
    note: Any = ""
    from_source: bool = False
    """Whether it is written from what the library sent."""
    charset: str = ""
    """What a form says that does not tell it by itself, as XML and JSON do."""

    @property
    def content_type(self) -> str:
        """Return the header of an answer."""
        return f"{self.media_type}; charset={self.charset}" if self.charset else self.media_type

    def write(self, record: Record, facts: Facts) -> bytes:
        """Return the record in this form."""
        write: Writer = import_module(f"{__name__}.{self.writer}").write
        return write(record, facts)

    def file_name(self, record: Record) -> str:
        """Return what the file is called where it is kept."""
        return f"record-{record.id}.{self.ending}"


_ALL = (
    Format(
        "marc",
        "MARC 21",
        "application/marc",
        "mrc",
        "iso2709",
        _("for library systems, as ISO 2709 in UTF-8"),
        from_source=True,
    ),
    Format(
        "marcxml",
        "MARCXML",
        "application/marcxml+xml",
        "marc.xml",
        "marcxml",
        _("for library systems, as XML"),
        from_source=True,
    ),
    Format(
        "ris",
        "RIS",
        "application/x-research-info-systems",
        "ris",
        "ris",
        _("for EndNote, Mendeley, Zotero"),
        charset="UTF-8",
    ),
    Format(
        "bibtex",
        "BibTeX",
        "application/x-bibtex",
        "bib",
        "bibtex",
        _("for LaTeX and JabRef"),
        charset="UTF-8",
    ),
    Format(
        "csl",
        "CSL JSON",
        "application/vnd.citationstyles.csl+json",
        "csl.json",
        "csl",
        _("for Zotero, pandoc and citation processors"),
    ),
    Format("dc", "Dublin Core", "application/xml", "dc.xml", "dublin_core", _("for archives")),
    Format(
        "jsonld",
        "schema.org",
        "application/ld+json",
        "jsonld",
        "json_ld",
        _("for programs of the web, as JSON-LD"),
    ),
)
FORMATS: Mapping[str, Format] = {one.name: one for one in _ALL}
"""The formats by the name an address gives them, in the order of the page."""


def ways_to_export(address: str) -> list[tuple[Format, str]]:
    """Return the formats, each with where the record at this address is had in it."""
    return [(one, f"{address}/@@{EXPORT}?format={one.name}") for one in _ALL]
