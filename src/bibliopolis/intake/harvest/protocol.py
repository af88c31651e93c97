"""Answers of OAI-PMH 2.0 (https://www.openarchives.org/OAI/openarchivesprotocol.html).

An answer is XML from a stranger: entities are never expanded and a document type is refused.
A page that is not well-formed, as where one record holds a letter that XML has not, is cut into its
records, so that one of them spoils no other.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from lxml import etree

from bibliopolis.i18n import _
from bibliopolis.parameters import FIRST_YEAR, LAST_YEAR

from .fetching import CUT_OFF, Answer
from .troubles import Busy, Refused

NAMESPACE = "http://www.openarchives.org/OAI/2.0/"
OAI = f"{{{NAMESPACE}}}"
LONGEST_TOKEN = 4000
"""A token goes into an address; servers take no longer ones."""
SHOWN = 200
DAY, SECONDS = "YYYY-MM-DD", "YYYY-MM-DDThh:mm:ssZ"
END = re.compile(rb"</(?:[\w.-]+:)?OAI-PMH\s*>\s*$")
CUT = re.compile(rb"<(?:[\w.-]+:)?header(?=[\s>])")
HEADER = re.compile(rb"<((?:[\w.-]+:)?)header(?=[\s>]).*?</\1header\s*>", re.DOTALL)
METADATA = re.compile(
    rb"<(?P<prefix>(?:[\w.-]+:)?)metadata(?:\s[^>]*)?>(?P<inside>.*)</(?P=prefix)metadata\s*>",
    re.DOTALL,
)
IDENTIFIER = re.compile(rb"<(?:[\w.-]+:)?identifier[^>]*>([^<]*)<")
DELETED = re.compile(rb"""\sstatus\s*=\s*["']deleted["']""")
TOKEN = re.compile(rb"<(?:[\w.-]+:)?resumptionToken([^>]*)>([^<]*)</")
SIZE = re.compile(rb"""\scompleteListSize\s*=\s*["']([0-9]{1,9})["']""")
RESPONSE_DATE = re.compile(rb"<(?:[\w.-]+:)?responseDate[^>]*>([^<]*)<")
LIST = re.compile(rb"<(?:[\w.-]+:)?ListRecords[\s>]")


class ProtocolError(Exception):
    """The source answered with an error of the protocol."""

    def __init__(self, code: str, message: str, response_date: datetime | None) -> None:
        super().__init__(f"{code} {message}".strip())
        self.code = code
        self.response_date = response_date


@dataclass(frozen=True)
class Sent:
    """A record of a page: its identifier, whether it was deleted, and its metadata as XML."""

    identifier: str
    deleted: bool
    metadata: bytes


@dataclass(frozen=True)
class Page:
    """A page of a list; ``token`` asks for the next one and is empty on the last."""

    sent: tuple[Sent, ...] = ()
    token: str = ""
    response_date: datetime | None = None
    size: int | None = None
    """How many records the whole list has, if the source says so."""


@dataclass(frozen=True)
class Identity:
    """What a source says of itself: the smallest step of its dates, and what it does on deletion.

    ``deleted`` is ``persistent``, ``transient`` or ``no``.
    """

    granularity: str
    deleted: str


def asked_for(
    prefix: str, set_: str, since: datetime | None, granularity: str, token: str
) -> dict[str, str]:
    """Return the parameters of a request for a page; a token stands alone."""
    if token:
        return {"verb": "ListRecords", "resumptionToken": token}
    wanted = {"verb": "ListRecords", "metadataPrefix": prefix}
    if set_:
        wanted["set"] = set_
    if since is not None:
        wanted["from"] = written(since, granularity)
    return wanted


def written(moment: datetime, granularity: str) -> str:
    """Return a moment as a source with this granularity reads it, one step earlier.

    Both ends of a range belong to it, and what was changed within the step of the last harvest may
    have come too late for that.
    """
    moment = moment.astimezone(UTC)
    if granularity == DAY:
        return f"{(moment - timedelta(days=1)).date():%Y-%m-%d}"
    return f"{moment - timedelta(seconds=1):%Y-%m-%dT%H:%M:%SZ}"


def read_identity(answer: Answer) -> Identity:
    """Return what the source says of itself."""
    try:
        root = _root(answer)
    except etree.XMLSyntaxError as error:
        raise Refused(NO_OAI) from error
    _raise_error(root)
    granularity = (root.findtext(f"{OAI}Identify/{OAI}granularity") or "").strip()
    deleted = (root.findtext(f"{OAI}Identify/{OAI}deletedRecord") or "").strip()
    if root.find(f"{OAI}Identify") is None:
        raise Refused(NO_OAI)
    return Identity(
        # Days are understood by every source.
        SECONDS if granularity.lower() == SECONDS.lower() else DAY,
        deleted if deleted in ("persistent", "transient") else "no",
    )


def read_page(answer: Answer) -> Page:
    """Return the page; ``ProtocolError``, ``Refused`` or ``Busy`` say why there is none."""
    try:
        root = _root(answer)
    except etree.XMLSyntaxError as error:
        return _damaged(answer, error)
    _raise_error(root)
    records = root.find(f"{OAI}ListRecords")
    if records is None:
        raise Refused(NO_OAI)
    token = records.find(f"{OAI}resumptionToken")
    size = token.get("completeListSize", "") if token is not None else ""
    return Page(
        tuple(map(_sent, records.iterchildren(f"{OAI}record"))),
        _token(token.text or "" if token is not None else ""),
        _date(root.findtext(f"{OAI}responseDate")),
        int(size) if re.fullmatch("[0-9]{1,9}", size) else None,
    )


NO_OAI = _("What the source answers is not OAI-PMH 2.0.")


def _root(answer: Answer) -> etree._Element:
    """Return the root of an answer, looked at before anything of it is believed."""
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False
    )
    try:
        root = etree.fromstring(answer.body, parser)
    except etree.XMLSyntaxError as error:
        if answer.status != 200:
            raise _status(answer) from error
        if not LIST.search(answer.body) or NAMESPACE.encode() not in answer.body:
            raise _nothing(answer) from error
        raise
    if getattr(root.getroottree().docinfo, "doctype", ""):
        raise Refused(_("The answer of the source has a document type, which is not read."))
    if root.tag != f"{OAI}OAI-PMH":
        raise _status(answer) if answer.status != 200 else _nothing(answer)
    return root


