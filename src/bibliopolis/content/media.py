"""Files people send: looked at, kept under their hash, shown only as we made them anew.

Nothing about an upload is believed: the type is read from the bytes, a picture is decoded within
limits, and what visitors get is always our own re-encoding, so that no script, place of taking or
second file hidden in it reaches anybody.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from sqlalchemy import exists, select
from sqlalchemy.orm import Session, aliased
from zope.interface import implementer

from bibliopolis.clock import Clock
from bibliopolis.errors import InvalidInput, NotFoundHere
from bibliopolis.i18n import _, _n
from bibliopolis.resources.interfaces import IMediaStore

from .models import NEUTRAL, Content, ContentTranslation, Media, MediaUse, Revision

if TYPE_CHECKING:
    # Pictures are looked at seldom: a process that shows pages need not know how.
    from PIL import Image

PICTURES = {
    "PNG": ("image/png", (".png",)),
    "JPEG": ("image/jpeg", (".jpg", ".jpeg", ".jpe", ".jfif")),
    "WEBP": ("image/webp", (".webp",)),
    "GIF": ("image/gif", (".gif",)),
}
FILES = {
    ".pdf": ("application/pdf", (b"%PDF-",)),
    ".epub": ("application/epub+zip", (b"PK\x03\x04",)),
    ".docx": (
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        (b"PK\x03\x04",),
    ),
    ".odt": ("application/vnd.oasis.opendocument.text", (b"PK\x03\x04",)),
    ".mp3": ("audio/mpeg", (b"ID3", b"\xff\xfb", b"\xff\xf3", b"\xff\xf2")),
}
MAX_PIXELS = 40_000_000
MAX_SIDE = 16_000
SCALES = {"thumb": 240, "card": 480, "wide": 1280, "full": 2400}
LARGEST = "full"
WEBP = "image/webp"
ALL_PICTURE_ENDINGS = frozenset(one for _type, names in PICTURES.values() for one in names)
MARKUP = (b"<svg", b"<?xml", b"<html", b"<!doctype", b"<script")


@dataclass(frozen=True)
class Examined:
    """What is known of a file after a look at its bytes: ``size`` is that of a picture, in dots."""

    name: str
    media_type: str
    size: tuple[int | None, int | None] = (None, None)

    @property
    def is_picture(self) -> bool:
        """Say whether it can be shown."""
        return self.size[0] is not None


def examine(content: bytes, filename: str, *, is_picture: bool | None = None) -> Examined:
    """Look at a file that somebody sent, or refuse it with a reason.

    Unless it is said, the ending of the name tells whether it should be a picture; what it is is
    told by the bytes alone.
    """
    name = _name(filename)
    if not content:
        raise InvalidInput(_("The file is empty."))
    if is_picture is None:
        is_picture = name.lower().endswith(tuple(ALL_PICTURE_ENDINGS))
    if is_picture:
        return Examined(name, *_check_picture(content, name))
    return Examined(name, _check_file(content, name))


def make_anew(source: Path | BinaryIO, side: int = SCALES[LARGEST]) -> bytes:
    """Return a picture as our own WebP: turned upright, without whatever else was in the file."""
    from PIL import Image, ImageOps

    with Image.open(source, formats=list(PICTURES)) as opened:
        picture = ImageOps.exif_transpose(opened)
        picture.thumbnail((side, side), Image.Resampling.LANCZOS)
        clear = picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info
        picture = picture.convert("RGBA" if clear else "RGB")
    made = BytesIO()
    picture.save(made, "WEBP", quality=82, method=4)
    return made.getvalue()


def write_whole(path: Path, content: bytes) -> None:
    """Write a file whole or not at all; what is there already is left alone."""
    _write(path, content)


@implementer(IMediaStore)
class MediaStore:
    """Keep files below the data folder and say what is known of them."""

    def __init__(
        self, db: Session, clock: Clock, data: Path, limit: int, owner_id: int | None, base: str
    ) -> None:
        self.db = db
        self.clock = clock
        self.data = data
        self.limit = limit
        self.owner_id = owner_id
        self.base = base

    @classmethod
    def from_request(cls, context: Any, request: Any) -> MediaStore:
        """Make it for a request."""
        return cls(
            db=request.db,
            clock=request.clock,
            data=request.settings.data,
            limit=request.settings.upload_limit,
            owner_id=request.principals.person_id,
            base=request.script_name,
        )

    def keep(self, stream: BinaryIO, filename: str, kind: str) -> dict[str, Any]:
        """Keep the bytes of a stream, or refuse them with a reason."""
        content = stream.read(self.limit + 1)
        if len(content) > self.limit:
            raise InvalidInput(
                _n(
                    "The file is too large: at most ${n} megabyte fits.",
                    "The file is too large: at most ${n} megabytes fit.",
                    self.limit // 1_000_000,
                )
            )
        found = examine(content, filename, is_picture=kind == "image")
        digest = hashlib.sha256(content).hexdigest()
        mine = self.db.scalar(
            select(Media).where(Media.sha256 == digest, Media.owner_id == self.owner_id)
        )
        if mine is None:
            _write(self._path(digest), content)
            mine = Media(
                name=found.name,
                media_type=found.media_type,
                size=len(content),
                sha256=digest,
                width=found.size[0],
                height=found.size[1],
                owner_id=self.owner_id,
                created=self.clock.now(),
            )
            self.db.add(mine)
            self.db.flush()  # to get the uid that fields keep
        return _facts(mine)

    def knows(self, uid: str) -> bool:
        """Say whether a file of this uid is kept."""
        return self.find(uid) is not None

    def describe(self, uid: str) -> dict[str, Any]:
        """Return what was said when it was kept."""
        media = self.find(uid)
        if media is None:
            raise NotFoundHere(_("There is no such file."))
        return _facts(media)

    def url(self, uid: str, scale: str | None = None) -> str:
        """Return the path of the file or of a scale."""
        return f"{self.base}/media/{uid}" + (f"/{scale}" if scale else "")

    def find(self, uid: str) -> Media | None:
        """Return the row of a file."""
        return self.db.scalar(select(Media).where(Media.uid == uid))

    def is_public(self, media: Media) -> bool:
        """Say whether a page that visitors see shows the file."""
        # What all languages share keeps its live revision when the last language is taken down.
        spoken = aliased(ContentTranslation)
        live = (
            exists()
            .where(MediaUse.media_id == media.id)
            .where(ContentTranslation.live_revision_id == MediaUse.revision_id)
            .where(Content.id == ContentTranslation.content_id, Content.binned.is_(None))
            .where(spoken.content_id == Content.id, spoken.language != NEUTRAL)
            .where(spoken.live_revision_id.is_not(None))
        )
        return bool(self.db.scalar(select(live)))

    def pages_that_show(
        self, media: Media, limit: int = 50
    ) -> Sequence[tuple[Content, ContentTranslation]]:
        """Return pages, in their languages, that show the file in some revision."""
        rows = self.db.execute(
            select(Content, ContentTranslation)
            .join(ContentTranslation, ContentTranslation.content_id == Content.id)
            .join(Revision, Revision.translation_id == ContentTranslation.id)
            .join(MediaUse, MediaUse.revision_id == Revision.id)
            .where(MediaUse.media_id == media.id)
            .distinct()
            .limit(limit)
        )
        return [(node, translation) for node, translation in rows]

    def picture(self, media: Media, scale: str) -> Path:
        """Return the file of a picture's scale, made when it is first asked for."""
        path = self.data / "cache" / "media" / media.sha256[:2] / f"{media.sha256}-{scale}.webp"
        if not path.exists():
            _scale(self._path(media.sha256), path, SCALES[scale])
        return path

    def original(self, media: Media) -> Path:
        """Return the bytes as they were sent."""
        return self._path(media.sha256)

    def _path(self, digest: str) -> Path:
        return self.data / "files" / digest[:2] / digest


