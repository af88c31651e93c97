"""Read a letter that somebody sent: who, to which thread, what they wrote themselves.

Nothing about it is believed: headers may be broken or missing, charsets unknown, parts nested
without end. What can be read of it is returned; what cannot is left out.
"""

from __future__ import annotations

import hashlib
import html
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import Message
from email.policy import compat32
from email.utils import getaddresses, parseaddr
from typing import Any

import nh3

MARKER = "##-"
"""Begins the first line of our letters: what is below it was not written by the asker."""
MOST_PARTS = 50
MOST_MESSAGE_IDS = 30
LONGEST_TEXT = 50_000
LONGEST_READ = 1_000_000
"""So many letters of a body are looked at: what people write stands at its beginning."""
TO_WHOM = ("To", "Cc", "Delivered-To", "X-Original-To", "Envelope-To")
AUTOMATIC_HEADERS = ("X-Autoreply", "X-Autorespond", "X-Auto-Response-Suppress", "List-Id")
AUTOMATIC_PRECEDENCE = frozenset({"bulk", "junk", "list", "auto_reply"})
ROBOTS = ("mailer-daemon", "postmaster")
MESSAGE_ID = re.compile(r"<[^<>\s]{3,198}>")
QUOTED = re.compile(r"\s*>")
WROTE = re.compile(
    r"(wrote|writes|schrieb|пишет|писал|написал|написала|написал\(а\)|كتب)\s*:\s*$",
    re.IGNORECASE,
)
LONGEST_ATTRIBUTION = 420
ORIGINAL = re.compile(
    r"\s*(-{2,}\s*(original message|исходное сообщение|пересылаемое сообщение|forwarded message)"
    r"|_{20,}\s*$|(from|от|отправитель)\s*:\s.*@)",
    re.IGNORECASE,
)
BREAKS = re.compile(r"(?i)<br\b[^<>]*>|</(?:p|div|li|tr|h[1-6]|blockquote)\s*>")


@dataclass(frozen=True)
class Attached:
    """A file of a letter, its bytes not yet looked at."""

    name: str
    content: bytes


@dataclass(frozen=True)
class Letter:
    """A letter as far as it can be read."""

    key: str
    sender: str
    subject: str
    text: str
    recipients: tuple[str, ...] = ()
    refers_to: tuple[str, ...] = ()
    message_id: str = ""
    automatic: bool = False
    files: tuple[Attached, ...] = ()


def read_letter(content: bytes) -> Letter:
    """Return what the bytes of a letter say."""
    # The old policy leaves broken headers as they are, where the new one may fail on them.
    message = message_from_bytes(content, policy=compat32)
    body, files = _parts(message)
    text = own_words(body[:LONGEST_READ])
    return Letter(
        key=_key(message, content, body),
        sender=parseaddr(_header(message, "From"))[1].strip().lower()[:320],
        subject=" ".join(_header(message, "Subject").split())[:300],
        text=text[:LONGEST_TEXT],
        recipients=_recipients(message),
        refers_to=_refers_to(message),
        message_id=_header(message, "Message-ID").strip()[:200],
        automatic=_is_automatic(message),
        files=tuple(files),
    )


def own_words(text: str) -> str:
    """Return what somebody wrote above, between or below what they quote."""
    lines: list[str] = []
    for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n"):
        if line.strip().startswith(MARKER) or ORIGINAL.match(line) or line in ("-- ", "--"):
            break
        if QUOTED.match(line) or _is_attribution(line):
            continue
        lines.append(line.rstrip())
    words = re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
    return _storable(words)


def _is_attribution(line: str) -> bool:
    """Say whether a line says when somebody wrote what follows."""
    found = WROTE.search(line) if len(line) <= LONGEST_ATTRIBUTION else None
    return found is not None and any(one.isdecimal() for one in line[: found.start()])


