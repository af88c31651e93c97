"""Self-service terminals: an independent client (Sip2 on PyPI) speaks to the server by a socket."""

import contextlib
import shutil
import ssl
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from fixtures.lending import City, hold_workflows
from fixtures.sites import SITE
from fixtures.terminals import SECRET, Listening, Terminals, certificate, framed, hear, send
from sqlalchemy import select

from bibliopolis.accounts.models import AuditEvent
from bibliopolis.accounts.passwords import Passwords
from bibliopolis.catalogue.models import Item, Record
from bibliopolis.circulation.models import CancelCause, Hold, HoldState, Loan
from bibliopolis.circulation.off_line_words import words
from bibliopolis.circulation.services.off_line import ACCEPTED, NOT_DONE
from bibliopolis.interchange.sip2.messages import moment
from bibliopolis.interchange.sip2.server import tls_context
from bibliopolis.interchange.sip2.terminals import Sip2Policy, Terminal
from bibliopolis.readers.models import Card
from bibliopolis.resources.history import HistoryEntry


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
        "away": Terminal("away", kept, town["here"], language="en", off_line=True),
        "old": Terminal("old", kept, town["here"], encoding="cp1251", language="ru"),
        "strict": Terminal("strict", kept, town["here"], language="en", asks_password=True),
    }
    return Sip2Policy("bibliopolis", port=0, most_connections=5, terminals=terminals)


@pytest.fixture
def listening(committing_site, policy):
    with Listening(committing_site.app.registry, policy) as listening:
        yield listening


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
    away, _answer = terminals.client("away")
    assert away.get_response(away.sip_sc_status_request()).startswith("98YYYYNY100003")
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


LOGIN = f"9300CNone|CO{SECRET}|"
AWAY = f"9300CNaway|CO{SECRET}|"


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


class OffLine:
    """A terminal that sends what it did while nobody answered, by a bare socket."""

    def __init__(self, connection, clock, login=AWAY):
        self.connection, self.clock, self.number = connection, clock, 0
        send(connection, framed(login))

    def at(self, **ago):
        return moment((self.clock.now() - timedelta(**ago)).astimezone(ZoneInfo("Europe/Moscow")))

    def lent(self, card, barcode, when, due=" " * 18):
        return self.say(f"11NY{when}{due}", f"AA{card}|AB{barcode}|AC|")

    def returned(self, barcode, when):
        return self.say(f"09Y{self.at()}{when}", f"AP|AB{barcode}|AC|")

    def renewed(self, card, barcode, when, due):
        return self.say(f"29NY{when}{due}", f"AA{card}|AB{barcode}|AC|")

    def say(self, fixed, fields):
        self.number += 1
        return send(self.connection, framed(f"{fixed}AObibliopolis|{fields}", self.number)).decode()


@pytest.fixture
def off_line(terminals, clock):
    return OffLine(terminals.raw(), clock)


@pytest.fixture
def told(committing_site):
    """Return what staff read of what terminals did off line."""

    def told():
        with committing_site.transaction() as request:
            request.language = "en"
            wanted = HistoryEntry.action.in_((ACCEPTED, NOT_DONE))
            entries = request.db.scalars(select(HistoryEntry).where(wanted)).all()
            kept = request.db.scalars(select(AuditEvent.what).order_by(AuditEvent.id)).all()
            assert [f"library.{one.action}" for one in entries] == kept
            return [(one.action, words(request, one.data)) for one in entries]

    return told


def test_what_was_lent_off_line_stands_from_its_date_and_staff_are_told(
    terminals, off_line, facts, told, barcodes, cards, clock
):
    client, _answer = terminals.client()
    client.patron = cards[0]
    client.get_response(client.sip_hold_request("+", itemIdentifier=barcodes[0]))
    client.get_response(client.sip_checkin_request(barcodes[0]))
    assert facts(select(Hold.state)) == [HoldState.READY]

    yesterday, due = off_line.at(days=1), off_line.at(days=-10)
    answers = [off_line.lent(cards[1], barcodes[0], yesterday, due) for _twice in range(2)]

    assert [one[:4] for one in answers] == ["121N", "121N"]
    (loan,) = facts(select(Loan))
    assert loan.opened == clock.now() - timedelta(days=1)
    assert f"|AH{loan.due:%Y%m%d}    235959|" in answers[0]
    assert loan.due == (clock.now() + timedelta(days=10)).date()
    assert facts(select(Hold.state)) == [HoldState.QUEUED], "they wait for another copy"
    ((action, said),) = told()
    assert action == ACCEPTED
    assert said.startswith(f"{barcodes[0]} handed out, ")
    assert said.endswith(", away, kept for another reader")


