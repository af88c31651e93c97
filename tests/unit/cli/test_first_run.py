import click
import pytest

from bibliopolis.cli.first_run import FirstRun, occupy


def test_an_empty_folder_is_due_for_its_first_run(tmp_path):
    occupy(tmp_path)

    assert FirstRun(tmp_path).is_due


def test_a_folder_with_data_never_gets_the_demo(tmp_path):
    (tmp_path / "bibliopolis.sqlite").touch()

    assert not FirstRun(tmp_path).is_due


def test_an_interrupted_first_run_leaves_nothing_behind(tmp_path):
    first = FirstRun(tmp_path)
    first.begin()
    (tmp_path / "bibliopolis.sqlite").touch()
    (tmp_path / "media").mkdir()
    (tmp_path / "media" / "1.jpg").touch()

    again = FirstRun(tmp_path)

    assert again.was_interrupted
    again.forget()
    assert again.is_due
    assert not again.was_interrupted


def test_a_completed_first_run_is_not_repeated(tmp_path):
    first = FirstRun(tmp_path)
    first.begin()
    (tmp_path / "bibliopolis.sqlite").touch()
    first.complete()

    assert not first.was_interrupted
    assert not first.is_due


def test_two_supervisors_do_not_share_a_folder(tmp_path):
    occupy(tmp_path)

    with pytest.raises(click.ClickException, match="DATA=var-2"):
        occupy(tmp_path)
