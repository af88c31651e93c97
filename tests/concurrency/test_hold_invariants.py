"""Circulation keeps its promises on PostgreSQL, whatever is done in whatever order."""

import pytest
from fixtures.circulating import STEPS, circulate
from fixtures.lending import hold_workflows
from fixtures.sites import SITE

from bibliopolis.db import make_engine, make_session


@pytest.mark.hypothesis
@pytest.mark.postgres
@pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")
def test_circulation_keeps_its_promises(postgres, migrated_postgres, clock):
    engine = make_engine(postgres.copy_database(migrated_postgres))

    with make_session(engine, writes=True) as session:
        circulate(session, clock, hold_workflows(SITE), STEPS // 4)

    engine.dispose()
