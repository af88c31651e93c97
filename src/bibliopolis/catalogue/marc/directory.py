"""The directory of an ISO 2709 record: which field stands where, and what to do if it is wrong.

An entry is a tag, the length of its field (four digits) and where it begins (five digits). Fields
end with a mark of their own, so that lengths can be done without as long as their number is right.
"""

from __future__ import annotations

import re
from typing import Any

from bibliopolis.catalogue.marc.structure import Unusable
from bibliopolis.i18n import _

FIELD_END = b"\x1e"
RECORD_END = b"\x1d"
LEADER_LENGTH = 24
ENTRY_LENGTH = 12
LONGEST_BY_RULE = 99_999
"""More the five digits of a length cannot say."""
TAG = re.compile(rb"[0-9A-Za-z]{3}")

RawField = tuple[str, bytes]
Found = tuple[list[RawField], tuple[Any, ...]]

DAMAGED = _("the directory is damaged")


def raw_fields(segment: bytes) -> Found:
    """Return tags and bytes of the fields by the directory, or in their order if it is wrong."""
    base = _base_address(segment)
    directory, content = segment[LEADER_LENGTH : base - 1], segment[base:]
    if not directory:
        raise Unusable(_("the record has no fields"))
    if len(directory) % ENTRY_LENGTH:
        return _overlong(directory, content)
    entries = [directory[at : at + ENTRY_LENGTH] for at in range(0, len(directory), ENTRY_LENGTH)]
    if len(content) > LONGEST_BY_RULE:
        return _in_their_order(entries, content)
    good = [entry for entry in entries if TAG.match(entry)]
    fields = [_by_entry(entry, content) for entry in good]
    if not fields or None in fields:
        if len(good) < len(entries) or not all(entry[3:].isdigit() for entry in entries):
            raise Unusable(DAMAGED)
        return _in_their_order(sorted(entries, key=lambda entry: int(entry[7:])), content)
    remarks: list[Any] = []
    if len(good) < len(entries):
        remarks.append(_("a field with an impossible tag was left out"))
    elif sum(int(entry[3:7]) for entry in entries) < len(content.rstrip(RECORD_END)):
        remarks.append(_("a field that the directory does not name was left out"))
    return [field for field in fields if field], tuple(remarks)


def _base_address(segment: bytes) -> int:
    """Return where the fields begin: where the leader says, else behind the directory."""
    declared = segment[12:17]
    base = int(declared) if declared.isdigit() else 0
    if (
        not (LEADER_LENGTH < base <= len(segment) and segment[base - 1 : base] == FIELD_END)
        or FIELD_END in segment[LEADER_LENGTH : base - 1]
    ):
        base = segment.find(FIELD_END, LEADER_LENGTH) + 1
    if not base:
        raise Unusable(DAMAGED)
    return base


def _by_entry(entry: bytes, content: bytes) -> RawField | None:
    """Return tag and bytes of the field the entry points to, or None if it points wrong."""
    if not entry[3:].isdigit():
        return None
    length, start = int(entry[3:7]), int(entry[7:])
    data = content[start : start + length]
    if len(data) != length or not data.endswith(FIELD_END) or data.find(FIELD_END) != length - 1:
        return None
    return entry[:3].decode("ascii"), data[:-1]


def _pieces(content: bytes) -> list[bytes]:
    """Return the fields by the marks at their ends."""
    if not content.endswith(RECORD_END):
        raise Unusable(_("the record ends in the middle"))
    return content.removesuffix(RECORD_END).removesuffix(FIELD_END).split(FIELD_END)


def _in_their_order(entries: list[bytes], content: bytes) -> Found:
    """Return the fields one after the other, each with the tag of its turn."""
    pieces = _pieces(content)
    if len(pieces) != len(entries):
        raise Unusable(_("the directory does not fit the fields"))
    if not all(TAG.match(entry) for entry in entries):
        raise Unusable(DAMAGED)
    tags = [entry[:3].decode("ascii") for entry in entries]
    remark = _("lengths in the directory were wrong")
    if len(content) > LONGEST_BY_RULE:
        remark = TOO_LONG
    return list(zip(tags, pieces, strict=True)), (remark,)


TOO_LONG = _("the record is longer than its format allows")


def _overlong(directory: bytes, content: bytes) -> Found:
    """Return the fields of a directory whose numbers have more digits than there is room for."""
    fields: list[RawField] = []
    position, start = 0, 0
    for piece in _pieces(content):
        entry = directory[position : position + 3]
        numbers = b"%04d%05d" % (len(piece) + 1, start)
        if not TAG.match(entry) or not directory.startswith(numbers, position + 3):
            raise Unusable(DAMAGED)
        fields.append((entry.decode("ascii"), piece))
        position += 3 + len(numbers)
        start += len(piece) + 1
    if position != len(directory):
        raise Unusable(_("the directory does not fit the fields"))
    return fields, (TOO_LONG,)
