"""The pages of the demo, written and published as editors, translators and reviewers do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any

from bibliopolis.accounts.models import Person
from bibliopolis.content.models import Content
from bibliopolis.content.services import Edit, Editing
from bibliopolis.content.tree import Tree
from bibliopolis.demo.acting import acting
from bibliopolis.demo.data_files import read
from bibliopolis.demo.pictures import draw
from bibliopolis.resources.interfaces import IMediaStore

SOURCE = "ru"


class Pages:
    """Write the site of the city; ``staff`` are people by the name of their role."""

    def __init__(
        self,
        request: Any,
        staff: Mapping[str, Person],
        library_ids: Mapping[str, int],
        record_ids: Mapping[str, int],
    ) -> None:
        self.request = request
        self.staff = staff
        self.library_ids = library_ids
        self.record_ids = record_ids
        self.clock = request.clock
        self.pictures: dict[str, dict[str, Any]] = {}

    def write_all(self) -> None:
        """Write everything; a section comes before what lies in it."""
        self._front()
        for page in read("pages")["pages"]:
            parent, _slash, slug = page["path"].rpartition("/")
            self._page(parent, slug, page["type"], page, self._days_ago(30))
        for page in read("library_pages")["library_pages"]:
            library = {"library": self.library_ids[page["library"]]}
            when = self._days_ago(28)
            self._page("about/branches", page["library"], "library_page", page, when, library)
        for news in read("news")["news"]:
            day = self._days_ago(news["days_ago"])
            shared = {
                "day": self.clock.local(day).date().isoformat(),
                "library": self.library_ids[news["library"]],
            }
            self._page("news", news["slug"], "news", news, day, shared)
        for event in read("events")["events"]:
            self._page(
                "events", event["slug"], "event", event, self._days_ago(7), self._when(event)
            )
        for collection in read("collections")["collections"]:
            shared = {"audience": collection["audience"]}
            self._page(
                "collections",
                collection["slug"],
                "collection",
                collection,
                self._days_ago(collection.get("days_ago", 12)),
                shared,
            )

    def _front(self) -> None:
        when = self._days_ago(31)
        root = acting(self.request, self.staff["editor"], when).find_service(Tree).root()
        self._publish(root, read("pages")["front"], when, None)

    def _page(
        self,
        parent_path: str,
        slug: str,
        kind: str,
        words: Mapping[str, Any],
        when: datetime,
        shared: Mapping[str, Any] | None = None,
    ) -> None:
        editor = self.staff["editor"]
        tree = acting(self.request, editor, when).find_service(Tree)
        parent = tree.by_path(parent_path) if parent_path else tree.root()
        assert parent is not None, parent_path
        node = tree.create(parent, kind, slug, source_language=SOURCE, owner_id=editor.id)
        self._publish(node, words, when, shared)

    def _publish(
        self,
        node: Content,
        words: Mapping[str, Any],
        when: datetime,
        shared: Mapping[str, Any] | None,
    ) -> None:
        shared = {**(shared or {}), **self._picture(words, when)}
        source_revision_id = None
        for language in self.request.settings.all_languages:
            if language not in words:
                continue
            writer = self.staff["translator" if language == "ar" else "editor"]
            edit = Edit(
                data=self._fields(words, language),
                shared=shared if language == SOURCE and shared else None,
                source_revision_id=source_revision_id,
            )
            desk = acting(self.request, writer, when).find_service(Editing)
            translation = desk.save(node, language, edit)
            desk.take(node, language, "submit")
            if words.get("leave") != "in_review":
                later = acting(self.request, self.staff["reviewer"], when + timedelta(hours=3))
                later.find_service(Editing).take(node, language, "publish")
            if language == SOURCE:
                source_revision_id = translation.working_revision_id

    def _fields(self, words: Mapping[str, Any], language: str) -> dict[str, Any]:
        own = words[language]
        fields = {
            name: own[name]
            for name in ("title", "summary", "picture_alt", "curator", "tags")
            if name in own
        }
        if "picture" in words:
            scene = words["picture"]["scene"]
            fields.setdefault("picture_alt", read("pictures")["scenes"][scene].get(language, ""))
        blocks = [*_text(own), *self._books(words, language)]
        return {**fields, "blocks": blocks} if blocks else fields

    def _picture(self, words: Mapping[str, Any], when: datetime) -> dict[str, Any]:
        """Draw the picture a page asks for and keep it as editors keep what they send."""
        if "picture" not in words:
            return {}
        scene, colours = words["picture"]["scene"], words["picture"]["colours"]
        media = acting(self.request, self.staff["editor"], when).find_service(IMediaStore)
        name = f"{scene}-{colours}.png"
        if name not in self.pictures:
            drawn = BytesIO(draw(name, scene, colours))
            self.pictures[name] = media.keep(drawn, name, "image")
        return {"picture": self.pictures[name]}

    def _books(self, words: Mapping[str, Any], language: str) -> Iterator[dict[str, Any]]:
        if "books" in words:
            yield {
                "id": "books",
                "type": "resources",
                "heading": words[language]["heading"],
                "items": [
                    {
                        "id": f"book{number}",
                        "ref": f"record:{self.record_ids[book['title']]}",
                        "note": book[language],
                    }
                    for number, book in enumerate(words["books"], start=1)
                ],
            }

    def _when(self, event: Mapping[str, Any]) -> dict[str, Any]:
        """Return when and where an event is: so many days from today, at the city's hour.

        What would already be over today is tomorrow; what lasts some days is on all day long.
        """
        day = self.clock.today() + timedelta(days=event["in_days"])
        where = {
            "library": self.library_ids[event["library"]],
            "audience": event["audience"],
            "held_in": event.get("held_in", ["ru"]),
        }
        if "days" in event:
            starts = datetime(day.year, day.month, day.day, tzinfo=self.clock.zone)
            ends = starts + timedelta(days=event["days"])
            return {**where, "starts": _stored(starts), "ends": _stored(ends), "whole_day": True}
        hour, minute = map(int, event["at"].split(":"))
        starts = datetime(day.year, day.month, day.day, hour, minute, tzinfo=self.clock.zone)
        if starts <= self.clock.now():
            starts += timedelta(days=1)
        ends = starts + timedelta(hours=event["hours"])
        return {**where, "starts": _stored(starts), "ends": _stored(ends)}

    def _days_ago(self, days: int) -> datetime:
        instant: datetime = self.clock.now() - timedelta(days=days)
        return instant


def _text(words: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    if "text" in words:
        yield {"id": "text", "type": "text", "markup": words["text"].strip()}


def _stored(instant: datetime) -> str:
    """Return an instant as fields of the type ``datetime`` keep it: UTC, to the second."""
    return instant.astimezone(UTC).replace(microsecond=0).isoformat()
