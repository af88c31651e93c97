"""The administrator whom no other can help is let in again, from the command line."""

import shutil

import pytest
from click.testing import CliRunner
from fixtures.sites import SITE
from sqlalchemy import select

from bibliopolis.accounts.models import AuditEvent, SecondFactor
from bibliopolis.cli import main
from bibliopolis.clock import Clock
from bibliopolis.db import make_engine, make_session


@pytest.fixture
def run(migrated_sqlite, tmp_path):
    shutil.copyfile(migrated_sqlite, tmp_path / "bibliopolis.sqlite")

    def run(command, *arguments):
        sent = [command, "-c", str(SITE / "development.ini"), *arguments]
        return CliRunner(env={"BIBLIOPOLIS_DATA": str(tmp_path)}).invoke(main, sent)

    assert run("add-person", "--name", "V", "--password", "long enough", "v@city.ru").exit_code == 0
    return run


@pytest.fixture
def db(run, tmp_path):
    engine = make_engine(f"sqlite:///{tmp_path / 'bibliopolis.sqlite'}")
    with make_session(engine, writes=True) as db:
        yield db
    engine.dispose()


def test_an_operator_switches_it_off(run, db):
    now = Clock().now()
    db.add(SecondFactor(person_id=1, seed="x", begun=now, confirmed=now))
    db.commit()

    result = run("reset-second-factor", "V@city.ru")

    assert result.exit_code == 0, result.output
    assert db.scalar(select(SecondFactor.person_id)) is None
    assert db.scalars(select(AuditEvent.what)).all()[-1] == "second_factor.reset"


@pytest.mark.parametrize("email", ["nobody@city.ru", "v@city.ru"])
def test_where_there_is_nothing_to_reset_it_says_so(run, email):
    result = run("reset-second-factor", email)

    assert result.exit_code == 1
    assert "Error:" in result.output
