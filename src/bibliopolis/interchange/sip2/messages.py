"""Lines of SIP2: fixed fields, named fields, sequence number and checksum; no input or output.

A message ends with a carriage return. Its named fields have two letters and end with a bar;
``AY`` and a figure count the messages, ``AZ`` and four figures in base 16 are the checksum, two's
complement of the sum of all bytes up to and with the letters ``AZ`` (SIP 2.00, appendix A).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, tzinfo

LONGEST = 4096
"""Bytes of a message; the longest one that a terminal has to say is far shorter."""

FIXED: Mapping[str, int] = {
    "01": 19,
    "09": 37,
    "11": 38,
    "15": 19,
    "17": 18,
    "23": 21,
    "29": 38,
    "35": 18,
    "63": 31,
    "65": 18,
    "93": 2,
    "97": 0,
    "99": 8,
}
"""How many characters of fixed fields follow the two figures of each message we understand."""

DATE_LEFT_OUT = frozenset({"35", "65"})
"""Messages whose only fixed field is the date of the terminal, which some leave out."""

ASK_AGAIN = "96"
RESEND = "97"

_TRAILER = re.compile(rb"AY([0-9])(?:AZ([0-9A-Fa-f]{4}))?$")
_CHECKED = re.compile(rb"AZ[^|]{0,8}$")
_BREAKS = re.compile(r"[\x00-\x1f\x7f|]+")


class Garbled(Exception):
    """The line is no message, or not as it was sent: it should be sent again."""


@dataclass(frozen=True)
class Message:
    """What a terminal said; the first of several fields with one name counts."""

    code: str
    fixed: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)
    sequence: str | None = None
    checked: bool = False
    """Whether it had a checksum: then the answer has one, too."""

    def get(self, name: str) -> str:
        """Return a field without space around it; empty where it was not sent."""
        return self.fields.get(name, "").strip()


@dataclass(frozen=True)
class Answer:
    """What is said back; fields that are None are left out."""

    code: str
    fixed: str = ""
    fields: tuple[tuple[str, str | None], ...] = ()


def checksum(sent: bytes) -> bytes:
    """Return the four figures for all bytes of a message up to and with ``AZ``."""
    return f"{-sum(sent) & 0xFFFF:04X}".encode()


def read(line: bytes, encoding: str) -> Message:
    """Read a line without its end; `Garbled` where it is none of ours or came damaged."""
    trailer = _TRAILER.search(line)
    sequence, checked = None, False
    if trailer is not None:
        sequence = trailer[1].decode()
        checked = trailer[2] is not None
        if checked and checksum(line[:-4]) != trailer[2].upper():
            raise Garbled("the checksum is wrong")
        line = line[: trailer.start()]
    elif _CHECKED.search(line):
        raise Garbled("the checksum cannot be read")
    try:
        text = line.decode(encoding)
    except UnicodeDecodeError as error:
        raise Garbled("these are no letters") from error
    code, length = text[:2], FIXED.get(text[:2])
    if code in DATE_LEFT_OUT and not text[2:10].isdigit():
        length = 0
    if length is None or len(text) < 2 + length:
        raise Garbled("there is no such message")
    fields: dict[str, str] = {}
    for part in text[2 + length :].split("|"):
        if len(part) >= 2:
            fields.setdefault(part[:2], part[2:].replace("\0", ""))
    return Message(code, text[2 : 2 + length], fields, sequence, checked)


def write(answer: Answer, encoding: str, asked: Message | None = None) -> bytes:
    """Return the bytes of an answer with its end; what the encoding lacks becomes “?”."""
    said = answer.code + answer.fixed
    said += "".join(f"{name}{plain(value)}|" for name, value in answer.fields if value is not None)
    line = said.encode(encoding, errors="replace")
    if asked is not None and asked.sequence is not None:
        line += b"AY" + asked.sequence.encode()
    if asked is None or asked.checked:
        line += b"AZ"
        line += checksum(line)
    return line + b"\r"


def plain(value: str) -> str:
    """Return a value that ends no field and no message."""
    return _BREAKS.sub(" ", value).strip()


def moment(when: datetime) -> str:
    """Return an instant by the clocks of its zone: YYYYMMDD, four blanks, HHMMSS."""
    return when.strftime("%Y%m%d    %H%M%S")


def moment_of(text: str, zone: tzinfo) -> datetime | None:
    """Return the instant of eighteen characters; None where there is none.

    Four characters between date and time tell the zone: blanks are that of the terminal's place,
    ``Z`` is UTC.
    """
    try:
        told = datetime.strptime(text[:8] + text[12:18], "%Y%m%d%H%M%S")
    except ValueError:
        return None
    return told.replace(tzinfo=UTC if text[8:12].strip() in ("Z", "UTC") else zone)


def end_of(day: date) -> str:
    """Return the end of a day."""
    return day.strftime("%Y%m%d    235959")


def flag(value: object) -> str:
    """Return a yes or no."""
    return "Y" if value else "N"


def counted(numbers: Iterable[int]) -> str:
    """Return numbers of four figures each."""
    return "".join(f"{min(number, 9999):04}" for number in numbers)
