"""Atom feeds: what everybody may see, by the rules of RFC 4287 and RFC 5005."""

from datetime import datetime, timedelta

import pytest
from lxml import etree

from bibliopolis.content.services import Edit
from bibliopolis.interchange.feeds.listings import SIZE

ATOM = {"a": "http://www.w3.org/2005/Atom"}
LANG = "{http://www.w3.org/XML/1998/namespace}lang"


@pytest.fixture
def section(publish):
    return publish(publish.chief.tree.root(), "section", "news", title="Новости")


@pytest.fixture
def feed(web):
    def feed(address="/ru/news/@@feed", **asked):
        return etree.fromstring(web.get(address, asked).body)

    return feed


def _said(element, path):
    return [str(one) for one in element.xpath(path, namespaces=ATOM)]


def _titles(feed):
    return _said(feed, "a:entry/a:title/text()")


def _demand_rfc_4287(feed):
    assert etree.QName(feed).localname == "feed"
    for element in (feed, *feed.iterfind("a:entry", ATOM)):
        for name in ("id", "title", "updated"):
            assert len(element.findall(f"a:{name}", ATOM)) == 1
            assert element.findtext(f"a:{name}", namespaces=ATOM)
        assert datetime.fromisoformat(element.findtext("a:updated", namespaces=ATOM)).tzinfo
        assert element.findtext("a:id", namespaces=ATOM).startswith("urn:uuid:")
        assert element.get(LANG)
        alternates = _said(element, "a:link[@rel='alternate']/@href")
        assert len(alternates) == 1
        assert alternates[0].startswith("http://localhost/")
    assert _said(feed, "a:author/a:name/text()")
    assert len(_said(feed, "a:link[@rel='self']/@href")) == 1
    ids = _said(feed, "//a:id/text()")
    assert len(ids) == len(set(ids))


def test_a_section_has_a_feed_with_the_newest_first(section, publish, clock, feed):
    for slug in ("old", "new"):
        publish(section, "news", slug, title=slug.title(), summary="Two sentences.", tags=["city"])
        clock.advance(timedelta(hours=1))

    found = feed()

    _demand_rfc_4287(found)
    assert _titles(found) == ["New", "Old"]
    assert _said(found, "a:entry[1]/a:summary/text()") == ["Two sentences."]
    assert _said(found, "a:entry[1]/a:category/@term") == ["news", "city"]
    assert _said(found, "a:link[@rel='alternate']/@href") == ["http://localhost/ru/news"]


def test_a_feed_without_entries_is_a_feed(section, feed):
    _demand_rfc_4287(feed())


def test_a_site_without_pages_has_a_feed(feed):
    _demand_rfc_4287(feed("/ru/@@feed"))


def test_words_that_look_like_markup_stay_words(section, publish, feed):
    publish(section, "news", "hostile", title="<b>&amp;]]></title><script>alert(1)</script>")

    assert _titles(feed()) == ["<b>&amp;]]></title><script>alert(1)</script>"]


def test_the_feeds_of_the_site_go_by_kind(section, publish, clock, feed, web):
    publish(section, "news", "report", title="Report")
    starts = (clock.now() + timedelta(days=1)).isoformat()
    publish(section, "event", "chess", title="Chess", shared={"starts": starts})

    assert set(_titles(feed("/ru/@@feed"))) == {"Report", "Chess"}
    assert _titles(feed("/ru/@@feed", type="event")) == ["Chess"]
    assert _said(feed("/ru/@@feed", type="event"), "a:entry/a:summary/text()") == [
        "22 ноября 2026, 12:00"
    ]
    web.get("/ru/@@feed", {"type": "hold"}, status=404)


def test_a_feed_has_the_entries_of_its_own_language_only(section, publish, feed, web):
    publish(section, "news", "report", title="Отчёт")
    chief = publish.chief
    chief.editing.save(section, "en", Edit(data={"title": "News"}))
    chief.editing.take(section, "en", "publish")

    assert _titles(feed()) == ["Отчёт"]
    assert _titles(feed("/en/news/@@feed")) == []
    web.get("/ar/news/@@feed", status=404)


