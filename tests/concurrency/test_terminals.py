"""Two self-service terminals at once, through the real server and PostgreSQL."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from fixtures.lending import City, hold_workflows
from fixtures.sites import SITE
from fixtures.terminals import SECRET, Listening, Terminals
from sqlalchemy import func, select

from bibliopolis.accounts.passwords import Passwords
from bibliopolis.circulation.models import Loan
from bibliopolis.interchange.sip2.terminals import Sip2Policy, Terminal
from bibliopolis.readers.models import Card

COPIES = 5
NAMES = ("one", "two")


@pytest.fixture
def database_url(postgres, migrated_postgres):
    return postgres.copy_database(migrated_postgres)


@pytest.mark.postgres
def test_two_terminals_hand_out_and_take_in_the_same_copies_at_once(committing_site, tmp_path):
    with committing_site.transaction() as request:
        city = City(request.db, request.clock, hold_workflows(SITE))
        libraries = {name: city.library() for name in NAMES}
        record = city.record(libraries["one"])
        barcodes = [city.item(record, libraries["one"]).barcode for _n in range(COPIES)]
        readers = {name: city.reader(libraries[name]).id for name in NAMES}
        of_reader = {card.reader_id: card.number for card in request.db.scalars(select(Card))}
        codes = {name: library.code for name, library in libraries.items()}
    kept = Passwords().hash(SECRET)
    known = {name: Terminal(name, kept, codes[name], language="en") for name in NAMES}
    policy, together = Sip2Policy("bibliopolis", port=0, terminals=known), Barrier(2)

    def works(name, terminals):
        """Borrow each copy while the other does, too, then take it in at the same moment."""
        client, _answer = terminals.client(name)
        client.patron = of_reader[readers[name]]
        heard = []
        for barcode in barcodes:
            together.wait(30)
            out = client.get_response(client.sip_checkout_request(barcode))
            together.wait(30)
            back = client.get_response(client.sip_checkin_request(barcode))
            heard.append((out[:3], back[:3]))
        return heard

    with Listening(committing_site.app.registry, policy) as listening:
        terminals = Terminals(listening.port, tmp_path)
        with ThreadPoolExecutor(2) as threads:
            asked = [threads.submit(works, name, terminals) for name in NAMES]
            heard = [one.result(60) for one in asked]
        terminals.close()

    for outs in zip(*heard, strict=True):
        assert sorted(out for out, _back in outs) == ["120", "121"], "one of the two has it"
        assert {back for _out, back in outs} == {"101"}
    with committing_site.transaction() as request:
        closed = select(func.count(Loan.id), func.count(Loan.closed))
        assert tuple(request.db.execute(closed).one()) == (COPIES, COPIES)
