"""``policies/harvests.yaml``: which sources are harvested, for which library, and when."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from bibliopolis.declarations import Node, read
from bibliopolis.i18n import _
from bibliopolis.intake.profiles import Profiles

FILE = Path("policies") / "harvests.yaml"
NAME = re.compile(r"[a-z][a-z0-9-]{0,39}")
TIME = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])")
# ``metadataPrefix`` and ``setSpec`` as the schema of OAI-PMH 2.0 has them.
PREFIX = re.compile(r"[A-Za-z0-9_.!~*'()-]+")
SET = re.compile(r"[A-Za-z0-9_.!~*'()-]+(:[A-Za-z0-9_.!~*'()-]+)*")
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
NO_MARC = "oai_dc"
"""Every source has it. It has no copies, editions or volumes: nothing could be matched by it."""
WEEK = 7


@dataclass(frozen=True)
class Source:
    """A source of records: where, what of it, for whom, and when.

    ``days`` and ``whole_days`` are weekdays, 0 for Monday: when the timetable asks for what is new
    and when for everything. Times are those of the site's zone.
    """

    name: str
    title: Any
    url: str
    prefix: str
    library: str
    set: str = ""
    profile: str = ""
    times: tuple[time, ...] = ()
    days: frozenset[int] = frozenset(range(WEEK))
    whole_days: frozenset[int] = frozenset()

    @property
    def place(self) -> str:
        """Return what a date kept of it is good for: somewhere else everything is new."""
        return f"{self.url} {self.prefix} {self.set}"

    def last_due(self, now: datetime, zone: ZoneInfo) -> datetime | None:
        """Return when it was to be harvested last, at or before ``now``; None without times."""
        local = now.astimezone(zone)
        for back in range(WEEK + 1):
            day = local.date() - timedelta(days=back)
            if day.weekday() not in self.days:
                continue
            for at in sorted(self.times, reverse=True):
                due = datetime.combine(day, at, zone).astimezone(UTC)
                if due <= now:
                    return due
        return None

    def next_due(self, now: datetime, zone: ZoneInfo) -> datetime | None:
        """Return when it is harvested next, after ``now``; None without times."""
        local = now.astimezone(zone)
        for ahead in range(WEEK + 1):
            day = local.date() + timedelta(days=ahead)
            if day.weekday() not in self.days:
                continue
            for at in sorted(self.times):
                due = datetime.combine(day, at, zone).astimezone(UTC)
                if due > now:
                    return due
        return None

    def is_whole(self, due: datetime, zone: ZoneInfo) -> bool:
        """Say whether the timetable asks for everything at that time."""
        return due.astimezone(zone).weekday() in self.whole_days


Sources = Mapping[str, Source]


def load_sources(site: Path, profiles: Profiles) -> Sources:
    """Read the file of a site, strictly; without one nothing is harvested."""
    if not (site / FILE).is_file():
        return {}
    sources = read(site / FILE).mapping(("sources",), ("sources",))["sources"]
    return {name: _source(name, node, profiles) for name, node in sources.items().items()}


def _source(name: str, node: Node, profiles: Profiles) -> Source:
    known = ("title", "url", "prefix", "set", "library", "profile", "at", "days", "whole")
    keys = node.mapping(known, ("title", "url", "prefix", "library"))
    if not NAME.fullmatch(name):
        raise node.error(f"the name of a source is like “national-library”, not “{name}”")
    days = keys["days"].names(DAYS, "day") if "days" in keys else DAYS
    whole = keys["whole"].names(days, "day of this source") if "whole" in keys else ()
    return Source(
        name=name,
        title=_(keys["title"].text("a title")),
        url=_url(keys["url"]),
        prefix=_prefix(keys["prefix"]),
        library=keys["library"].text("the code of a library"),
        set=_like(keys["set"], SET, "books:new") if "set" in keys else "",
        profile=_profile(keys["profile"], keys["library"].text(), profiles)
        if "profile" in keys
        else "",
        times=tuple(map(_time, keys["at"].sequence())) if "at" in keys else (),
        days=frozenset(map(DAYS.index, days)),
        whole_days=frozenset(map(DAYS.index, whole)),
    )


def _url(node: Node) -> str:
    text = node.text("the base URL of a source")
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError as error:
        raise node.error(f"“{text}” is no address") from error
    if parts.scheme not in ("http", "https") or not parts.hostname or port == 0 or parts.fragment:
        raise node.error(f"an address with http or https is expected here, not “{text}”")
    if not text.isascii() or any(letter <= " " for letter in text):
        raise node.error("an address has plain letters only: write the others with % or punycode")
    if parts.username is not None or parts.password is not None:
        raise node.error("names and passwords do not belong here; see bibliopolis.harvest_netrc")
    if parts.query:
        raise node.error("this is the address of one request: leave out what follows the “?”")
    return text


def _prefix(node: Node) -> str:
    prefix = _like(node, PREFIX, "marc21")
    if prefix == NO_MARC:
        raise node.error(
            "oai_dc (Dublin Core) has neither copies nor volumes nor editions; name a prefix of "
            "the source that stands for MARC 21, UNIMARC or RUSMARC in XML"
        )
    return prefix


def _profile(node: Node, library: str, profiles: Profiles) -> str:
    name = node.name(profiles, "profile")
    if not profiles[name].serves(library):
        raise node.error(f"the profile “{name}” is not for the library “{library}”")
    return name


def _time(node: Node) -> time:
    if node.kind != "text":
        raise node.error("a time is written in quotes, as '03:30'")
    found = TIME.fullmatch(node.text("a time"))
    if found is None:
        raise node.error(f"a time is like '03:30', not “{node.text()}”")
    return time(int(found.group(1)), int(found.group(2)))


def _like(node: Node, pattern: re.Pattern[str], example: str) -> str:
    text = node.text(f"something like {example}")
    if not pattern.fullmatch(text):
        raise node.error(f"something like {example} is expected here, not “{text}”")
    return text
