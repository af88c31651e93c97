"""Files sent with questions and answers: looked at, kept apart, shown only with their thread.

Pictures are kept as we made them anew, so that no place of taking and no script is in them; other
files are kept as they came and only ever sent to be saved. What the database no longer names is
swept away: a row is written before its file is needed, and deleted before its file is.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bibliopolis.content.media import WEBP, examine, make_anew, write_whole
from bibliopolis.db import new_uid
from bibliopolis.errors import InvalidInput
from bibliopolis.i18n import _, _n

from ..models import Enquiry, EnquiryFile, EnquiryMessage, MessageKind

FOLDER = "enquiries"
ENDINGS = (".jpg", ".jpeg", ".png", ".webp", ".gif", ".pdf", ".docx", ".odt")
MOST = 3
"""So many files come with one message."""
MOST_OF_A_THREAD = 30
LARGEST = 10_000_000
LONGEST_NAME = 200
HOUR = 3600
UID = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True)
class Checked:
    """A file that may be kept."""

    name: str
    media_type: str
    content: bytes


class Attachments:
    """Check, keep and find the files of threads."""

    def __init__(self, db: Session, data: Path) -> None:
        self.db = db
        self.folder = data / FOLDER

    @classmethod
    def from_request(cls, context: Any, request: Any) -> Attachments:
        """Make it for a request."""
        return cls(db=request.db, data=request.settings.data)

    def check(self, sent: Iterable[tuple[str, BinaryIO]]) -> list[Checked]:
        """Return the files of a message, given as (name, stream); refuse them with a reason."""
        sent = list(sent)
        if len(sent) > MOST:
            raise InvalidInput(
                _n(
                    "Send at most ${n} file with one message.",
                    "Send at most ${n} files with one message.",
                    MOST,
                )
            )
        return [self.check_one(name, stream.read(LARGEST + 1)) for name, stream in sent]

    def check_one(self, name: str, content: bytes) -> Checked:
        """Return a file that may be kept, or refuse it with a reason."""
        if len(content) > LARGEST:
            raise InvalidInput(
                _n(
                    "The file is too large: at most ${n} megabyte fits.",
                    "The file is too large: at most ${n} megabytes fit.",
                    LARGEST // 1_000_000,
                )
            )
        if not name.lower().endswith(ENDINGS):
            raise InvalidInput(
                _(
                    "Files of this kind cannot be kept here. Send one of these: ${kinds}.",
                    mapping={"kinds": ", ".join(one.lstrip(".") for one in ENDINGS)},
                )
            )
        found = examine(content, name)
        if not found.is_picture:
            return Checked(found.name, found.media_type, content)
        # The name may have become longer than its column by the other ending.
        stem = Path(found.name).stem[: LONGEST_NAME - len(".webp")]
        return Checked(f"{stem}.webp", WEBP, make_anew(BytesIO(content)))

    def keep(self, message: EnquiryMessage, files: Sequence[Checked]) -> None:
        """Keep the files of a message; the thread must not have too many."""
        if not files:
            return
        have = self.db.scalar(
            select(func.count())
            .select_from(EnquiryFile)
            .where(EnquiryFile.enquiry_id == message.enquiry_id)
        )
        if (have or 0) + len(files) > MOST_OF_A_THREAD:
            raise InvalidInput(
                _("There are too many files in this thread already."),
                {"upload": _("There are too many files in this thread already.")},
            )
        for one in files:
            row = EnquiryFile(
                uid=new_uid(),
                enquiry_id=message.enquiry_id,
                message_id=message.id,
                name=one.name,
                media_type=one.media_type,
                size=len(one.content),
            )
            self.db.add(row)
            # Before the commit: a row must not name a file that is not there.
            write_whole(self.path(row), one.content)
        self.db.flush()

    def of(self, enquiry: Enquiry) -> Mapping[int, Sequence[EnquiryFile]]:
        """Return the files of a thread by their message, by one query."""
        rows = self.db.scalars(
            select(EnquiryFile).where(EnquiryFile.enquiry_id == enquiry.id).order_by(EnquiryFile.id)
        )
        found: dict[int, list[EnquiryFile]] = {}
        for row in rows:
            found.setdefault(row.message_id, []).append(row)
        return found

    def find(self, enquiry: Enquiry, uid: str, *, notes: bool) -> EnquiryFile | None:
        """Return a file of this very thread; those of notes only to who may read notes."""
        found = (
            select(EnquiryFile)
            .join(EnquiryMessage, EnquiryMessage.id == EnquiryFile.message_id)
            .where(EnquiryFile.uid == uid, EnquiryFile.enquiry_id == enquiry.id)
        )
        if not notes:
            found = found.where(EnquiryMessage.kind != MessageKind.NOTE)
        return self.db.scalar(found)

    def path(self, row: EnquiryFile) -> Path:
        """Return where a file is kept."""
        return self.folder / row.uid[:2] / row.uid

    def sweep(self) -> int:
        """Delete files that no row names: what was forgotten, and what was never committed."""
        if not self.folder.exists():
            return 0
        old = time.time() - HOUR  # the file system's own clock
        names = {
            path.name: path
            for path in self.folder.glob("*/*")
            if path.is_file() and path.stat().st_mtime < old
        }
        for uids in _chunks([name for name in names if UID.fullmatch(name)], 500):
            known = self.db.scalars(select(EnquiryFile.uid).where(EnquiryFile.uid.in_(uids)))
            for uid in known:
                del names[uid]
        for path in names.values():
            path.unlink(missing_ok=True)
        return len(names)


def _chunks(values: Sequence[str], size: int) -> Iterable[Sequence[str]]:
    return (values[start : start + size] for start in range(0, len(values), size))