def _facts(media: Media) -> dict[str, Any]:
    facts = {
        "uid": media.uid,
        "filename": media.name,
        "media_type": media.media_type,
        "size": media.size,
        "width": media.width,
        "height": media.height,
    }
    return {key: value for key, value in facts.items() if value is not None}


def _name(filename: str) -> str:
    plain = "".join(one for one in filename if one.isprintable())
    name = plain.replace("\\", "/").rpartition("/")[2].strip(" .")
    return name[-200:] or "file"


def _check_picture(content: bytes, name: str) -> tuple[str, tuple[int, int]]:
    """Return type and size of a picture, or refuse what is none or would be too much."""
    if content[:1000].lstrip(b"\xef\xbb\xbf \t\r\n").lower().startswith(MARKUP):
        raise InvalidInput(
            _("Drawings in SVG cannot be used here: export the picture as PNG or JPEG.")
        )
    from PIL import Image

    not_a_picture = InvalidInput(
        _("This is not a picture we can show. Send PNG, JPEG, WebP or GIF.")
    )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with _open(content) as picture:
                form, (width, height) = str(picture.format), picture.size
                if width * height > MAX_PIXELS or max(width, height) > MAX_SIDE:
                    raise InvalidInput(
                        _(
                            "The picture is too large: ${width} × ${height} dots. "
                            "Make it smaller than 40 million dots.",
                            mapping={"width": width, "height": height},
                        )
                    )
                picture.load()
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise not_a_picture from error
    media_type, endings = PICTURES[form]
    if not _looks_like(content, media_type):
        raise not_a_picture
    if not name.lower().endswith(endings):
        raise InvalidInput(
            _(
                "The name says “${name}”, but this is a ${kind} picture. Rename the file.",
                mapping={"name": name, "kind": form},
            )
        )
    return media_type, (width, height)


def _open(content: bytes) -> Image.Image:
    from PIL import Image

    return Image.open(BytesIO(content), formats=list(PICTURES))


def _looks_like(content: bytes, media_type: str) -> bool:
    """Ask a second, independent reader of file types."""
    import puremagic

    try:
        found = puremagic.magic_string(content[:65536])
    except (puremagic.PureError, ValueError):
        return False
    return any(one.mime_type == media_type for one in found)


def _check_file(content: bytes, name: str) -> str:
    ending = Path(name.lower()).suffix
    if ending not in FILES:
        raise InvalidInput(
            _(
                "Files of this kind cannot be kept here. Send one of these: ${kinds}.",
                mapping={"kinds": ", ".join(one.lstrip(".") for one in FILES)},
            )
        )
    media_type, beginnings = FILES[ending]
    if not content.startswith(beginnings):
        raise InvalidInput(
            _("The file is not what its name says: “${name}”.", mapping={"name": name})
        )
    return media_type


def _write(path: Path, content: bytes) -> None:
    """Write a file whole or not at all; the same bytes are written once."""
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, draft = tempfile.mkstemp(dir=path.parent)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    Path(draft).replace(path)


def _scale(source: Path, target: Path, side: int) -> None:
    """Make a scale and keep it."""
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        made = make_anew(source, side)
    except OSError as error:
        raise NotFoundHere(_("There is no such file.")) from error
    handle, draft = tempfile.mkstemp(dir=target.parent, suffix=".webp")
    with os.fdopen(handle, "wb") as file:
        file.write(made)
    Path(draft).replace(target)
