import pytest

from bibliopolis.i18n import fallback_chain, negotiate

OFFERED = ("ru", "en", "ar")


@pytest.mark.parametrize(
    ("chosen", "header", "expected"),
    [
        ("ar", "en", "ar"),
        ("xx", "en", "en"),
        (None, "en-GB,en;q=0.9", "en"),
        (None, "fr, ar-EG;q=0.5, en;q=0.4", "ar"),
        (None, "en;q=0, ar;q=0.1", "ar"),
        (None, "en;q=broken", "ru"),
        (None, "*", "ru"),
        (None, None, "ru"),
        (None, "," * 5000, "ru"),
    ],
)
def test_a_visitor_is_greeted_in_a_language_they_read(chosen, header, expected):
    assert negotiate(chosen, header, OFFERED) == expected


def test_a_missing_text_falls_back_along_the_chain_of_its_language():
    assert fallback_chain("ar", OFFERED) == ("ar", "en", "ru")