def test_what_is_no_longer_public_leaves_the_feed(
    section, publish, web, feed, make_person, sign_in
):
    node = publish(section, "news", "report", title="Report")
    publish(section, "news", "other", title="Other")
    publish.chief.editing.save(node, "ru", Edit(data={"title": "Secret plans"}))

    make_person("rita", reviewer="", editor="")
    sign_in("rita")
    assert set(_titles(feed())) == {"Report", "Other"}
    publish.chief.editing.take(node, "ru", "retract")
    assert _titles(feed()) == ["Other"]


def test_ids_outlive_a_move_and_a_new_title(section, publish, feed):
    node = publish(section, "news", "report", title="Report")
    before = _said(feed(), "a:entry/a:id/text()")

    publish.chief.editing.save(node, "ru", Edit(data={"title": "Second edition"}))
    publish.chief.editing.take(node, "ru", "publish")
    publish.chief.tree.rename(node, "again")

    assert _titles(feed()) == ["Second edition"]
    assert _said(feed(), "a:entry/a:id/text()") == before


def test_a_long_feed_comes_in_pages_that_lead_to_one_another(section, publish, clock, feed):
    for number in range(SIZE + 1):
        publish(section, "news", f"n{number}", title=str(number))
        clock.advance(timedelta(minutes=1))

    first = feed()

    assert len(_titles(first)) == SIZE
    (following,) = _said(first, "a:link[@rel='next']/@href")
    assert not _said(first, "a:link[@rel='previous']/@href")
    second = feed(following)
    _demand_rfc_4287(second)
    assert _titles(second) == ["0"]
    assert _said(second, "a:id/text()") == _said(first, "a:id/text()")
    assert _said(second, "a:link[@rel='previous']/@href") == _said(
        first, "a:link[@rel='self']/@href"
    )


def test_who_has_a_feed_already_is_told_so(section, publish, web):
    publish(section, "news", "report")
    answer = web.get("/ru/news/@@feed")
    assert answer.content_type == "application/atom+xml"
    assert "public" in answer.headers["Cache-Control"]

    known = {"If-None-Match": answer.headers["ETag"]}
    assert web.get("/ru/news/@@feed", headers=known, status=304).body == b""

    publish(section, "news", "other")
    web.get("/ru/news/@@feed", headers=known, status=200)


def test_what_was_written_long_ago_is_new_when_it_goes_live(section, publish, clock, feed, web):
    chief = publish.chief
    node = chief.tree.create(section, "news", "waiting", source_language="ru")
    chief.editing.save(node, "ru", Edit(data={"title": "Written first"}))
    clock.advance(timedelta(hours=1))
    publish(section, "news", "other", title="Other")
    seen = {"If-Modified-Since": clock.now().strftime("%a, %d %b %Y %H:%M:%S GMT")}
    clock.advance(timedelta(hours=1))

    chief.editing.take(node, "ru", "publish")

    assert _titles(feed()) == ["Written first", "Other"]
    updated = _said(feed(), "a:entry/a:updated/text()")
    assert updated == sorted(updated, reverse=True)
    web.get("/ru/news/@@feed", headers=seen, status=200)


def test_pages_offer_their_feeds(section, publish, web):
    def offered(address):
        page = web.get(address).html
        return [one["href"] for one in page.find_all("link", type="application/atom+xml")]

    assert offered("/ru/news") == ["/ru/news/@@feed"]
    assert offered("/ar/news") == []
    for address in offered("/ru/"):
        assert web.get(address).content_type == "application/atom+xml"
    assert len(offered("/ru/")) == 3
    assert offered("/ru/catalogue") == ["/ru/catalogue/@@feed?scope=catalogue"]
    assert offered("/ru/libraries") == []
