def test_the_footer_leads_to_the_pages_of_the_sections(demo_site):
    page = demo_site.web().get("/en/catalogue")

    links = {link["href"]: link.text for link in page.html.select("footer .foot-grid a")}

    assert links["/en/for-readers/card"] == "How to get a card"
    assert links["/en/about/accessibility"] == "Accessibility"
    assert not any("/news/" in address for address in links)


def test_titles_that_are_not_translated_say_their_language(demo_site):
    page = demo_site.web().get("/ar").html

    links = page.select(".site-foot a[lang], .poster-title a, .today-list a")

    assert "en" in {link["lang"] for link in links}
    assert all(
        link["lang"] in ("ar", "fa") for link in links if "\u0600" <= link.text[0] <= "\u06ff"
    )
