"""Answers of strangers: whatever they hold, a page comes of it or a reason why none does."""

import random
from datetime import UTC, datetime, timedelta, timezone

import pytest

from bibliopolis.catalogue.marc import Wanted
from bibliopolis.intake.harvest.fetching import Answer
from bibliopolis.intake.harvest.protocol import (
    DAY,
    SECONDS,
    ProtocolError,
    asked_for,
    read_identity,
    read_page,
    written,
)
from bibliopolis.intake.harvest.reading import read_sent
from bibliopolis.intake.harvest.troubles import Busy, Refused

PAGE = """<?xml version="1.0" encoding="UTF-8"?>
<oai:OAI-PMH xmlns:oai="http://www.openarchives.org/OAI/2.0/">
<oai:responseDate>2026-11-24T09:00:00Z</oai:responseDate><oai:request/><oai:ListRecords>
<oai:record><oai:header><oai:identifier>oai:x:1</oai:identifier></oai:header><oai:metadata>
<m:record xmlns:m="http://www.loc.gov/MARC21/slim"><m:leader>00000nam a2200000 i 4500</m:leader>
<m:controlfield tag="001">1</m:controlfield><m:datafield tag="245" ind1="1" ind2="0">
<m:subfield code="a">Книга &amp; город</m:subfield></m:datafield></m:record>
</oai:metadata></oai:record>
<oai:record><oai:header status="deleted"><oai:identifier>oai:x:2</oai:identifier></oai:header>
</oai:record><oai:resumptionToken completeListSize="7">a&amp;b</oai:resumptionToken>
</oai:ListRecords></oai:OAI-PMH>""".encode()
ODD = (
    b"<", b">", b"&", b"&x;", b"\x00", b"\xff", b"<!DOCTYPE x>", b"<header", b"</oai:header>",
    b"<oai:metadata>", b"</m:record>", b"<!--", b"]]>", b"<![CDATA[", b"</OAI-PMH>", b'"',
    b'<?xml version="1.0" encoding="utf-16"?>', b"&#55296;",
)  # fmt: skip


def answer(body):
    return Answer(200, "text/xml", body)


@pytest.mark.parametrize("damage", [b"", b"\x01"])
def test_a_page_is_read_whole_or_damaged_and_with_any_prefix(damage):
    page = read_page(answer(PAGE.replace(b"4500", b"4500" + damage)))

    assert [(one.identifier, one.deleted) for one in page.sent] == [
        ("oai:x:1", False),
        ("oai:x:2", True),
    ]
    assert (page.token, page.size) == ("a&b", 7)
    assert page.response_date == datetime(2026, 11, 24, 9, tzinfo=UTC)
    [item, _gone] = read_sent(page.sent, Wanted(), 0)
    assert item.number == ("" if damage else "1")


def test_whatever_a_page_holds_something_comes_of_it():
    chance = random.Random(7)
    for _turn in range(400):
        body = bytearray(PAGE)
        for _slip in range(chance.randint(1, 5)):
            at = chance.randrange(len(body))
            if chance.random() < 0.5:
                body[at:at] = chance.choice(ODD)
            else:
                del body[at : at + chance.randint(1, 90)]
        for read in (read_page, read_identity):
            try:
                page = read(answer(bytes(body)))
            except (ProtocolError, Refused, Busy):
                continue
            for item in read_sent(getattr(page, "sent", ()), Wanted(), 0):
                assert item.gone or item.number or item.rejection().reason


def test_what_was_cut_off_is_asked_for_again():
    with pytest.raises(Busy):
        read_page(answer(PAGE[:-60]))


def test_a_moment_is_written_one_step_earlier_in_universal_time():
    moscow = timezone(timedelta(hours=3))
    moment = datetime(2026, 11, 24, 2, 0, tzinfo=moscow)

    assert written(moment, SECONDS) == "2026-11-23T22:59:59Z"
    assert written(moment, DAY) == "2026-11-22"


def test_a_token_stands_alone():
    moment = datetime(2026, 11, 24, tzinfo=UTC)

    assert asked_for("marc21", "books", moment, DAY, "t") == {
        "verb": "ListRecords",
        "resumptionToken": "t",
    }
    assert asked_for("marc21", "books", moment, DAY, "") == {
        "verb": "ListRecords",
        "metadataPrefix": "marc21",
        "set": "books",
        "from": "2026-11-23",
    }


def test_steps_that_nobody_knows_are_days():
    said = (
        b'<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><Identify>'
        b"<granularity>weeks</granularity></Identify></OAI-PMH>"
    )

    identity = read_identity(answer(said))

    assert (identity.granularity, identity.deleted) == (DAY, "no")
