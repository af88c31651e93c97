"""Circulation keeps its promises whatever is done in whatever order."""

import pytest
from fixtures.circulating import circulate


@pytest.mark.hypothesis
@pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")
def test_circulation_keeps_its_promises(db, clock, workflows):
    circulate(db, clock, workflows)
