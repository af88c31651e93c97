"""What workflows name and what rooms bring fit together."""

import pytest

from bibliopolis.workflow import Workflows


@pytest.fixture
def workflows(app):
    return app.registry["bibliopolis.workflows"]


def test_every_guard_is_used(workflows: Workflows):
    used = {name for one in workflows for step in one.transitions.values() for name in step.guards}

    assert set(workflows.names.guards) - used == set()


def test_every_verb_is_used(workflows: Workflows):
    used = {verb for one in workflows for verb in one.verbs}

    assert set(workflows.names.verbs) - used == set()


def test_every_guard_has_words_for_staff(workflows: Workflows):
    assert [
        name for name, guard in workflows.names.guards.items() if not getattr(guard, "title", None)
    ] == []


def test_every_workflow_is_used_by_a_type(app, workflows: Workflows):
    used = {one.workflow.name for one in app.registry["bibliopolis.types"] if one.workflow}

    assert {one.name for one in workflows} - used == set()


def test_every_vocabulary_is_used_by_a_field(app):
    types = app.registry["bibliopolis.types"]
    used = {field.options.get("vocabulary") for one in types for field in one.fields.values()}

    assert set(types.vocabularies) - used == set()
