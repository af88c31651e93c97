"""Writers on SQLite wait for one another instead of failing half-way."""

from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import text

from bibliopolis.db import make_engine, make_session


def test_no_increment_is_lost_among_eight_writers(tmp_path):
    engine = make_engine(f"sqlite:///{tmp_path / 'counter.sqlite'}")
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE counter (value INTEGER)"))
        connection.execute(text("INSERT INTO counter VALUES (0)"))

    def increment(_number):
        with make_session(engine, writes=True) as session, session.begin():
            value = session.scalar(text("SELECT value FROM counter"))
            session.execute(text("UPDATE counter SET value = :value"), {"value": value + 1})

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(increment, range(80)))

    with engine.connect() as connection:
        assert connection.scalar(text("SELECT value FROM counter")) == 80
    engine.dispose()
