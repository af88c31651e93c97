"""Files with questions and answers: checked, made harmless, seen by those of the thread alone."""

import os
import time
from datetime import timedelta
from io import BytesIO

import pytest
from fixtures.asking import QUESTION
from fixtures.pictures import bomb, picture
from PIL import Image
from sqlalchemy import select
from webtest import Upload

from bibliopolis.consultations.jobs import forget_what_is_old
from bibliopolis.consultations.models import Enquiry, EnquiryFile
from bibliopolis.consultations.services.attachments import FOLDER, LARGEST, Attachments
from bibliopolis.db import Base
from bibliopolis.errors import InvalidInput

PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\nnothing"


def files(db):
    return list(db.scalars(select(EnquiryFile).order_by(EnquiryFile.id)))


def kept(settings):
    return {path.name for path in (settings.data / FOLDER).glob("*/*")}


def one_question(db):
    return db.scalars(select(Enquiry)).one()


def with_exif():
    exif = Image.Exif()
    exif[0x010E] = "taken at home"
    return picture("JPEG", exif=exif) + b"PK\x03\x04 a second file"


def test_a_photograph_is_made_anew_and_seen_in_the_thread(asking, db, come):
    asking.asked(upload=Upload("дом.jpg", with_exif()))
    (file,) = files(db)
    thread = asking.link(kind="question")
    address = f"{thread}/file/{file.uid}"

    assert address in asking.web.get(thread).text
    sent = asking.web.get(address)

    assert (file.name, sent.content_type) == ("дом.webp", "image/webp")
    assert b"taken at home" not in sent.body
    assert b"second file" not in sent.body
    assert Image.open(BytesIO(sent.body)).size == (60, 40)
    assert sent.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert "no-store" in sent.headers["Cache-Control"]
    enquiry = one_question(db)
    come("vera").get(f"/en/staff/enquiries/{enquiry.id}/file/{file.uid}", status=200)


def test_a_long_name_fits_its_column_with_another_ending(asking, db):
    asking.asked(upload=Upload("d" * 300 + ".jpg", with_exif()))

    (file,) = files(db)
    assert file.name.endswith("d.webp")
    assert len(file.name) <= EnquiryFile.name.type.length


def test_other_files_are_only_sent_to_be_saved(asking, db):
    asking.asked(upload=Upload("a b; X=y.pdf", PDF))
    (file,) = files(db)

    sent = asking.web.get(f"{asking.link(kind='question')}/file/{file.uid}")

    assert sent.content_type == "application/pdf"
    assert sent.headers["Content-Disposition"].startswith("attachment; ")
    assert sent.body == PDF


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("page.html", b"<script>alert(1)</script>", "Send one of these"),
        (
            "drawing.svg",
            b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
            "one of these",
        ),
        ("page.pdf", b"<html><script>alert(1)</script>", "not what its name says"),
        ("page.png", b"<html><script>alert(1)</script>", "export the picture as PNG"),
        ("a.gif", b"GIF89a" + b"<script>alert(1)</script>" * 20, "not a picture"),
        ("page.docx", b"MZ\x90\x00", "not what its name says"),
        ("bomb.png", bomb(), "not a picture"),
        ("empty.pdf", b"", "is empty"),
        ("x.jpg", picture("PNG"), "Rename the file"),
    ],
)
def test_what_cannot_be_kept_is_told_and_the_question_is_not_lost(
    asking, db, settings, name, content, said
):
    page = asking.ask(upload=Upload(name, content))

    assert page.status_int == 400
    assert said in page.text
    assert page.forms["ask"]["text"].value == QUESTION
    assert files(db) == []
    assert asking.letters() == []


def test_files_of_more_than_ten_megabytes_are_refused(db, settings):
    attachments = Attachments(db, settings.data)
    attachments.check([("page.pdf", BytesIO(b"%PDF-" + b"x" * (LARGEST - 5)))])

    with pytest.raises(InvalidInput, match="too large"):
        attachments.check([("page.pdf", BytesIO(b"%PDF-" + b"x" * (LARGEST - 4)))])


def test_three_files_come_with_one_message_and_not_four(asking, db):
    page = asking.web.get(asking.path)
    sent = {
        "csrf_token": page.forms["ask"]["csrf_token"].value,
        "text": QUESTION,
        "language": "en",
        "email": "anna@example.org",
    }
    four = [("upload", f"{n}.pdf", PDF) for n in range(4)]

    assert "at most 3 files" in asking.web.post(asking.path, sent, upload_files=four, status=400)
    asking.web.post(asking.path, sent, upload_files=four[:3], status=303)

    assert [one.name for one in files(db)] == ["0.pdf", "1.pdf", "2.pdf"]


