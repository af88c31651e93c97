"""Self-service terminals: an independent client (Sip2 on PyPI) speaks to the server by a socket."""

import asyncio
import contextlib
import shutil
import socket
import threading
from datetime import timedelta

import pytest
from fixtures.lending import City, hold_workflows
from fixtures.sites import SITE
from Sip2.sip2 import Sip2
from sqlalchemy import select

from bibliopolis.accounts.passwords import Passwords
from bibliopolis.catalogue.models import Item, Record
from bibliopolis.circulation.models import CancelCause, Hold, HoldState, Loan
from bibliopolis.interchange.sip2.messages import checksum
from bibliopolis.interchange.sip2.server import Sip2Server
from bibliopolis.interchange.sip2.terminals import Sip2Policy, Terminal
from bibliopolis.readers.models import Card

SECRET = "terminal one"
ONE_AT_A_TIME = 60.0


class Listening:
    """The server in a thread of its own, on a port that was free."""

    def __init__(self, registry, policy):
        self.server = Sip2Server(registry, policy)
        self.loop = asyncio.new_event_loop()
        self.stop = None
        self.ready = threading.Event()
        self.thread = threading.Thread(target=self._run)

    def _run(self):
        asyncio.set_event_loop(self.loop)
        self.loop.run_until_complete(self._until_stopped())
        self.loop.close()

    async def _until_stopped(self):
        self.stop, ready = asyncio.Event(), asyncio.Event()
        running = asyncio.ensure_future(self.server.run(self.stop, ready))
        await ready.wait()
        self.ready.set()
        await running

    def __enter__(self):
        self.thread.start()
        assert self.ready.wait(ONE_AT_A_TIME)
        return self

    def __exit__(self, *_error):
        self.loop.call_soon_threadsafe(self.stop.set)
        self.thread.join(ONE_AT_A_TIME)

    @property
    def port(self):
        return self.server.port


@pytest.fixture
def database_url(migrated_sqlite, tmp_path):
    """One kind of database is enough: the verbs of the desk are tried on both elsewhere."""
    path = tmp_path / "bibliopolis.sqlite"
    shutil.copyfile(migrated_sqlite, path)
    return f"sqlite:///{path}"


@pytest.fixture
def town(committing_site):
    """A library with a terminal, another one, a reader, a title with two copies."""
    with committing_site.transaction() as request:
        city = City(request.db, request.clock, hold_workflows(SITE))
        here, there = city.library("Fontanka"), city.library("Okhta")
        record = city.record(here)
        city.item(record, here)
        city.item(record, there)
        city.reader(here, "Elena")
        city.reader(there, "Mira")
        return {"here": here.code, "there": there.code, "record": record.id}


@pytest.fixture
def policy(town):
    kept = Passwords().hash(SECRET)
    terminals = {
        "one": Terminal("one", kept, town["here"], language="en"),
        "old": Terminal("old", kept, town["here"], encoding="cp1251", language="ru"),
        "strict": Terminal("strict", kept, town["here"], language="en", asks_password=True),
    }
    return Sip2Policy("bibliopolis", port=0, most_connections=5, terminals=terminals)


@pytest.fixture
def listening(committing_site, policy):
    with Listening(committing_site.app.registry, policy) as listening:
        yield listening


class Terminals:
    """What the tests say to the server."""

    def __init__(self, port, tmp_path):
        self.port, self.folder, self.open = port, str(tmp_path), []

    def client(self, name="one", password=SECRET, encoding="utf-8"):
        """Return the independent client, signed in."""
        client = Sip2()
        client.hostName, client.hostPort, client.tlsEnable = "127.0.0.1", self.port, False
        client.hostEncoding, client.logfile_path, client.socketTimeout = encoding, self.folder, 60
        client.institutionId = "bibliopolis"
        client.connect()
        self.open.append(client)
        answer = client.get_response(client.sip_login_request(name, password))
        return client, client.sip_login_response(answer)

    def raw(self):
        """Return a socket for what no decent client sends."""
        found = socket.create_connection(("127.0.0.1", self.port), ONE_AT_A_TIME)
        self.open.append(found)
        return found

    def close(self):
        for one in self.open:
            (one.disconnect if isinstance(one, Sip2) else one.close)()
            for handler in list(getattr(getattr(one, "log", None), "handlers", ())):
                handler.close()
                one.log.removeHandler(handler)


@pytest.fixture
def terminals(listening, tmp_path):
    terminals = Terminals(listening.port, tmp_path)
    yield terminals
    terminals.close()


