"""``policies/sip2.yaml``: where to listen, and which terminals may speak."""

from __future__ import annotations

import codecs
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from bibliopolis.declarations import Node, read

FILE = Path("policies") / "sip2.yaml"
ENCODINGS = ("utf-8", "cp1251")
PASSWORD_WAYS = ("none", "account")


@dataclass(frozen=True)
class Terminal:
    """A terminal of a library; ``password`` is the hash of what it signs in with."""

    name: str
    password: str
    library: str
    encoding: str = "utf-8"
    language: str = ""
    """In which it is spoken to where the reader's own language is not known."""
    asks_password: bool = False
    """Whether readers must give the password of their account; else the card is enough."""
    off_line: bool = False
    """Whether it goes on while nobody answers, and what it has done then stands past the rules."""


@dataclass(frozen=True)
class Sip2Policy:
    """What a site has decided about terminals."""

    institution: str
    host: str = "127.0.0.1"
    port: int = 6001
    idle_seconds: int = 600
    most_connections: int = 100
    terminals: Mapping[str, Terminal] = field(default_factory=dict)


def load_policy(site: Path, languages: tuple[str, ...]) -> Sip2Policy:
    """Read the file of a site, strictly; a site without one has no terminals."""
    file = site / FILE
    if not file.exists():
        return Sip2Policy(institution="")
    known = ("institution", "host", "port", "idle_seconds", "most_connections", "terminals")
    keys = read(file).mapping(known, ("institution",))
    usual = Sip2Policy(institution="")
    terminals = keys["terminals"].items() if "terminals" in keys else {}
    return Sip2Policy(
        institution=keys["institution"].text("a name"),
        host=keys["host"].text("an address") if "host" in keys else usual.host,
        port=keys["port"].integer(1) if "port" in keys else usual.port,
        idle_seconds=keys["idle_seconds"].integer(10)
        if "idle_seconds" in keys
        else usual.idle_seconds,
        most_connections=keys["most_connections"].integer(1)
        if "most_connections" in keys
        else usual.most_connections,
        terminals={name: _terminal(name, node, languages) for name, node in terminals.items()},
    )


def _terminal(name: str, node: Node, languages: tuple[str, ...]) -> Terminal:
    known = ("password", "library", "encoding", "language", "reader_password", "off_line")
    keys = node.mapping(known, ("password", "library"))
    password = keys["password"].text("a hash")
    if not password.startswith("$argon2"):
        raise keys["password"].error("write the hash that `bibliopolis sip2 --hash` prints")
    encoding = keys["encoding"].name(ENCODINGS, "encoding") if "encoding" in keys else "utf-8"
    ways = keys["reader_password"].name(PASSWORD_WAYS, "way") if "reader_password" in keys else ""
    return Terminal(
        name=name,
        password=password,
        library=keys["library"].text("the code of a library"),
        encoding=codecs.lookup(encoding).name,
        language=keys["language"].name(languages, "language") if "language" in keys else "",
        asks_password=ways == "account",
        off_line="off_line" in keys and keys["off_line"].boolean(),
    )