def test_strangers_and_other_threads_do_not_see_them(asking, db, come):
    asking.asked(upload=Upload("page.pdf", PDF))
    (file,), enquiry = files(db), one_question(db)
    asking.asked(email="mira@example.org")
    others = asking.link("mira@example.org", kind="question")

    asking.web.get(f"{others}/file/{file.uid}", status=404)
    for name in ("boris", "elena"):
        come(name).get(f"/en/staff/enquiries/{enquiry.id}/file/{file.uid}", status=403)
    asking.web.get(f"/en/staff/enquiries/{enquiry.id}/file/{file.uid}", status=[303, 403])
    asking.web.get(f"/en/account/enquiries/{enquiry.uid}/file/{file.uid}", status=[303, 403])


def test_files_of_an_answer_reach_the_asker_and_those_of_notes_do_not(asking, db, come):
    asking.asked(email="elena@example.org")
    vera, enquiry = come("vera"), one_question(db)
    page = f"/en/staff/enquiries/{enquiry.id}"
    csrf = vera.get(page).forms["note"]["csrf_token"].value
    for verb, name in (("note", "secret.pdf"), ("answer", "answer.pdf")):
        sent = {"csrf_token": csrf, "text": "See the file."}
        vera.post(f"{page}/{verb}", sent, upload_files=[("upload", name, PDF)], status=303)
    secret, answer = files(db)
    thread, elena = f"/en/account/enquiries/{enquiry.uid}", come("elena")

    told = [
        elena.get(thread),
        elena.get(thread, headers={"Accept": "application/json"}),
        elena.get("/en/account/data").forms["export"].submit(),
    ]
    assert all("answer.pdf" in one.text for one in told)
    assert not any("secret.pdf" in one.text for one in told)
    elena.get(f"{thread}/file/{answer.uid}", status=200)
    elena.get(f"{thread}/file/{secret.uid}", status=404)
    vera.get(f"{page}/file/{secret.uid}", status=200)


def test_a_file_that_nothing_names_is_swept_away_and_no_other(asking, db, settings, inside):
    asking.asked(upload=Upload("page.pdf", PDF))
    (file,) = files(db)
    folder = settings.data / FOLDER / "aa"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / ("aa" * 16)).write_bytes(PDF)
    fresh = folder / ("ab" * 16)
    fresh.write_bytes(PDF)
    old = time.time() - 7200
    for path in (folder / ("aa" * 16), settings.data / FOLDER / file.uid[:2] / file.uid):
        os.utime(path, (old, old))

    forget_what_is_old(inside)

    assert kept(settings) >= {file.uid, fresh.name}
    assert "aa" * 16 not in kept(settings)
    fresh.unlink()


def test_what_is_over_is_forgotten_and_counted_still(asking, db, come, inside, clock, settings):
    asking.asked(text="My name is Anna Ivanova, where did we live?", upload=Upload("a.pdf", PDF))
    vera, enquiry = come("vera"), one_question(db)
    for form, text in (("note", "Anna again."), ("answer", "In Gorokhovaya, Anna.")):
        sent = vera.get(f"/en/staff/enquiries/{enquiry.id}").forms[form]
        sent["text"] = text
        sent.submit(status=303)
    clock.advance(timedelta(days=asking.topic.keep_days, seconds=-1))
    forget_what_is_old(inside)
    assert enquiry.forgotten is None
    clock.advance(timedelta(seconds=1))
    forget_what_is_old(inside)

    left = "".join(
        str(tuple(row))
        for table in Base.metadata.sorted_tables
        if table.name.startswith(("enquiry", "asker", "history"))
        for row in db.execute(select(table))
    )
    assert "Anna" not in left
    assert "anna@" not in left
    assert (enquiry.state, enquiry.topic_id) == ("answered", asking.topic.id)
    assert enquiry.accepted <= enquiry.ended < enquiry.forgotten
    page = come("vera").get(f"/en/staff/enquiries/{enquiry.id}")
    assert "has been deleted" in page.text
    assert "(deleted)" in come("vera").get("/en/staff/enquiries?show=ended").text


def test_a_question_nobody_confirmed_is_forgotten(asking, db, inside, clock):
    asking.ask(upload=Upload("a.pdf", PDF))
    clock.advance(timedelta(days=3))

    forget_what_is_old(inside)

    assert db.scalars(select(Enquiry)).all() == []
    assert files(db) == []


def test_strangers_fill_no_disk_before_anybody_confirms(asking, db, come, clock, monkeypatch):
    monkeypatch.setattr("bibliopolis.consultations.asking.MEGABYTES_AN_HOUR", 1)
    asking.ask(upload=[Upload("scan.pdf", PDF)] * 3)
    assert len(files(db)) == 3

    page = asking.ask(email="another@example.org", upload=Upload("a.pdf", PDF))

    assert page.status_int == 400
    page.mustcontain("Send the question without files, sign in, or try again in 60 minutes.")
    assert len(files(db)) == 3
    asking.ask(email="another@example.org")
    asking.ask(come("elena"), upload=Upload("a.pdf", PDF))
    assert len(files(db)) == 4, "who has an account is not counted"
    clock.advance(timedelta(hours=1))
    asking.ask(email="another@example.org", upload=Upload("a.pdf", PDF))
    assert len(files(db)) == 5