@pytest.fixture
def facts(committing_site):
    """Look into the database, as it is committed."""

    def facts(query):
        with committing_site.transaction() as request:
            return request.db.scalars(query).all()

    return facts


@pytest.fixture
def barcodes(facts):
    return facts(select(Item.barcode).order_by(Item.id))


@pytest.fixture
def cards(facts):
    return facts(select(Card.number).order_by(Card.id))


def said(answer, name):
    return answer["variable"].get(name, [None])[0]


def test_a_terminal_signs_in_and_learns_what_it_can_do(terminals):
    client, answer = terminals.client()
    assert answer["fixed"]["Ok"] == "1"

    status = client.get_response(client.sip_sc_status_request())

    assert status.startswith("98YYYYNN100003")
    assert "|BXYYYYYYYYYNYNNYYY|ANone|" in status
    assert "AObibliopolis|" in status


@pytest.mark.parametrize(("name", "password"), [("one", "guess"), ("nobody", SECRET)])
def test_nobody_gets_in_without_the_password(terminals, name, password):
    client, answer = terminals.client(name, password)

    assert answer["fixed"]["Ok"] == "0"
    assert client.get_response(client.sip_sc_status_request()).startswith("96")


def test_a_book_is_handed_out_shown_renewed_and_taken_back(terminals, facts, barcodes, cards):
    client, _answer = terminals.client()
    client.patron = cards[0]

    lent = client.sip_checkout_response(
        client.get_response(client.sip_checkout_request(barcodes[0]))
    )
    assert lent["fixed"]["Ok"] == "1"
    (loan,) = facts(select(Loan))
    assert said(lent, "AH") == f"{loan.due:%Y%m%d}    235959"

    shown = client.sip_item_information_response(
        client.get_response(client.sip_item_information_request(barcodes[0]))
    )
    assert shown["fixed"]["CirculationStatus"] == "04"
    assert said(shown, "AJ") == "White Nights"

    asked = client.sip_patron_information_request("charged")
    has = client.sip_patron_information_response(client.get_response(asked))
    assert (has["fixed"]["ChargedItemsCount"], has["variable"]["AU"]) == ("0001", [barcodes[0]])
    assert said(has, "BL") == "Y"

    again = client.sip_renew_response(client.get_response(client.sip_renew_request(barcodes[0])))
    assert again["fixed"]["Ok"] == "0"
    assert said(again, "AF") == "It is too early: a renewal today would not give more time."

    back = client.sip_checkin_response(client.get_response(client.sip_checkin_request(barcodes[0])))
    assert (back["fixed"]["Ok"], back["fixed"]["Alert"]) == ("1", "N")
    assert [one.reader_id for one in facts(select(Loan))] == [None]


def test_what_cannot_be_done_says_why_in_the_language_of_the_terminal(terminals, barcodes, cards):
    client, _answer = terminals.client("old", encoding="cp1251")
    client.patron = cards[0]
    client.get_response(client.sip_checkout_request(barcodes[0]))
    client.patron = cards[1]

    refused = client.get_response(client.sip_checkout_request(barcodes[0]))

    assert refused.startswith("120N")
    assert "на руках" in refused


def test_all_is_renewed_and_the_others_are_named(terminals, committing_site, barcodes, cards):
    client, _answer = terminals.client()
    client.patron = cards[0]
    client.get_response(client.sip_checkout_request(barcodes[0]))
    with committing_site.transaction() as request:
        loan = request.db.scalars(select(Loan)).one()
        loan.due -= timedelta(days=10)

    answer = client.sip_renew_all_response(client.get_response(client.sip_renew_all_request()))

    assert (answer["fixed"]["RenewedItems"], answer["fixed"]["UnrenewedItems"]) == ("0001", "0000")
    assert answer["variable"]["BM"] == [barcodes[0]]


def test_a_hold_is_placed_collected_elsewhere_and_cancelled(
    terminals, town, facts, barcodes, cards
):
    client, _answer = terminals.client()
    client.patron = cards[0]

    def ask(mode, **more):
        return client.get_response(
            client.sip_hold_request(mode, itemIdentifier=barcodes[0], **more)
        )

    placed = ask("+")
    assert placed.startswith("161N")
    assert f"BR1|BS{town['here']}|" in placed
    assert ask("+").startswith("160N")
    assert f"|BS{town['there']}|" in ask("*", pickupLocation=town["there"])
    assert ask("-").startswith("161N")

    # Not by the library: that would be told to the reader who has just done it.
    ended = [(hold.state, hold.cause) for hold in facts(select(Hold))]
    assert ended == [(HoldState.CANCELLED, CancelCause.IN_PERSON)]
    assert facts(select(Hold.wanted_item_id)) == [None]

    assert ask("+", holdType=3).startswith("161N")
    assert facts(select(Item.barcode).join(Hold, Hold.wanted_item_id == Item.id)) == [barcodes[0]]


