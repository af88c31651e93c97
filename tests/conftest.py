"""Fixtures: settings, a migrated database, a session that is rolled back, the site."""

import os
from datetime import UTC, datetime
from pathlib import Path

import hypothesis
import pytest
import transaction
from sqlalchemy.orm import Session
from webtest import TestApp

from bibliopolis import configure
from bibliopolis.cli.catalogues import compile_stale
from bibliopolis.clock import FixedClock
from bibliopolis.db import make_engine
from bibliopolis.request_class import make_app
from bibliopolis.schema import migrate
from bibliopolis.search.ram import RamIndex
from bibliopolis.settings import parse_settings

# What others of these import comes first, or pytest cannot explain its asserts.
pytest_plugins = [
    "fixtures.content",
    "fixtures.desk",
    "fixtures.left_out",
    "fixtures.sites",
    "fixtures.live",
    "fixtures.people",
    "fixtures.postgres",
    "fixtures.programs",
    "fixtures.queries",
    "fixtures.searching",
    "fixtures.samples",
    "fixtures.telling",
    "fixtures.asking",
    "fixtures.demo",  # it imports others, which must be known by then
]

# Machines that do much at once are slow now and then: that is no failure. A whole run tries the
# same examples each time, so that it says what the change did; `make fuzz` looks for new ones.
IN_ANY_TIME = {"deadline": None, "suppress_health_check": [hypothesis.HealthCheck.too_slow]}
hypothesis.settings.register_profile("house", **IN_ANY_TIME, derandomize=True)
hypothesis.settings.register_profile("fuzz", **IN_ANY_TIME, print_blob=True)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "house"))

SITE = Path(__file__).resolve().parent.parent
NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)


def pytest_xdist_auto_num_workers():
    """One process more than cores: who waits for a browser or a killed worker leaves one idle."""
    return len(os.sched_getaffinity(0)) + 1


@pytest.fixture(scope="session", autouse=True)
def catalogues():
    """Pages speak as the catalogues say now, whether or not somebody has compiled them."""
    compile_stale(SITE / "locales")


@pytest.fixture(scope="session")
def ini(tmp_path_factory):
    """The settings of a test site, as an .ini file would give them."""
    return {
        "bibliopolis.site": str(SITE),
        "bibliopolis.data": str(tmp_path_factory.mktemp("data")),
        "bibliopolis.secret": "for tests only",
    }


@pytest.fixture(scope="session")
def settings(ini):
    return parse_settings(ini)


@pytest.fixture(scope="session")
def engine(settings):
    """An engine whose schema was made by the migrations."""
    engine = make_engine(settings.database_url)
    migrate(engine, SITE)
    yield engine
    engine.dispose()


@pytest.fixture
def clock():
    return FixedClock(NOW)


@pytest.fixture(scope="session")
def started_app(ini, engine):
    """The real application, started once: each start reads all declarations and templates."""
    from fixtures.people import PASSWORDS

    registered = {
        "bibliopolis.engine": engine,
        "bibliopolis.clock": FixedClock(NOW),
        "bibliopolis.passwords": PASSWORDS,
        "bibliopolis.search_index": RamIndex(),
    }
    return make_app(configure(ini, registered))


@pytest.fixture
def app(started_app, clock):
    """The real application, with the test's clock and an empty index.

    What a test puts into the registry, such as other settings, ends with the test.
    """
    registry = started_app.registry
    kept = dict(registry)
    registry["bibliopolis.clock"] = clock
    registry["bibliopolis.search_index"].clear()
    yield started_app
    registry.clear()
    registry.update(kept)


@pytest.fixture
def tm():
    tm = transaction.TransactionManager(explicit=True)
    tm.begin()
    tm.doom()
    yield tm
    tm.abort()


@pytest.fixture
def db(engine, tm):
    """A session whose changes nobody else sees and that is rolled back at the end."""
    connection = engine.connect()
    outer = connection.begin()
    session = Session(connection, join_transaction_mode="create_savepoint")
    yield session
    session.close()
    outer.rollback()
    connection.close()


@pytest.fixture
def web(app, db, tm):
    """A browser without JavaScript, sharing the test's session."""
    return TestApp(
        app,
        extra_environ={
            "HTTP_HOST": "localhost",
            "tm.active": True,
            "tm.manager": tm,
            "bibliopolis.db": db,
        },
    )
