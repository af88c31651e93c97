"""Two copies of a site on one machine share a host name in the eyes of a browser."""

from bibliopolis.secret import cookie_name
from bibliopolis.settings import parse_settings


def test_two_copies_on_one_machine_do_not_take_each_others_cookies(tmp_path):
    one, other = (
        parse_settings({"bibliopolis.data": str(tmp_path / name)}) for name in ("one", "other")
    )

    assert cookie_name(one, "signed_in") != cookie_name(other, "signed_in")
    assert cookie_name(one, "signed_in") == cookie_name(one, "signed_in")


def test_a_site_that_was_given_a_secret_keeps_the_plain_names():
    settings = parse_settings({"bibliopolis.secret": "given"})

    assert cookie_name(settings, "csrf_token") == "csrf_token"
