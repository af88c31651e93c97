"""A picture with words for those who do not see it."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Mapping
from io import BytesIO
from typing import Any

from bibliopolis.errors import InvalidInput, NotFoundHere
from bibliopolis.i18n import _
from bibliopolis.resources.fields.media import SENT_FILE

from .base import Block, BlockContext, BlockForm, BlockProblem, BlockType

FACTS = {"media": "uid", "filename": "filename", "width": "width", "height": "height"}


class Picture(BlockType):
    """One picture; what it shows is said in each language."""

    name = "picture"
    title = _("Picture")
    icon = "image"
    template = "content/blocks/picture.pt"
    editor = "content/blocks/picture_editor.pt"
    texts = ("alt", "caption")

    def read(self, form: BlockForm) -> Block:
        """Keep a file that was sent, or the one that is there."""
        block: Block = {
            "id": form.block_id,
            "type": self.name,
            "alt": form.text("alt", 500, one_line=True),
            "caption": form.text("caption", 500, one_line=True),
            "decorative": form.checked("decorative"),
        }
        media = form.context.media
        upload = form.upload("upload")
        facts: Mapping[str, Any] = {}
        if upload is not None:
            try:
                facts = media.keep(upload.file, upload.filename, "image")
            except InvalidInput as error:
                form.problem("upload", error.reason)
        if not facts:
            facts = _known(media, form.text("media", 32))
        return {**block, **_kept(facts)}

    def clean(self, block: Mapping[str, Any]) -> Block:
        """Return only what a picture has."""
        kept = {key: block[key] for key in FACTS if block.get(key)}
        return {**super().clean(block), "decorative": bool(block.get("decorative")), **kept}

    def json_schema(self) -> dict[str, Any]:
        """Return also which picture it is, or a new one in base64."""
        schema = super().json_schema()
        facts: dict[str, Any] = {
            "media": {"type": "string"},
            "filename": {"type": "string"},
            "width": {"type": "integer"},
            "height": {"type": "integer"},
            "decorative": {"type": "boolean"},
            "upload": SENT_FILE,
        }
        return {**schema, "properties": {**schema["properties"], **facts}}

    def sent(self, block: Block, context: BlockContext) -> Block:
        """Keep a picture that was sent, or take one that is kept."""
        facts: Mapping[str, Any] = {}
        if "upload" in block:
            facts = self._keep(block, context)
        elif block.get("media"):
            facts = _known(context.media, block["media"])
            if not facts:
                told = _("This file is not here any more; send it again.")
                context.problems.append(BlockProblem(block["id"], "media", told))
        plain = {key: value for key, value in block.items() if key not in FACTS}
        return self.clean({**plain, **_kept(facts)})

    def _keep(self, block: Block, context: BlockContext) -> Mapping[str, Any]:
        upload = block["upload"]
        try:
            content = b64decode(upload.get("data", ""), validate=True)
            return context.media.keep(
                BytesIO(content), upload.get("filename") or "picture", "image"
            )
        except ValueError:
            told = _("The data of a file is written in base64.")
        except InvalidInput as error:
            told = error.reason
        context.problems.append(BlockProblem(block["id"], "upload", told))
        return {}

    def show(self, block: Block, cards: Mapping[str, Any], context: BlockContext) -> Any:
        """Return the addresses of its scales."""
        uid = block.get("media")
        if not uid:
            return None
        url = context.media.url
        return {
            **block,
            "src": url(uid, "wide"),
            "srcset": f"{url(uid, 'card')} 480w, {url(uid, 'wide')} 1280w",
            "alt": "" if block.get("decorative") else block.get("alt") or "",
        }


def _known(media: Any, uid: str) -> Mapping[str, Any]:
    if not uid:
        return {}
    try:
        return media.describe(uid)
    except NotFoundHere:
        return {}


def _kept(facts: Mapping[str, Any]) -> Block:
    return {key: facts[name] for key, name in FACTS.items() if facts.get(name) is not None}
