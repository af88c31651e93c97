"""``policies/notices.yaml``: what readers are told, by which ways, and when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time, timedelta
from pathlib import Path

from bibliopolis.declarations import Node, read

FILE = Path("policies") / "notices.yaml"


@dataclass(frozen=True)
class Quiet:
    """Hours of the night in which nothing is sent; they may go over midnight."""

    begins: time
    ends: time

    def covers(self, moment: time) -> bool:
        """Say whether it is too late, or too early."""
        if self.begins <= self.ends:
            return self.begins <= moment < self.ends
        return moment >= self.begins or moment < self.ends


@dataclass(frozen=True)
class Kind:
    """What the site has decided about one kind of notice."""

    name: str
    channels: tuple[str, ...] = ()
    """By which it goes to readers who have not chosen otherwise."""
    must: bool = False
    """Whether readers cannot switch it off: one way at least stays."""
    can_wait: bool = False
    """Whether it may go into the letter of the day."""
    days: tuple[int, ...] = ()
    """So many days before or after the day it is about."""


@dataclass(frozen=True)
class NoticePolicy:
    """All of it."""

    channels: Mapping[str, Quiet | None]
    morning: time
    kept: timedelta
    kinds: Mapping[str, Kind]
    file: Path
    lines: Mapping[str, int]


def load_policy(site: Path) -> NoticePolicy:
    """Read the file of a site, strictly."""
    known = ("channels", "morning", "kept_days", "kinds")
    keys = read(site / FILE).mapping(known, known)
    channels = {name: _quiet(node) for name, node in keys["channels"].items().items()}
    kinds = keys["kinds"].items()
    return NoticePolicy(
        channels=channels,
        morning=_time(keys["morning"]),
        kept=timedelta(days=keys["kept_days"].integer(1)),
        kinds={name: _kind(name, node, channels) for name, node in kinds.items()},
        file=FILE,
        lines={name: node.line for name, node in kinds.items()},
    )


def _kind(name: str, node: Node, channels: Mapping[str, Quiet | None]) -> Kind:
    keys = node.mapping(("channels", "must", "can_wait", "days"), ("channels",))
    must = "must" in keys and keys["must"].boolean()
    found = keys["channels"].names(channels, "channel")
    if must and not found:
        raise keys["channels"].error("what readers cannot switch off needs a channel")
    return Kind(
        name=name,
        channels=found,
        must=must,
        can_wait="can_wait" in keys and keys["can_wait"].boolean(),
        days=tuple(one.integer(0) for one in keys["days"].sequence()) if "days" in keys else (),
    )


def _quiet(node: Node) -> Quiet | None:
    keys = node.mapping(("quiet_from", "quiet_to"))
    if not keys:
        return None
    keys = node.mapping(("quiet_from", "quiet_to"), ("quiet_from", "quiet_to"))
    return Quiet(_time(keys["quiet_from"]), _time(keys["quiet_to"]))


def _time(node: Node) -> time:
    said = node.text("a time such as '21:00', in quotes")
    try:
        return time.fromisoformat(said)
    except ValueError as error:
        raise node.error("a time such as '21:00' is expected here") from error
