"""Revisions, steps and what each of them changes for visitors."""

import pytest
from sqlalchemy import select

from bibliopolis.content.models import NEUTRAL, Revision
from bibliopolis.content.revisions import outdated
from bibliopolis.content.services import Edit, SavedMeanwhile
from bibliopolis.errors import Conflict, NotAllowed
from bibliopolis.mail import MailMessage
from bibliopolis.resources.history import HistoryEntry


@pytest.fixture
def editor(as_role):
    return as_role("editor")


@pytest.fixture
def reviewer(as_role):
    return as_role("reviewer")


@pytest.fixture
def node(editor):
    tree = editor.tree
    section = tree.create(tree.root(), "section", "city")
    return tree.create(section, "page", "bridges", source_language="ru", owner_id=editor.person.id)


def _save(who, node, language="ru", **data):
    return who.editing.save(node, language, Edit(data=data))


def test_saving_makes_a_new_revision_and_keeps_the_old_one(editor, node, db):
    first = _save(editor, node, title="One").working
    translation = _save(editor, node, title="Two")

    assert translation.working.number == 2
    assert first.data == {"title": "One"}
    assert translation.working_title == "Two"
    assert translation.live is None


def test_saving_what_is_there_already_makes_no_revision(editor, node):
    _save(editor, node, title="One")

    assert _save(editor, node, title="One").working.number == 1


def test_publishing_shows_the_working_revision(editor, reviewer, node):
    _save(editor, node, title="One")
    reviewer.editing.take(node, "ru", "publish")

    translation = editor.editing.translation(node, "ru")
    assert translation.state == "published"
    assert translation.live is translation.working
    assert translation.live_title == "One"
    assert translation.published is not None


def test_editing_a_published_page_changes_nothing_public(editor, reviewer, node):
    _save(editor, node, title="One")
    reviewer.editing.take(node, "ru", "publish")

    translation = _save(editor, node, title="Two")

    assert translation.state == "draft"
    assert (translation.live_title, translation.working_title) == ("One", "Two")
    assert translation.live.data == {"title": "One"}


def test_all_reasons_against_a_step_are_told(editor, node):
    _save(editor, node, blocks=[{"id": "a", "type": "picture", "media": "x", "alt": " "}])

    with pytest.raises(Conflict) as refusal:
        editor.editing.take(node, "ru", "submit")

    assert len(refusal.value.reasons) == 1
    chief = [offer.transition.name for offer in editor.editing.steps(node, "ru").refused]
    assert chief == ["submit"]


def test_a_picture_without_description_cannot_be_published(editor, reviewer, node):
    _save(
        editor, node, title="One", blocks=[{"id": "a", "type": "picture", "media": "x", "alt": ""}]
    )

    with pytest.raises(Conflict):
        reviewer.editing.take(node, "ru", "publish")


def test_an_ornament_needs_no_description(editor, reviewer, node):
    block = {"id": "a", "type": "picture", "media": "x", "alt": "", "decorative": True}
    _save(editor, node, title="One", blocks=[block])

    assert reviewer.editing.take(node, "ru", "publish").to == "published"


def test_a_required_field_of_all_languages_is_missed(editor, reviewer, node):
    tree = editor.tree
    event = tree.create(tree.by_path("city"), "event", "walk", source_language="ru")
    editor.editing.save(event, "ru", Edit(data={"title": "Walk"}, shared={}))

    with pytest.raises(Conflict):
        reviewer.editing.take(event, "ru", "publish")


def test_an_editor_does_not_publish(editor, node):
    _save(editor, node, title="One")

    with pytest.raises(NotAllowed):
        editor.editing.take(node, "ru", "publish")


def test_a_translator_of_one_language_edits_no_other(editor, as_role, node):
    translator = as_role("translator", scope="lang:ar")
    _save(editor, node, title="One")

    assert _save(translator, node, "ar", title="واحد").working_title == "واحد"
    with pytest.raises(NotAllowed):
        _save(translator, node, "ru", title="Mine")