def test_a_copy_for_a_reader_raises_the_alarm_of_a_sorter(terminals, facts, barcodes, cards):
    client, _answer = terminals.client()
    client.patron = cards[0]
    client.get_response(client.sip_hold_request("+", itemIdentifier=barcodes[0]))

    answer = client.get_response(client.sip_checkin_request(barcodes[0]))

    assert answer.startswith("101YUY")
    assert "|CV01|" in answer
    assert "Put it on the hold shelf" in answer
    assert facts(select(Hold.state)) == [HoldState.READY]


def test_a_kept_card_counts_no_more(terminals, cards, facts):
    client, _answer = terminals.client()
    client.patron = cards[0]

    answer = client.get_response(client.sip_block_patron_request("Kept by the terminal", "Y"))

    assert answer.startswith("24YYYY")
    assert facts(select(Card.block_reason).order_by(Card.id))[0] == "misused"
    unknown = client.get_response(client.sip_patron_status_request())
    assert "|BLN|" in unknown


def test_where_the_terminal_wants_it_readers_prove_who_they_are(terminals, barcodes, cards, facts):
    client, _answer = terminals.client("strict")
    client.patron, client.patronpwd = cards[0], "guess"

    refused = client.get_response(client.sip_checkout_request(barcodes[0]))

    assert refused.startswith("120N")
    assert "The password is not right." in refused
    assert facts(select(Loan)) == []


def send(connection, line):
    connection.sendall(line)
    return hear(connection)


def hear(connection):
    heard = b""
    while not heard.endswith(b"\r"):
        part = connection.recv(4096)
        if not part:
            break
        heard += part
    return heard


def framed(text, number=0):
    line = f"{text}AY{number}AZ".encode()
    return line + checksum(line) + b"\r"


LOGIN = f"9300CNone|CO{SECRET}|"


@pytest.mark.parametrize(
    "line",
    [
        b"63001\r",
        b"2300120260615    120000AOx|AA1|\r",
        b"\xff\xfe\xfd\r",
        b"no message at all\r",
        framed(LOGIN)[:-5] + b"0000\r",
    ],
)
def test_what_is_damaged_or_not_signed_in_is_asked_for_again(terminals, line):
    assert send(terminals.raw(), line).startswith(b"96")


def test_a_line_without_end_is_not_kept(terminals):
    connection = terminals.raw()
    connection.sendall(b"x" * 10_000)

    # Closed at once, or with what lay unread: either way nothing is heard.
    with contextlib.suppress(ConnectionError):
        assert hear(connection) == b""


def test_who_does_not_sign_in_is_let_go(listening, terminals):
    listening.server.to_sign_in = 0.5
    connection = terminals.raw()
    connection.sendall(b"9300CN")

    assert hear(connection) == b""


def test_more_terminals_than_agreed_find_the_door_closed(terminals):
    signed_in = [terminals.raw() for _number in range(5)]
    for connection in signed_in:
        assert send(connection, framed(LOGIN)).startswith(b"941")

    assert hear(terminals.raw()) == b""
    assert send(signed_in[0], framed("9900802.00", 1)).startswith(b"98")


def test_a_repeated_line_gets_the_same_answer_and_nothing_is_done_twice(
    terminals, barcodes, cards, facts
):
    connection = terminals.raw()
    send(connection, framed(LOGIN))
    line = framed(
        f"11NN20260615    12000020260615    120000AObibliopolis|AA{cards[0]}|AB{barcodes[0]}|AC|", 1
    )

    first, second = send(connection, line), send(connection, line)
    third = send(connection, b"97\r")

    assert first == second == third
    assert first.startswith(b"121N")
    assert b"AY1AZ" in first
    assert len(facts(select(Loan))) == 1


def test_bars_and_ends_of_lines_in_titles_end_no_field(terminals, committing_site, barcodes):
    with committing_site.transaction() as request:
        item = request.db.scalars(select(Item).order_by(Item.id)).first()
        request.db.get(Record, item.record_id).title = "War|and\rPeace"
    client, _answer = terminals.client()

    answer = client.get_response(client.sip_item_information_request(barcodes[0]))

    assert "|AJWar and Peace|" in answer
