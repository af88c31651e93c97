"""``bibliopolis waiting-times``: what came of the promises, and trying a history out."""

import shutil
from datetime import timedelta

import pytest
from click.testing import CliRunner
from fixtures.lending import City
from fixtures.sites import SITE
from fixtures.waiting import seen_before

from bibliopolis.cli import main
from bibliopolis.clock import Clock
from bibliopolis.db import make_engine, make_session

HEADS = ",promises,as promised,earlier,later,left"


@pytest.fixture
def run(migrated_sqlite, tmp_path):
    """Run the command for a network of two libraries, at one of which readers have waited."""
    shutil.copyfile(migrated_sqlite, tmp_path / "bibliopolis.sqlite")
    engine, clock = make_engine(f"sqlite:///{tmp_path / 'bibliopolis.sqlite'}"), Clock()
    with make_session(engine, writes=True) as db, db.begin():
        city = City(db, clock, None)
        network, here, there = (city.library(name) for name in ("Network", "Okhta", "Mayak"))
        here.parent_id = there.parent_id = network.id
        here.code, there.code = "okhta", "mayak"
        # Long before the day of a back test, and after it.
        for ago in (300, 100):
            seen_before(db, clock, here, range(1, 41), promise=(5, 30), ago=ago)
    engine.dispose()

    def run(*arguments):
        environment = {"BIBLIOPOLIS_DATA": str(tmp_path)}
        command = ["waiting-times", "-c", str(SITE / "development.ini"), *arguments]
        return CliRunner(env=environment).invoke(main, command)

    return run


def test_it_says_what_came_of_the_promises(run):
    told = run("--csv")
    elsewhere = run("--at", "mayak")

    assert told.exit_code == elsewhere.exit_code == 0
    heads, *rows = told.stdout.splitlines()
    assert heads == HEADS
    assert rows == [
        "all,80,52,8,20,0",
        "rounds 1,80,52,8,20,0",
        "item type book,80,52,8,20,0",
        "place okhta,80,52,8,20,0",
    ]
    # Nobody waited there: no share of nothing.
    assert elsewhere.stdout.splitlines()[1].split() == ["all", "0", "0", "0", "0", "0"]


def test_a_history_is_tried_out_and_nothing_is_written(run):
    split = (Clock().today() - timedelta(days=200)).isoformat()

    tried = run("--back-test", split)

    assert tried.exit_code == 0
    # What was learnt of forty waits is tried on the other forty.
    assert tried.stdout.splitlines()[1].split()[:2] == ["all", "40"]
    assert "Nothing would have been promised 0 times." in tried.stderr


def test_an_organisation_that_is_not_there_is_said(run):
    refused = run("--at", "nowhere")

    assert refused.exit_code == 2
    assert "there is no organisation nowhere" in refused.stderr
