"""Read what was typed about a topic or asked in its form; what is wrong is told by field.

Values are texts by the names of the inputs, so that a refused form is shown as it was sent.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import time
from typing import Any, BinaryIO

from webob.multidict import MultiDict

from bibliopolis.accounts.services import is_email
from bibliopolis.i18n import _, _n
from bibliopolis.libraries.forms import CODE, Reading, Values
from bibliopolis.parameters import row_id, whole_number
from bibliopolis.web import UPLOAD

from .models import FieldKind, Topic
from .resources import TAKEN
from .services.topic_editing import TopicDescription

LONGEST_TITLE = 100
LONGEST_INTRO = 1000
LONGEST_LINE = 300
LONGEST_QUESTION = 5000
LONGEST_ANSWER = 20000
SHORTEST_QUESTION = 10
MOST_FIELDS = 6
MOST_KEPT = 3650
UID = re.compile(r"[0-9a-f]{32}")
ANSWER_LANGUAGES = (
    "ru", "en", "ar", "az", "be", "de", "es", "fa", "fi", "fr", "hy", "it", "ka", "kk", "ky",
    "tg", "tr", "tt", "uk", "uz", "zh",
)  # fmt: skip
"""Languages a topic may offer answers in: a librarian may know more than the site speaks."""


@dataclass(frozen=True)
class Asked:
    """What was put into the form of a topic."""

    text: str
    language: str
    email: str
    name: str
    extra: Mapping[str, Any]
    uid: str


def read_question(values: Values, topic: Topic, email: str | None) -> Asked:
    """Return what was asked; ``email`` is that of the account, if there is one."""
    reading = Reading(values)
    text = long_text(reading, "text", LONGEST_QUESTION)
    if "text" not in reading.errors and len(text) < SHORTEST_QUESTION:
        reading.errors["text"] = _n(
            "Write in at least ${n} character what you look for.",
            "Write in at least ${n} characters what you look for.",
            SHORTEST_QUESTION,
        )
    extra = {one["name"]: _extra(reading, one) for one in topic.fields}
    language = reading.text("language")
    if language not in topic.languages:
        reading.errors["language"] = _("Choose a language of the list.")
    name = reading.text("name")
    address = email
    if address is None:
        address = reading.text("email")
        if "@" not in address:
            reading.errors["email"] = _("The sign @ is missing. Write it like name@example.org.")
        elif not is_email(address):
            reading.errors["email"] = _("Write a full address, like name@example.org.")
    reading.done(_("It was not sent: correct what is marked."))
    return Asked(text, language, address, name, extra, once(values))


def _extra(reading: Reading, one: Mapping[str, Any]) -> Any:
    name = f"extra_{one['name']}"
    if one["kind"] == FieldKind.TICK:
        ticked = bool(reading.values.get(name))
        if one["required"] and not ticked:
            reading.errors[name] = _("This must be ticked.")
        return ticked
    is_text = one["kind"] == FieldKind.TEXT
    text = (
        long_text(reading, name, LONGEST_QUESTION) if is_text else reading.text(name, LONGEST_LINE)
    )
    if one["required"] and not text:
        reading.errors.setdefault(name, _("This is needed to answer."))
    return text


def once(values: Values) -> str:
    """Return the uid that the form was given, so that it counts once however often it is sent."""
    uid = str(values.get("once", ""))
    return uid if UID.fullmatch(uid) else ""


def long_text(reading: Reading, name: str, longest: int) -> str:
    """Return what was typed into a large field, its lines kept."""
    lines = str(reading.values.get(name, "")).replace("\r\n", "\n").replace("\r", "\n")
    text = "\n".join(line.rstrip() for line in lines.split("\n")).strip()
    if len(text) > longest:
        reading.errors[name] = _n(
            "Write at most ${n} character.", "Write at most ${n} characters.", longest
        )
    return text


def read_message(values: Values, longest: int = LONGEST_ANSWER) -> str:
    """Return the text of a message, which may be empty: its step says whether that will do."""
    reading = Reading(values)
    text = long_text(reading, "text", longest)
    reading.done(_("It was not sent: correct what is marked."))
    return text


def values_of(topic: Topic) -> dict[str, Any]:
    """Return a topic as the values of its form."""
    values: dict[str, Any] = {
        **{f"title_{tag}": text for tag, text in topic.title.items()},
        **{f"intro_{tag}": text for tag, text in topic.intro.items()},
        "languages": list(topic.languages),
        "library": str(topic.library_id),
        "is_open": topic.is_open,
        "without_account": topic.without_account,
        "working_days": str(topic.working_days),
        "daily_quota": "" if topic.daily_quota is None else str(topic.daily_quota),
        "reopens_at": topic.reopens_at.strftime("%H:%M"),
        "keep_days": str(topic.keep_days),
        "position": str(topic.position),
    }
    for n, one in enumerate(topic.fields):
        values[f"field_{n}_kind"] = one["kind"]
        values[f"field_{n}_required"] = one["required"]
        values[f"field_{n}_name"] = one["name"]
        values.update({f"field_{n}_title_{tag}": text for tag, text in one["title"].items()})
    return values


NEW_TOPIC: Mapping[str, Any] = {
    "is_open": True,
    "without_account": True,
    "working_days": "3",
    "reopens_at": "07:00",
    "keep_days": "90",
    "position": "0",
}
"""What the form of a new topic begins with."""


def read_topic(
    values: Values, languages: Iterable[str], libraries: Iterable[int]
) -> TopicDescription:
    """Return what was typed about a topic."""
    reading = Reading(values)
    languages = tuple(languages)
    title = reading.spoken("title", languages, LONGEST_TITLE)
    if not title:
        reading.errors[f"title_{languages[0]}"] = _("Give it a title in at least one language.")
    spoken = tuple(one for one in ANSWER_LANGUAGES if one in values.get("languages", ()))
    if not spoken:
        reading.errors["languages"] = _("Choose at least one language.")
    library_id = row_id(values.get("library", ""))
    if library_id not in set(libraries):
        reading.errors["library"] = _("Choose whose calendar counts.")
    description = TopicDescription(
        title=title,
        intro=reading.spoken("intro", languages, LONGEST_INTRO),
        languages=spoken,
        library_id=library_id or 0,
        is_open=bool(values.get("is_open")),
        without_account=bool(values.get("without_account")),
        working_days=_number(reading, "working_days", 1, 60) or 1,
        daily_quota=_number(reading, "daily_quota", 1, 10000, may_lack=True),
        reopens_at=reading.parsed("reopens_at", time.fromisoformat, _("Write an hour like 07:00."))
        or time(),
        keep_days=_number(reading, "keep_days", 1, MOST_KEPT) or 1,
        fields=tuple(_fields(reading, languages)),
        position=_number(reading, "position", 0, 999) or 0,
    )
    reading.done(_("It was not saved: correct what is marked."))
    return description


def read_code(values: Values) -> str:
    """Return the code of a new topic."""
    reading = Reading(values)
    code = reading.text("code")
    if not CODE.fullmatch(code):
        reading.errors["code"] = _(
            "Write small Latin letters, digits and hyphens, such as history."
        )
    elif code in TAKEN:
        reading.errors["code"] = _("This word has another meaning here. Choose another one.")
    reading.done(_("It was not saved: correct what is marked."))
    return code


def _fields(reading: Reading, languages: tuple[str, ...]) -> Iterable[dict[str, Any]]:
    """Return the further fields; those without a title are none."""
    used: set[str] = set()
    for n in range(MOST_FIELDS):
        title = reading.spoken(f"field_{n}_title", languages, LONGEST_TITLE)
        if not title:
            continue
        name = reading.text(f"field_{n}_name")
        # The name stays when the title is corrected: old answers are kept under it.
        if not re.fullmatch(r"f[0-9]{1,3}", name) or name in used:
            name = next(f"f{k}" for k in range(1, 1000) if f"f{k}" not in used)
        used.add(name)
        kind = reading.text(f"field_{n}_kind")
        yield {
            "name": name,
            "kind": kind if kind in set(FieldKind) else str(FieldKind.LINE),
            "title": title,
            "required": bool(reading.values.get(f"field_{n}_required")),
        }


def _number(
    reading: Reading, name: str, least: int, most: int, may_lack: bool = False
) -> int | None:
    text = reading.text(name)
    if not text and may_lack:
        return None
    number = whole_number(text, 5)
    if number is None or not least <= number <= most:
        reading.errors[name] = _(
            "Write a whole number from ${least} to ${most}.",
            mapping={"least": least, "most": most},
        )
        return None
    return number


def sent_files(sent: MultiDict) -> list[tuple[str, BinaryIO]]:
    """Return the files of a form as (name, stream); a control left empty sends none."""
    return [
        (str(one.filename), one.file)
        for one in sent.getall(UPLOAD)
        if hasattr(one, "file") and one.filename
    ]
