"""Pages in languages that the site's own words are not translated into."""

import pytest
from fixtures.demo import signed_in


@pytest.fixture(scope="module")
def web(demo_site):
    return demo_site.web()


def test_a_page_in_such_a_language_stands_inside_the_words_of_another(web):
    page = web.get("/uz/for-readers/newcomers")

    assert (page.html.html["lang"], page.html.html["dir"]) == ("ru", "ltr")
    article = page.html.article
    assert (article["lang"], article["dir"]) == ("uz", "ltr")
    assert article.h1.text == "Shaharga yangi kelganlarga"
    assert page.html.select_one("[role=note]") is None
    assert page.html.select_one(".nav-main a")["href"].startswith("/ru/")


def test_each_is_written_in_its_own_direction(web):
    page = web.get("/fa/for-readers/newcomers")

    assert (page.html.html["lang"], page.html.html["dir"]) == ("en", "ltr")
    assert (page.html.article["lang"], page.html.article["dir"]) == ("fa", "rtl")


def test_what_is_not_there_in_it_falls_back_and_says_so(web):
    page = web.get("/uz/for-readers/holds")

    assert page.html.article["lang"] == "ru"
    assert "узбекский" in page.html.select_one("[role=note]").text


def footer_languages(web, path):
    return web.get(path).html.select(".site-foot .langs a")


def test_every_page_leads_to_the_page_that_greets_its_speakers(web):
    for path in ("/ru", "/en/catalogue", "/ru/for-readers/card"):
        links = {one["lang"]: one["href"] for one in footer_languages(web, path)}
        assert list(links) == ["ru", "en", "ar", "uz", "tg", "ky", "uk", "fa", "zh"]
        assert links["zh"] == "/zh/for-readers/newcomers"


def test_search_engines_find_all_languages_of_a_page(web):
    page = web.get("/ru/for-readers/newcomers")

    assert {one["hreflang"] for one in page.html.select("link[hreflang]")} >= {"ru", "uz", "fa"}


@pytest.mark.parametrize(
    ("asked", "place"),
    [
        ("uz, en;q=0.5", "/uz/"),
        ("fa-IR,en", "/fa/"),
        ("en, uz;q=0.9", "/en/"),
        ("de", "/ru/"),
    ],
)
def test_a_visitor_is_greeted_in_their_language(demo_site, asked, place):
    web = demo_site.web()

    response = web.get("/", headers={"Accept-Language": asked}, status=302)

    assert response.location == f"http://localhost{place}"


def test_the_front_page_of_such_a_language_is_the_page_that_greets(web):
    assert web.get("/uz/", status=303).location.endswith("/uz/for-readers/newcomers")


def test_rooms_are_not_there_in_it(web):
    web.get("/uz/catalogue", status=404)
    web.get("/xx/for-readers/newcomers", status=404)


def test_a_page_is_found_by_its_words_whatever_language_the_reader_asks_in(web):
    found = web.get("/ru/catalogue", {"q": "kutubxonada toʻgaraklar uchrashuvlar"})

    assert found.html.find("a", string="Shaharga yangi kelganlarga")["href"].startswith("/uz/")


def test_a_translator_writes_in_it(demo_site):
    web = signed_in(demo_site, "translator-uz")

    page = web.get("/uz/for-readers/card/@@translate")

    assert page.html.select_one("[lang=uz]") is not None
    web.get("/tg/for-readers/card/@@translate", status=403)


def test_a_program_finds_the_page_in_it_at_the_address_it_asked(web):
    here = "http://localhost/uz/for-readers/newcomers"

    page = web.get(f"{here}?expand=translations", headers={"Accept": "application/json"}).json

    assert (page["@id"], page["language"]["token"]) == (here, "uz")
    languages = page["@components"]["translations"]["items"]
    assert {one["language"]: one["@id"] for one in languages} == {
        one["language"]: here.replace("/uz/", f"/{one['language']}/") for one in languages
    }


def test_a_feed_carries_what_is_written_in_its_language(web):
    entries = web.get("/uz/@@feed").xml.findall("{http://www.w3.org/2005/Atom}entry")

    (link,) = (one.find("{http://www.w3.org/2005/Atom}link") for one in entries)
    assert link.get("href") == "http://localhost/uz/for-readers/newcomers"
