"""To cite a record: its references, its lasting address, its QR code; for people and programs."""

import subprocess
import sys

import pytest
from fixtures.records import make_book

from bibliopolis.qr import qr_path

JSON = {"Accept": "application/json"}


@pytest.fixture
def book(db, clock):
    return make_book(db, clock, extent="808 с.")


@pytest.fixture
def page(web, book):
    return web.get(f"/en/catalogue/{book.id}").click(href="@@cite")


def test_the_page_has_a_reference_in_every_style(page):
    said = dict(
        zip(
            [one.text for one in page.html.select(".references dt")],
            [one.get_text() for one in page.html.select(".references dd")],
            strict=True,
        )
    )

    assert list(said)[:2] == ["Bibliographic description", "GOST R 7.0.5–2008"]
    assert said["GOST R 7.0.5–2008"].startswith("Достоевский Ф. М. Преступление и наказание")
    assert said["APA, 7th edition"].startswith("Достоевский, Ф. М. (1970). ")
    assert [one.split(",")[0] for one in list(said)[2:]] == ["APA", "MLA", "Chicago", "Chicago"]


def test_the_title_is_in_italics_and_nothing_else_is_markup(web, db, book):
    book.title = "<script>alert(1)</script> & Co"
    db.flush()

    page = web.get(f"/ru/catalogue/{book.id}/@@cite")

    assert "<script>alert" not in page.text
    assert page.html.select_one(".references dd i").text.startswith(
        "<script>alert(1)</script> & Co"
    )


def test_the_page_shows_where_the_record_is_found_again(page, book):
    assert page.html.select_one(".lasting").text == f"http://localhost/en/catalogue/{book.id}"
    assert page.html.select_one("img.qr")["alt"]


@pytest.mark.parametrize("language", ["ru", "en", "ar"])
def test_the_qr_code_is_that_of_the_page_in_its_language(web, book, language):
    answer = web.get(f"/{language}/catalogue/{book.id}/@@qr")

    path, _size = qr_path(f"http://localhost/{language}/catalogue/{book.id}")
    assert answer.content_type == "image/svg+xml"
    assert path in answer.text
    assert "max-age=" in answer.headers["Cache-Control"]


def test_programs_get_the_references_as_text(web, book):
    told = web.get(f"/en/catalogue/{book.id}", headers=JSON).json["citations"]

    answer = web.get(told, headers=JSON).json

    texts = {one["style"]: one["text"] for one in answer["items"]}
    assert answer["items_total"] == len(texts) == 6
    assert texts["mla"].startswith(
        "Достоевский, Федор Михайлович. Преступление и наказание: роман."
    )
    assert "<i>" in answer["items"][3]["html"]


def test_robots_do_not_keep_the_page(page, web, book):
    assert page.html.find("meta", attrs={"name": "robots"})["content"] == "noindex, nofollow"
    for link in web.get(f"/en/catalogue/{book.id}").html.find_all("a", href=True):
        assert "/@@" not in link["href"] or "nofollow" in link["rel"], link


def test_a_record_that_was_taken_away_has_no_reference(web, db, book):
    book.withdrawn = True
    db.flush()

    for view in ("cite", "qr"):
        web.get(f"/en/catalogue/{book.id}/@@{view}", status=410)


def test_the_processor_is_not_loaded_before_somebody_asks_for_a_reference():
    code = "import sys, bibliopolis.catalogue.citing_views; print('citeproc' in sys.modules)"

    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert said.stdout.strip() == "False"
