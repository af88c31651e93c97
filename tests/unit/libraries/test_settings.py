"""Settings come from the nearest organisation that has them."""

import pytest
from sqlalchemy import event

from bibliopolis.errors import InvalidInput


def test_the_nearest_organisation_that_sets_it_wins(services, tree):
    tree.network.settings = {"shelf_days": 5}
    tree.system.settings = {"shelf_days": 3}

    found = services.settings.setting(tree.library, "shelf_days")

    assert (found.value, found.source) == (3, tree.system)


def test_ones_own_setting_comes_before_all(services, tree):
    tree.network.settings = {"shelf_days": 5}
    tree.library.settings = {"shelf_days": 10}

    assert services.settings.setting(tree.library, "shelf_days").source is tree.library
    assert services.settings.inherited(tree.library, "shelf_days").source is tree.network


def test_what_nobody_sets_is_the_default_and_comes_from_nobody(services, tree):
    found = services.settings.setting(tree.library, "shelf_days")

    assert (found.value, found.source) == (7, None)


def test_a_neighbour_changes_nothing(services, tree):
    tree.other.settings = {"shelf_days": 1}

    assert services.settings.setting(tree.library, "shelf_days").value == 7


def test_all_settings_of_all_organisations_are_read_with_one_query(engine, services, tree, db):
    said = []
    services.libraries.forget()
    db.expire_all()
    event.listen(engine, "before_cursor_execute", lambda *_args: said.append(1))

    for organisation in services.libraries.tree.values():
        services.settings.setting(organisation, "shelf_days")
        services.settings.setting(organisation, "time_zone")

    assert len(said) == 1


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("opening_hours", " Mo-Fr 10:00-20:00; Su off ", "Mo-Fr 10:00-20:00; Su off"),
        ("time_zone", "Asia/Yekaterinburg", "Asia/Yekaterinburg"),
        ("country", "ru", "RU"),
        ("shelf_days", "14", 14),
    ],
)
def test_what_can_be_read_is_kept(services, name, text, value):
    assert services.settings.parse(name, text) == value


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("opening_hours", "Mo-Fr from ten", "from character 7 on"),
        ("opening_hours", "", "from character 1 on"),
        ("opening_hours", "Mo 10:00-11:00; " * 60, "too long"),
        ("time_zone", "Europe/Atlantis", "no such time zone"),
        ("time_zone", "../../etc/passwd", "no such time zone"),
        ("time_zone", "", "no such time zone"),
        ("country", "Utopia", "two letters"),
        ("shelf_days", "0", "from 1 to 60"),
        ("shelf_days", "many", "from 1 to 60"),
        ("shelf_days", "9" * 5000, "from 1 to 60"),
        ("shelf_days", "000000005999999999", "from 1 to 60"),
    ],
)
def test_what_cannot_be_read_is_refused_with_what_to_do(services, name, text, said):
    with pytest.raises(InvalidInput) as refusal:
        services.settings.parse(name, text)

    assert said in refusal.value.errors[name].interpolate()
