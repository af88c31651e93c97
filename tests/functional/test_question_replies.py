"""Replies by mail: into their thread, once; what fits nowhere is shown to staff, never lost."""

from dataclasses import replace

import pytest
from fixtures.mail_in import deliver, reply_to
from fixtures.pictures import picture
from sqlalchemy import select

from bibliopolis.consultations.jobs import forget_what_is_old, read_letters
from bibliopolis.consultations.models import (
    Enquiry,
    EnquiryFile,
    EnquiryMessage,
    EnquiryState,
    IncomingMail,
)
from bibliopolis.mail import MailMessage

STRAYS = "/en/staff/stray-letters"


@pytest.fixture
def data(app, settings, monkeypatch, tmp_path):
    """A data folder of its own, on a site that takes replies."""
    ours = replace(settings, data=tmp_path, mail_replies="questions@library.example")
    monkeypatch.setitem(app.registry, "bibliopolis.settings", ours)
    return tmp_path


@pytest.fixture
def enquiry(data, asking, db, come):
    """Anna's question; Vera has asked her something."""
    asking.asked()
    vera, enquiry = come("vera"), db.scalars(select(Enquiry)).one()
    form = vera.get(f"/en/staff/enquiries/{enquiry.id}").forms["answer"]
    form["text"], form.action = "Which house?", f"/en/staff/enquiries/{enquiry.id}/ask-back"
    form.submit(status=303)
    return enquiry


@pytest.fixture
def letter(asking, enquiry):
    """Our last letter to Anna."""
    return asking.letters("anna@example.org")[-1]


@pytest.fixture
def receive(data, inside):
    """Let letters come in, and the worker look twice: to read, and to put away."""

    def receive(*messages):
        for message in messages:
            deliver(data, message)
        read_letters(inside)
        read_letters(inside)

    return receive


def said(db):
    """Return what the asker has said beyond the question."""
    found = select(EnquiryMessage).where(EnquiryMessage.kind == "reply")
    return [one.text for one in db.scalars(found.order_by(EnquiryMessage.id))]


def outcomes(db):
    rows = db.scalars(select(IncomingMail).order_by(IncomingMail.id))
    return [(one.outcome, one.reason) for one in rows]


def left(data):
    return sorted(path.parent.name for path in (data / "mail-in").rglob("*") if path.is_file())


def test_a_reply_goes_into_its_thread_and_the_time_runs_on(
    enquiry, letter, receive, db, data, asking
):
    quoted = "\n".join(f"> {line}" for line in letter.body.splitlines())
    receive(reply_to(letter, f"Number 14.\n\nThank you!\n\nOn 23.11.2026 we wrote:\n{quoted}\n"))

    assert said(db) == ["Number 14.\n\nThank you!"]
    assert enquiry.state == EnquiryState.IN_WORK
    assert left(data) == []
    assert asking.letters("vera@example.org"), "the consultant is told"


def test_the_ticket_is_in_the_address_and_not_to_be_guessed(enquiry, letter, receive, db):
    address = letter.headers["Reply-To"]
    name, ticket = address.partition("@")[0].split("+")
    assert (name, ticket.split("-")[0]) == ("questions", str(enquiry.id))
    thread = letter.body.rsplit("/ask/question/", 1)[1].split()[0]
    assert ticket != thread, "who may write by mail may not read"

    forged = f"questions+{enquiry.id}-{'a' * 26}@library.example"
    receive(
        reply_to(letter, "By the address.", References=None, In_Reply_To=None),
        reply_to(letter, "Forged.", To=forged, References=None, In_Reply_To=None),
    )

    assert said(db) == ["By the address."]
    assert outcomes(db) == [("reply", ""), ("stray", "unknown")]


def test_by_reference_alone_it_is_found_too(enquiry, letter, receive, db):
    receive(reply_to(letter, "Number 14.", To="questions@library.example"))

    assert said(db) == ["Number 14."]


@pytest.mark.parametrize(
    "headers",
    [
        {"Auto_Submitted": "auto-replied"},
        {"Precedence": "bulk"},
        {"X_Autoreply": "yes"},
        {"Return_Path": "<>"},
        {"List_Id": "<list.example>"},
        {"From": "MAILER-DAEMON@mail.example"},
    ],
)
def test_what_programs_send_is_ignored(enquiry, letter, receive, db, headers, asking):
    before = len(asking.letters())

    receive(reply_to(letter, "I am away until Monday.", **headers))

    assert said(db) == []
    assert outcomes(db) == [("ignored", "automatic")]
    assert len(asking.letters()) == before, "no letter answers a letter of a program"


