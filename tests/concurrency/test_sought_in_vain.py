"""A search in vain is counted after the answer, in a transaction of its own."""

from sqlalchemy import select

from bibliopolis.catalogue.sought import SoughtInVain


def test_it_is_counted_though_reading_writes_nothing(committing_site, committing_web, clock):
    index = committing_site.app.registry["bibliopolis.search_index"]
    with index.rebuild() as building:
        building.finish(lambda _keys: [])

    for _time in range(2):
        committing_web.get("/en/catalogue?q=zyuzyukin", status=200)

    with committing_site.transaction() as request:
        row = request.db.execute(select(SoughtInVain.day, SoughtInVain.words, SoughtInVain.times))
        assert row.all() == [(clock.today(), "zyuzyukin", 2)]