def test_a_return_or_renewal_off_line_counts_unless_other_hands_came_later(
    off_line, terminals, facts, told, barcodes, cards, clock
):
    client, _answer = terminals.client()
    client.patron = cards[0]
    before = off_line.at(hours=3)
    client.get_response(client.sip_checkout_request(barcodes[0]))
    (loan,) = facts(select(Loan))

    assert off_line.returned(barcodes[0], before).startswith("100")
    assert off_line.lent(cards[1], barcodes[0], before).startswith("120")
    longer = off_line.at(days=-40)
    assert off_line.renewed(cards[0], barcodes[0], off_line.at(), longer).startswith("301")
    (renewed,) = facts(select(Loan))
    assert (renewed.renewals, renewed.closed) == (1, None)
    assert renewed.due == (clock.now() + timedelta(days=40)).date() > loan.due

    clock.advance(timedelta(hours=2))
    assert off_line.returned(barcodes[0], off_line.at(hours=1)).startswith("101")
    assert facts(select(Loan.closed)) == [clock.now() - timedelta(hours=1)]
    assert [action for action, _said in told()] == [NOT_DONE, NOT_DONE, ACCEPTED]
    assert "handed out or taken in elsewhere since then" in told()[0][1]


def test_what_a_terminal_did_off_line_one_after_another_is_taken_over_in_that_order(
    off_line, terminals, facts, barcodes, cards, clock
):
    client, _answer = terminals.client()
    client.patron = cards[0]
    client.get_response(client.sip_checkout_request(barcodes[0]))
    clock.advance(timedelta(hours=5))

    answers = [
        off_line.lent(cards[1], barcodes[0], off_line.at(hours=3)),
        off_line.returned(barcodes[0], off_line.at(hours=2)),
        off_line.lent(cards[0], barcodes[0], off_line.at(hours=1)),
    ]

    assert [one[:3] for one in answers] == ["121", "101", "121"]
    ended = [closed and clock.now() - closed for closed in facts(select(Loan.closed))]
    assert ended == [timedelta(hours=3), timedelta(hours=2), None]


def test_who_may_not_go_on_off_line_is_asked_as_ever(
    terminals, facts, told, barcodes, cards, clock
):
    client, _answer = terminals.client()
    client.patron = cards[0]
    client.get_response(client.sip_hold_request("+", itemIdentifier=barcodes[0]))
    client.get_response(client.sip_checkin_request(barcodes[0]))
    usual = OffLine(terminals.raw(), clock, LOGIN)

    answer = usual.lent(cards[1], barcodes[0], usual.at(days=1))

    assert answer.startswith("120")
    assert "Another reader is waiting for this copy." in answer
    assert (facts(select(Loan)), told()) == ([], [])


def test_an_unknown_card_off_line_is_told_without_its_number(off_line, told, facts, barcodes):
    assert off_line.lent("C404", barcodes[0], off_line.at(days=1)).startswith("120")

    ((action, said),) = told()
    assert (action, facts(select(Loan))) == (NOT_DONE, [])
    assert "This card is not known." in said
    kept = [*facts(select(HistoryEntry.data)), *facts(select(AuditEvent.details))]
    assert "C404" not in str(kept)


def test_a_terminal_is_spoken_to_in_tls(committing_site, policy, tmp_path):
    pem, key = certificate(tmp_path)
    trusting = ssl.create_default_context(cafile=pem)
    tls = tls_context(pem, key)
    with Listening(committing_site.app.registry, policy, tls) as listening:
        plain, inner = (Terminals(listening.port, tmp_path).raw() for _n in range(2))
        with plain, trusting.wrap_socket(inner, server_hostname="localhost") as encrypted:
            assert send(encrypted, framed(LOGIN)).startswith(b"941")
            assert encrypted.version() in ("TLSv1.2", "TLSv1.3")
            plain.sendall(framed(LOGIN))
            with contextlib.suppress(ConnectionError):
                assert b"94" not in plain.recv(100)
        listening.server.to_shake_hands = 1.0
        terminals = Terminals(listening.port, tmp_path)
        silent = [terminals.raw() for _n in range(policy.most_connections)]
        with pytest.raises(OSError):  # noqa: PT011 — reset or ended, as it comes
            trusting.wrap_socket(terminals.raw(), server_hostname="localhost")
        assert {hear(one) for one in silent} == {b""}, "who never ends a handshake is let go"
        with trusting.wrap_socket(terminals.raw(), server_hostname="localhost") as encrypted:
            assert send(encrypted, framed(LOGIN)).startswith(b"941")
        terminals.close()


def test_a_key_without_a_certificate_is_no_tls(tmp_path):
    with pytest.raises(ValueError, match="without a certificate"):
        tls_context(None, tmp_path / "key")
    with pytest.raises(FileNotFoundError):
        tls_context(tmp_path / "missing", None)