def test_our_own_letters_that_come_back_are_ignored(enquiry, letter, receive, db):
    receive(reply_to(letter, "Loop.", Message_ID=letter.message_id, Auto_Submitted=None))

    assert outcomes(db) == [("ignored", "automatic")]


def test_the_same_letter_delivered_twice_counts_once(enquiry, letter, receive, db, data):
    message = reply_to(letter, "Number 14.")
    again = b"Received: from elsewhere\n" + message.as_bytes()

    receive(message, again)
    receive(message)

    assert said(db) == ["Number 14."]
    assert left(data) == []


def test_files_of_a_letter_are_checked_like_others(enquiry, letter, receive, db):
    files = [("house.png", picture()), ("run.exe", b"MZ\x90"), ("page.pdf", b"<script>")]

    receive(reply_to(letter, "See the picture.", files=files))

    assert [one.name for one in db.scalars(select(EnquiryFile))] == ["house.webp"]
    (text,) = said(db)
    assert text.startswith("See the picture.")
    assert "run.exe" in text
    assert "page.pdf" in text


def test_a_reply_of_somebody_else_is_shown_to_the_consultant_who_decides(
    enquiry, letter, receive, db, come, data, inside
):
    receive(reply_to(letter, "It is my sister's question: 14.", sender="mira@example.org"))
    assert said(db) == []
    assert left(data) == ["kept"]
    vera = come("vera")

    page = vera.get(STRAYS)
    assert "It is my sister&#39;s question: 14." in page.text or "my sister's" in page.text
    assert "Its sender is not the one who asked." in page.text
    putting = next(form for form in page.forms.values() if form.action.endswith("/put"))
    putting.submit(status=303)

    assert said(db) == ["It is my sister's question: 14."]
    assert "Every letter has found its question." in vera.get(STRAYS).text
    forget_what_is_old(inside)
    assert left(data) == []


def test_stray_letters_are_seen_by_whom_they_concern(enquiry, letter, receive, come, make_person):
    make_person("ada", administrator="")
    receive(
        reply_to(letter, "Of the thread.", sender="mira@example.org"),
        reply_to(letter, "Of nothing.", To="x@y.example", References=None, In_Reply_To=None),
    )

    seen = {
        name: [
            text
            for text in ("Of the thread.", "Of nothing.")
            if text in come(name).get(STRAYS).text
        ]
        for name in ("vera", "boris", "olga", "ada")
    }

    assert seen == {
        "vera": ["Of the thread."],
        "boris": [],
        "olga": ["Of the thread.", "Of nothing."],
        "ada": ["Of nothing."],
    }
    vera = come("vera")
    page = vera.get(STRAYS)
    form = next(form for form in page.forms.values() if form.action.endswith("/delete"))
    form["letter"] = "2"
    form.submit(status=404)
    come("elena").get(STRAYS, status=403)


def test_a_reply_to_a_closed_question_waits_for_a_person(enquiry, letter, receive, db, come):
    vera = come("vera")
    page = vera.get(f"/en/staff/enquiries/{enquiry.id}")
    page.forms["close"].submit(status=303)

    receive(reply_to(letter, "One more thing."))

    assert outcomes(db) == [("stray", "not_now")]
    assert "One more thing." in vera.get(STRAYS).text


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\0\xff\xfe garbage",
        b"From: =?utf-8?b?broken?=\nSubject: =?nope?q?x?=\n"
        b"Content-Type: text/plain; charset=nope\n\nhi",
        b"Content-Type: multipart/mixed; boundary=x\n\n--x\n" * 200,
        b"From: a@b\nContent-Type: text/plain\nContent-Transfer-Encoding: base64\n\n!!!!",
        b"To: " + b"a@b, " * 5000 + b"\n\nhi",
    ],
)
def test_broken_letters_are_kept_and_hinder_no_other(enquiry, letter, receive, db, content):
    receive(content, reply_to(letter, "Number 14."))

    assert said(db) == ["Number 14."]
    assert [outcome for outcome, _reason in outcomes(db)] == ["stray", "reply"]


def test_a_letter_in_html_is_read_as_words(enquiry, letter, receive, db):
    message = reply_to(letter, "x")
    message.set_content(
        "<html><style>p{}</style><p>Number&nbsp;14 &lt;b&gt;</p>"
        "<div>Thanks<script>alert(1)</script></div><blockquote>Which house?</blockquote></html>",
        subtype="html",
    )

    receive(message)

    assert said(db) == ["Number\xa014 <b>\nThanks"]


def test_notes_and_other_threads_are_in_no_letter(enquiry, letter, db):
    assert letter.about == f"enquiry:{enquiry.id}"
    assert letter.body.startswith("##- ")
    assert [one.headers for one in db.scalars(select(MailMessage)) if "confirm" in one.body] == [{}]
