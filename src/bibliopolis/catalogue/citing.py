"""A record as one line of a bibliography."""

from __future__ import annotations

from bibliopolis.catalogue.models import Record


def citation(record: Record) -> str:
    """Return the description in the order that GOST and ISBD share."""
    title = record.title
    if record.part:
        title = f"{title}. {record.part}"
    if record.subtitle:
        title = f"{title} : {record.subtitle}"
    if record.responsibility:
        title = f"{title} / {record.responsibility}"
    imprint = " : ".join(part for part in (record.place, record.publisher) if part)
    imprint = ", ".join(part for part in (imprint, str(record.year or "")) if part)
    series = " ".join(f"({name})" for name in record.series)
    numbers = [f"ISBN {isbn}" for isbn in record.isbns] + [f"ISSN {issn}" for issn in record.issns]
    areas = [title, record.edition, imprint, record.extent, series, *numbers]
    head = f"{_stopped(record.author)} " if record.author else ""
    return head + ". — ".join(area.rstrip(". ") for area in areas if area) + "."


def _stopped(name: str) -> str:
    return name if name.endswith(".") else f"{name}."
