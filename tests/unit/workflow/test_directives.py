"""Rooms and packages bring workflows, guards and verbs by directives that notice conflicts."""

from __future__ import annotations

from types import ModuleType, SimpleNamespace

import pytest
from pyramid.config import Configurator
from pyramid.exceptions import ConfigurationConflictError

from bibliopolis.declarations import told_as
from bibliopolis.errors import ConfigurationError, Conflict, NotAllowed
from bibliopolis.startup import plain_errors
from bibliopolis.workflow import Skeleton, Step, Workflows, titled

LOAN = """\
name: loan
title: Loan
initial: out
states:
  out: {title: Out, permissions: {edit: [librarian]}}
  back: {title: Back, permissions: {}, final: true}
transitions:
  give_back:
    {title: Give back, from: [out], to: back, permission: edit, guards: [is_whole], verb: desk.take}
"""


@titled("the copy is whole")
def is_whole(step):
    return None


def take(step):
    return f"{step.actor} takes {step.resource}"


@pytest.fixture
def site(tmp_path):
    (tmp_path / "workflows").mkdir()
    return tmp_path


@pytest.fixture
def config(site):
    config = Configurator()
    config.registry["bibliopolis.settings"] = SimpleNamespace(site=site)
    config.include("pyramid_services")
    config.include("bibliopolis.workflow")
    config.registry["bibliopolis.names"].know(["edit"], ["librarian"])
    return config


def _write(folder, text=LOAN):
    file = folder / "loan.yaml"
    file.write_text(text, "utf-8")
    return file


def _commit(config) -> Workflows:
    with plain_errors():
        config.commit()
    return config.registry["bibliopolis.workflows"]


def test_the_order_of_registration_does_not_matter(config, tmp_path):
    config.add_workflow(_write(tmp_path))
    config.add_guards({"is_whole": is_whole})
    config.add_verbs("desk", {"take": take})

    workflows = _commit(config)

    assert "loan" in workflows
    assert [workflow.name for workflow in workflows] == ["loan"]
    assert workflows.machine("loan").workflow is workflows["loan"]


def test_the_folder_of_the_site_is_read(site):
    _write(site / "workflows")
    config = Configurator()
    config.registry["bibliopolis.settings"] = SimpleNamespace(site=site)
    config.include("pyramid_services")
    config.include("bibliopolis.workflow")
    config.registry["bibliopolis.names"].know(["edit"], ["librarian"])
    config.add_guards({"is_whole": is_whole})
    config.add_verbs("desk", {"take": take})

    assert "loan" in _commit(config)


def test_a_mistake_in_a_file_comes_through_as_its_one_line(config, tmp_path):
    config.add_workflow(_write(tmp_path))

    with pytest.raises(ConfigurationError, match=r"loan.yaml:9: unknown guard “is_whole”"):
        _commit(config)


def test_guards_of_a_module_are_its_public_functions(config):
    module = ModuleType("guards")
    exec("def may_go(step): ...\ndef _helper(step): ...", vars(module))
    module.borrowed = is_whole

    config.add_guards(module)
    config.commit()

    assert set(config.registry["bibliopolis.names"].guards) == {"may_go"}


def test_two_guards_of_one_name_stop_the_start(config):
    config.add_guards({"is_whole": is_whole})
    config.include(lambda inner: inner.add_guards({"is_whole": take}))
    config.include(lambda inner: inner.add_guards({"is_whole": is_whole}))
    config.commit()
    config.add_guards({"other": take})
    config.add_guards({"other": is_whole})

    with pytest.raises(ConfigurationConflictError, match="test_directives"):
        config.commit()


def test_a_conflict_with_the_site_names_the_file(config, site):
    file = _write(site / "workflows")
    with told_as(config, file):
        config.add_workflow(file)
    config.add_workflow(_write(site))

    with pytest.raises(ConfigurationConflictError) as conflict:
        config.commit()

    assert "workflows/loan.yaml" in str(conflict.value)
    assert "test_directives.py" in str(conflict.value)


def test_a_skeleton_is_checked(config, tmp_path):
    config.add_guards({"is_whole": is_whole})
    config.add_verbs("desk", {"take": take})
    config.add_workflow(_write(tmp_path), requires=Skeleton(states=frozenset({"late"})))

    with pytest.raises(ConfigurationError, match=r"“late” is missing; .* relies on it"):
        _commit(config)


def test_a_workflow_that_code_relies_on_must_be_there(config):
    config.require_workflow("loan", states=["out"])

    with pytest.raises(ConfigurationError, match=r"workflows/loan.yaml: the file is missing"):
        _commit(config)


@pytest.fixture
def lending(config, tmp_path):
    config.add_workflow(_write(tmp_path))
    config.add_guards({"is_whole": lambda step: "asked too early"})
    config.add_verbs("desk", {"take": take})
    return _commit(config)


def _step(state):
    return Step(SimpleNamespace(state=state), "Anna", {}, None, None)


def test_performing_a_step_calls_its_verb_which_asks_the_guards_itself(lending):
    done = lending.perform("loan", "give_back", _step("out"), lambda permission: True)

    assert done.startswith("Anna takes")


def test_performing_a_step_that_is_not_this_actor_s_calls_nothing(lending):
    with pytest.raises(NotAllowed):
        lending.perform("loan", "give_back", _step("out"), lambda permission: False)
    with pytest.raises(Conflict):
        lending.perform("loan", "give_back", _step("back"), lambda permission: True)


def test_what_was_registered_can_be_inspected(config, tmp_path):
    config.add_workflow(_write(tmp_path))
    config.add_guards({"is_whole": is_whole})
    config.add_verbs("desk", {"take": take})
    config.commit()

    guards = config.registry.introspector.get_category("bibliopolis guards")
    workflows = config.registry.introspector.get_category("bibliopolis workflows")
    assert guards[0]["introspectable"]["title"] == "the copy is whole"
    assert workflows[0]["introspectable"]["file"].name == "loan.yaml"
