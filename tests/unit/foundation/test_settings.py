import pytest

from bibliopolis.errors import ConfigurationError
from bibliopolis.settings import parse_settings, with_environment


def test_every_setting_has_a_default():
    settings = parse_settings({})

    assert settings.default_language == "ru"
    assert settings.database_url.startswith("sqlite:///")


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("bibliopolis.languages", "ru klingon", "name languages among"),
        ("bibliopolis.languages", "", "name languages among"),
        ("bibliopolis.secure_cookies", "perhaps", "say true or false"),
        ("bibliopolis.upload_limit", "much", "upload_limit"),
        ("bibliopolis.colour", "blue", "is no setting"),
    ],
)
def test_a_setting_that_cannot_be_used_stops_the_start(name, text, says):
    with pytest.raises(ConfigurationError, match=says):
        parse_settings({name: text}, "site.ini")


def test_the_environment_stands_in_for_a_setting_of_the_ini():
    raw = with_environment(
        {"bibliopolis.data": "var", "bibliopolis.theme": "default"},
        {"BIBLIOPOLIS_DATA": "/srv/books", "BIBLIOPOLIS_CONFIG": "production.ini"},
    )

    assert raw == {"bibliopolis.data": "/srv/books", "bibliopolis.theme": "default"}