def _key(message: Message, content: bytes, body: str) -> str:
    """Return a hash that is the same when the same letter is delivered twice.

    Some programs give every letter the same Message-ID: what it says belongs to the key.
    """
    named = _header(message, "Message-ID").strip()
    if not named:
        return hashlib.sha256(content).hexdigest()
    parts = (named, _header(message, "From"), _header(message, "Date"), body)
    return hashlib.sha256("\0".join(parts).encode(errors="replace")).hexdigest()


def _header(message: Message, name: str) -> str:
    value = message.get(name)
    if value is None:
        return ""
    try:
        return _storable(str(make_header(decode_header(value))))
    except (LookupError, ValueError):
        return _storable(str(value))


def _headers(message: Message, name: str) -> list[str]:
    return [_storable(str(value)) for value in message.get_all(name, [])]


def _recipients(message: Message) -> tuple[str, ...]:
    found = [value for name in TO_WHOM for value in _headers(message, name)]
    return tuple(address.lower() for _name, address in getaddresses(found)[:50] if address)


def _refers_to(message: Message) -> tuple[str, ...]:
    found = [
        one
        for name in ("In-Reply-To", "References")
        for value in _headers(message, name)
        for one in MESSAGE_ID.findall(value)
    ]
    return tuple(dict.fromkeys(found))[:MOST_MESSAGE_IDS]


def _is_automatic(message: Message) -> bool:
    """Say whether no person has written it: RFC 3834, and what programs did before that."""
    submitted = _header(message, "Auto-Submitted").strip().lower()
    if submitted and not submitted.startswith("no"):
        return True
    if _header(message, "Precedence").strip().lower() in AUTOMATIC_PRECEDENCE:
        return True
    if any(message.get(name) is not None for name in AUTOMATIC_HEADERS):
        return True
    if message.get_content_type() in ("multipart/report", "message/delivery-status"):
        return True
    if _header(message, "Return-Path").strip() == "<>":
        return True
    sender = parseaddr(_header(message, "From"))[1].lower()
    return sender.partition("@")[0] in ROBOTS


def _parts(message: Message) -> tuple[str, Sequence[Attached]]:
    """Return the text of a letter, the plain one if there is one, and its files."""
    plain: list[str] = []
    rich: list[str] = []
    files: list[Attached] = []
    for part in _leaves(message):
        kind, name = part.get_content_type(), _file_name(part)
        disposed = str(part.get("Content-Disposition") or "").strip().lower()
        if name or disposed.startswith("attachment"):
            files.append(Attached(name or "file", _bytes(part)))
        elif kind == "text/plain":
            plain.append(_text(part))
        elif kind == "text/html":
            rich.append(_words(_text(part)))
    return "\n".join(plain if any(one.strip() for one in plain) else rich), files


def _leaves(message: Message) -> Iterator[Message]:
    waiting: list[Any] = [message]
    for _n in range(MOST_PARTS):
        if not waiting:
            return
        part = waiting.pop(0)
        content = part.get_payload()
        if isinstance(content, list):
            # A letter in a letter is a file, whose words are somebody else's.
            if part.get_content_maintype() != "message":
                waiting[:0] = [one for one in content if isinstance(one, Message)]
        else:
            yield part


def _file_name(part: Message) -> str:
    try:
        name = part.get_filename()
        return _storable(str(make_header(decode_header(name)))) if name else ""
    except (LookupError, ValueError, TypeError):
        return "file"


def _bytes(part: Message) -> bytes:
    content = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""


def _text(part: Message) -> str:
    content = _bytes(part)
    charset = part.get_content_charset() or "utf-8"
    try:
        return _storable(content.decode(charset, errors="replace"))
    except (LookupError, ValueError):
        return _storable(content.decode("utf-8", errors="replace"))


def _words(markup: str) -> str:
    """Return the words of HTML; what it quotes is marked as plain letters mark it."""
    quoted = re.sub(r"(?is)<blockquote\b.*", "", markup[:LONGEST_READ])
    bare = nh3.clean(BREAKS.sub("\n", quoted), tags=set())
    return html.unescape(bare)


def _storable(text: str) -> str:
    """Return a text without what no database stores: NUL and halves of characters."""
    return text.replace("\0", "").encode(errors="ignore").decode()
