"""Four processes of eight threads take any step at any time while one after another is killed.

``BIBLIOPOLIS_STORM`` says for how many seconds, with the rhythm of the kills; a minute of it is
measured by `make bench`.
"""

import os
from pathlib import Path

import pytest
from fixtures.weather import broken_promises, make_network, weather

from bibliopolis.db import make_engine

SECONDS = float(os.environ.get("BIBLIOPOLIS_STORM", "5"))


@pytest.mark.postgres
def test_nothing_is_lost_or_promised_twice_while_processes_are_killed(
    postgres, migrated_postgres, tmp_path
):
    url = postgres.copy_database(migrated_postgres)
    engine = make_engine(url)
    make_network(engine)

    said = weather(url, Path(tmp_path / "said"), SECONDS)

    assert said.faults == []
    assert len(said.placed) > SECONDS
    assert list(broken_promises(engine, said.placed)) == []
    engine.dispose()
