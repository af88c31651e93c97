"""Pictures and files. The field keeps what the media store said of the upload."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Mapping
from io import BytesIO
from typing import Any

import colander
from deform.widget import Widget

from bibliopolis.declarations import Node
from bibliopolis.errors import InvalidInput
from bibliopolis.i18n import _

from ..context import FieldContext
from ..types import Field, ResourceTypes
from .base import FieldType, Stored

FACTS = ("uid", "filename", "media_type", "size", "width", "height")
NUMBERS = frozenset({"size", "width", "height"})
DIGITS = 15
SENT_FILE: dict[str, Any] = {
    "type": "object",
    "properties": {
        **{key: {"type": "integer" if key in NUMBERS else "string"} for key in FACTS},
        "data": {"type": "string"},
        "encoding": {"type": "string"},
        "content-type": {"type": "string"},
        "download": {"type": "string"},
        "scales": {"type": "object"},
    },
    "additionalProperties": False,
}
"""What a program sends: what it has read of a kept file, or a new one in base64."""


class UploadWidget(Widget):
    """A file to send, what is there now, and a box to take it away; works without scripts.

    What was sent is kept at once, so that it is not lost when another field needs mending.
    """

    template = "upload"
    readonly_template = "upload"

    def __init__(self, kind: str, accept: str, context: FieldContext) -> None:
        super().__init__()
        self.kind = kind
        self.accept = accept
        self.context = context

    def serialize(self, field: Any, cstruct: Any, **values: Any) -> str:
        """Draw the control."""
        present = _believable(cstruct) if isinstance(cstruct, dict) else None
        url = self.context.media.url(present["uid"], "thumb") if present else None
        values.update(field=field, cstruct=cstruct, present=present, present_url=url)
        return field.renderer(self.template, **values)

    def deserialize(self, field: Any, pstruct: Any) -> Any:
        """Return what the control sent: a file, the present one, or nothing."""
        if not isinstance(pstruct, Mapping):
            return colander.null
        upload = pstruct.get("upload")
        if upload is not None and getattr(upload, "filename", None):
            return keep(field.schema, self.context, upload.file, upload.filename, self.kind)
        if pstruct.get("remove"):
            return colander.null
        present = {key: pstruct[key] for key in FACTS if pstruct.get(key)}
        return present or colander.null


def _believable(facts: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return what a form says of a kept file, without numbers that are none: it was outside."""
    if not facts.get("uid"):
        return None
    return {
        key: value
        for key, value in facts.items()
        if key not in NUMBERS or (str(value).isdecimal() and len(str(value)) <= DIGITS)
    }


class MediaValue(Stored):
    """What is kept of an upload."""

    def __init__(self, kind: str, context: FieldContext) -> None:
        self.kind = kind
        self.context = context

    def shown(self, node: Any, value: Any) -> Any:
        """Return the facts themselves: the control knows them."""
        return dict(value)

    def read(self, node: Any, value: Any) -> Any:
        """Take a kept file by its uid, or keep one that came inside JSON."""
        if not isinstance(value, Mapping):
            raise colander.Invalid(node, _("This must be a file."))
        if "data" in value:
            return self._keep_data(node, value)
        uid = value.get("uid")
        if not isinstance(uid, str) or not self.context.media.knows(uid):
            raise colander.Invalid(node, _("This file is not here any more; send it again."))
        return _facts(self.context.media.describe(uid))

    def _keep_data(self, node: Any, value: Mapping[str, Any]) -> dict[str, Any]:
        """Keep what a REST client sends inside its JSON, in base64."""
        if value.get("encoding", "base64") != "base64":
            raise colander.Invalid(node, _("The data of a file is written in base64."))
        try:
            content = b64decode(str(value["data"]), validate=True)
        except ValueError:
            raise colander.Invalid(node, _("The data of a file is written in base64.")) from None
        filename = str(value.get("filename") or "file")
        return keep(node, self.context, BytesIO(content), filename, self.kind)


def keep(node: Any, context: FieldContext, stream: Any, filename: str, kind: str) -> dict[str, Any]:
    """Hand bytes to the media store; what it refuses is wrong with the field."""
    try:
        return _facts(context.media.keep(stream, filename, kind))
    except InvalidInput as error:
        raise colander.Invalid(node, error.reason, colander.null) from error


def _facts(kept: Mapping[str, Any]) -> dict[str, Any]:
    return {key: kept[key] for key in FACTS if kept.get(key) is not None}


class File(FieldType):
    """A file to download."""

    name = "file"
    media = "file"
    accept = ""
    in_text = False

    def value_type(self, one: Field, context: FieldContext) -> Any:
        """Return the facts of a kept file."""
        return MediaValue(self.media, context)

    def widget(self, one: Field, context: FieldContext) -> Any:
        """Return the control to send a file."""
        return UploadWidget(self.media, self.accept, context)

    def json_schema(self, one: Field, context: FieldContext) -> dict[str, Any]:
        """Return a file that is kept, by its uid, or one that is sent, in base64."""
        return SENT_FILE

    def represented(self, one: Field, context: FieldContext) -> dict[str, Any]:
        """Return the facts with the path, and for pictures the scales."""
        facts = {
            key: {"type": "integer" if key in NUMBERS else "string"}
            for key in (*FACTS, "content-type", "download")
        }
        return {
            "type": "object",
            "properties": {**facts, "scales": {"type": "object"}},
            "required": ["uid", "download"],
        }

    def display(self, one: Field, value: Any, context: FieldContext) -> Any:
        """Return the facts with the path of the file."""
        return {**value, "url": context.media.url(value["uid"])}

    def represent(self, one: Field, value: Any, context: FieldContext) -> Any:
        """Return the facts with the path, as clients made for Plone read them."""
        shown = self.display(one, value, context)
        return {
            **value,
            "content-type": value.get("media_type"),
            "download": shown["url"],
        }


class Image(File):
    """A picture; with ``alt_text`` it brings a translatable field that describes it."""

    name = "image"
    media = "image"
    accept = "image/png,image/jpeg,image/webp,image/gif"
    options = ("alt_text",)
    scales = ("thumb", "card", "wide")

    def check(
        self, one: Field, keys: Mapping[str, Node], where: Node, types: ResourceTypes
    ) -> Mapping[str, Any]:
        """Read whether a description is required."""
        if "alt_text" not in keys:
            return {}
        return {
            "alt_text": keys["alt_text"].name(("required", "optional"), "way with the description")
        }

    def companions(self, one: Field) -> tuple[Field, ...]:
        """Bring the description: a text of each language, even where the picture is of none."""
        if "alt_text" not in one.options:
            return ()
        return (
            Field(
                name=alt_name(one.name),
                kind="text",
                title=_("${picture}: what it shows", mapping={"picture": one.title}),
                description=_("For those who cannot see the picture."),
                translatable=True,
                options={"max_length": 250},
                line=one.line,
            ),
        )

    def display(self, one: Field, value: Any, context: FieldContext) -> Any:
        """Return the facts with the path of the picture and of its scales."""
        media = context.media
        return {
            **super().display(one, value, context),
            "scales": {scale: media.url(value["uid"], scale) for scale in self.scales},
        }

    def represent(self, one: Field, value: Any, context: FieldContext) -> Any:
        """Return also the scales."""
        shown = self.display(one, value, context)
        scales = {name: {"download": url} for name, url in shown["scales"].items()}
        return {**super().represent(one, value, context), "scales": scales}


def alt_name(name: str) -> str:
    """Return the name of the field that describes a picture."""
    return f"{name}_alt"
