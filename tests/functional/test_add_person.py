"""The first administrator of a new site, from the command line."""

import shutil

import pytest
from click.testing import CliRunner
from fixtures.sites import SITE
from sqlalchemy import select

from bibliopolis.accounts.models import Person
from bibliopolis.cli import main
from bibliopolis.db import make_engine, make_session


@pytest.fixture
def data(migrated_sqlite, tmp_path):
    shutil.copyfile(migrated_sqlite, tmp_path / "bibliopolis.sqlite")
    return tmp_path


def add_person(data, *arguments):
    command = ["add-person", "-c", str(SITE / "development.ini"), *arguments]
    return CliRunner(env={"BIBLIOPOLIS_DATA": str(data)}).invoke(main, command)


def test_an_operator_opens_the_first_account(data):
    result = add_person(
        data, "--name", "Вера", "--role", "administrator", "--password", "long enough", "V@city.ru"
    )

    assert result.exit_code == 0, result.output
    engine = make_engine(f"sqlite:///{data / 'bibliopolis.sqlite'}")
    with make_session(engine, writes=False) as db:
        person = db.scalars(select(Person)).one()
        assert (person.email, person.grants[0].role) == ("v@city.ru", "administrator")
    engine.dispose()


@pytest.mark.parametrize(
    ("email", "password", "says"),
    [("vera", "long enough", "адрес почты"), ("v@city.ru", "short", "не меньше 8 знаков")],
)
def test_what_cannot_be_an_account_is_refused_in_words(data, email, password, says):
    result = add_person(data, "--name", "Вера", "--password", password, email)

    assert result.exit_code == 1
    assert says in result.output