def test_sending_back_needs_a_comment_and_writes_to_the_author(editor, reviewer, node, db):
    _save(editor, node, title="One")
    editor.editing.take(node, "ru", "submit")
    with pytest.raises(Conflict):
        reviewer.editing.take(node, "ru", "reject", comment="  ")

    reviewer.editing.take(node, "ru", "reject", comment="Name the bridge.")

    letter = db.scalars(select(MailMessage)).one()
    assert letter.recipient == "editor@example.org"
    assert "Name the bridge." in letter.body
    assert "/ru/city/bridges/@@edit" in letter.body
    entry = db.scalars(select(HistoryEntry).where(HistoryEntry.action == "reject")).one()
    assert (entry.state_before, entry.state_after) == ("in_review", "draft")
    assert entry.comment == "Name the bridge."


def test_history_names_the_revisions(editor, reviewer, node, db):
    translation = _save(editor, node, title="One")
    reviewer.editing.take(node, "ru", "publish")

    entry = db.scalars(select(HistoryEntry).where(HistoryEntry.action == "publish")).one()
    assert entry.data == {"working": translation.working_revision_id, "live": translation.live.id}


def test_who_saves_second_loses_nothing_and_overwrites_nothing(editor, as_role, node, db):
    _save(editor, node, title="One")
    other = as_role("editor", name="other")
    other.editing.save(node, "ru", Edit(data={"title": "Two"}, base=1))

    with pytest.raises(SavedMeanwhile) as conflict:
        editor.editing.save(node, "ru", Edit(data={"title": "Mine"}, base=1))

    assert conflict.value.newer.number == 2
    assert db.scalars(select(Revision.title)).all() == ["One", "Two"]


def test_a_reviewer_publishes_what_they_have_read(editor, reviewer, node):
    _save(editor, node, title="One")
    _save(editor, node, title="Two")

    with pytest.raises(SavedMeanwhile):
        reviewer.editing.take(node, "ru", "publish", base=1)


def test_taking_down_leaves_the_working_revision(editor, reviewer, node):
    _save(editor, node, title="One")
    reviewer.editing.take(node, "ru", "publish")

    reviewer.editing.take(node, "ru", "retract")

    translation = editor.editing.translation(node, "ru")
    assert (translation.live, translation.live_title) == (None, None)
    assert translation.working_title == "One"
    assert translation.published is not None


def test_what_is_not_up_cannot_be_taken_down(reviewer, editor, node):
    _save(editor, node, title="One")

    names = [offer.transition.name for offer in reviewer.editing.steps(node, "ru")]

    assert names == ["publish"]


def test_publishing_the_source_publishes_what_all_languages_share(editor, reviewer, as_role):
    tree = editor.tree
    section = tree.create(tree.root(), "section", "events")
    event = tree.create(section, "event", "walk", source_language="ru")
    old, new = "2026-12-04T16:00:00+00:00", "2026-12-05T16:00:00+00:00"
    editor.editing.save(event, "ru", Edit(data={"title": "Прогулка"}, shared={"starts": old}))
    editor.editing.save(event, "en", Edit(data={"title": "Walk"}))
    for language in ("ru", "en"):
        reviewer.editing.take(event, language, "publish")
    editor.editing.save(event, "ru", Edit(data={"title": "Прогулка"}, shared={"starts": new}))

    shared = editor.editing.translation(event, NEUTRAL)
    assert shared.live.data == {"starts": old}
    assert event.starts.isoformat() == old
    assert editor.editing.languages_changed_by_publishing(event) == ("en",)

    reviewer.editing.take(event, "ru", "publish")

    assert shared.live.data == {"starts": new}
    assert event.starts.isoformat() == new
    assert editor.editing.languages_changed_by_publishing(event) == ()


def test_a_translation_is_outdated_by_what_was_published_after_it(editor, reviewer, node):
    ru = _save(editor, node, title="Один")
    reviewer.editing.take(node, "ru", "publish")
    made_from = Edit(data={"title": "One"}, source_revision_id=ru.live.id)
    en = editor.editing.save(node, "en", made_from)
    assert outdated([ru, en], ru) == set()

    _save(editor, node, title="Два")
    assert outdated([ru, en], ru) == set()
    reviewer.editing.take(node, "ru", "publish")

    assert outdated([ru, en], ru) == {"en"}


def test_reverting_makes_a_new_revision(editor, node, db):
    first = _save(editor, node, title="One").working
    _save(editor, node, title="Two")

    translation = editor.editing.revert(node, "ru", first)

    assert (translation.working.number, translation.working_title) == (3, "One")