def _status(answer: Answer) -> Refused:
    said = {"status": str(answer.status)}
    return Refused(_("The source answers with the error ${status}.", mapping=said))


def _nothing(answer: Answer) -> Exception:
    """Return what is wrong with an answer without any records."""
    begun = b"<OAI-PMH" in answer.body[:2000] and NAMESPACE.encode() in answer.body[:2000]
    if begun and not END.search(answer.body[-200:]):
        return Busy(CUT_OFF)
    kind = answer.kind.partition(";")[0].strip()[:SHOWN]
    if "html" in kind.lower():
        return Refused(_("The source answers with a page for people: is its address right?"))
    return Refused(NO_OAI)


def _raise_error(root: etree._Element) -> None:
    error = root.find(f"{OAI}error")
    if error is not None:
        message = " ".join((error.text or "").split())[:SHOWN]
        code = error.get("code", "")[:SHOWN]
        raise ProtocolError(code, message, _date(root.findtext(f"{OAI}responseDate")))


def _sent(record: etree._Element) -> Sent:
    header = record.find(f"{OAI}header")
    if header is None:
        return Sent("", False, etree.tostring(record, encoding="utf-8"))
    metadata = record.find(f"{OAI}metadata")
    inside = next(metadata.iterchildren(tag=etree.Element), None) if metadata is not None else None
    return Sent(
        "".join((header.findtext(f"{OAI}identifier") or "").split()),
        header.get("status") == "deleted",
        b"" if inside is None else etree.tostring(inside, encoding="utf-8", with_tail=False),
    )


def _token(text: str) -> str:
    token = text.strip()
    if len(token) > LONGEST_TOKEN:
        raise Refused(_("The source gives a token that is too long."))
    return token


def _date(text: str | None) -> datetime | None:
    """Return a moment of the source's clock, None where it cannot be read or is in no real year."""
    try:
        found = datetime.fromisoformat((text or "").strip())
    except ValueError:
        return None
    if not FIRST_YEAR <= found.year <= LAST_YEAR:
        return None
    return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)


def _damaged(answer: Answer, error: etree.XMLSyntaxError) -> Page:
    """Cut a page that is not well-formed into its records."""
    body = answer.body
    if not END.search(body[-200:]):
        raise Busy(CUT_OFF) from error
    if b"<!DOCTYPE" in body or b"<!ENTITY" in body:
        raise Refused(NO_OAI) from error
    # What stands behind the last record belongs to the list; in a record nothing is called so.
    token = next(iter([*TOKEN.finditer(body)][-1:]), None)
    date = RESPONSE_DATE.search(body[:4000])
    size = SIZE.search(token.group(1)) if token else None
    return Page(
        tuple(_cut(body)),
        _token(_unescaped(token.group(2)) if token else ""),
        _date(date.group(1).decode("utf-8", "replace") if date else None),
        int(size.group(1)) if size else None,
    )


def _cut(body: bytes) -> Iterator[Sent]:
    starts = [found.start() for found in CUT.finditer(body)]
    if not starts:
        raise Refused(NO_OAI)
    for start, end in zip(starts, [*starts[1:], len(body)], strict=True):
        piece = body[start:end]
        header = HEADER.match(piece)
        head = header.group() if header else b""
        identifier = IDENTIFIER.search(head)
        metadata = METADATA.search(piece)
        yield Sent(
            "".join(_unescaped(identifier.group(1)).split()) if identifier else "",
            bool(DELETED.search(head.partition(b">")[0])),
            metadata.group("inside") if metadata else (b"" if header else piece),
        )


ENTITIES: Mapping[str, str] = {
    "&lt;": "<", "&gt;": ">", "&quot;": '"', "&apos;": "'", "&amp;": "&",
}  # fmt: skip


def _unescaped(raw: bytes) -> str:
    text = raw.decode("utf-8", "replace").replace("\x00", "")
    for entity, letter in ENTITIES.items():
        text = text.replace(entity, letter)
    return text


def refusal(error: ProtocolError, prefix: str, set_: str) -> Any:
    """Return what an error of the protocol means to a person."""
    if error.code == "cannotDisseminateFormat":
        return _("The source does not have the format ${prefix}.", mapping={"prefix": prefix})
    if error.code == "noSetHierarchy":
        return _("The source has no sets, and ${set} is asked for.", mapping={"set": set_})
    return _("The source refuses the request: ${why}", mapping={"why": str(error)[:SHOWN]})
