import pytest
from fixtures.people import PASSWORD, PASSWORDS

from bibliopolis.accounts.services import is_email
from bibliopolis.errors import InvalidInput


def make(people, name="anna", **more):
    return people.create(
        name=name, email=f"{name}@example.org", password=PASSWORD, language="ru", **more
    )


def test_an_address_has_one_account(people):
    make(people)

    with pytest.raises(InvalidInput) as refusal:
        make(people)

    assert set(refusal.value.errors) == {"email"}


def test_of_two_who_open_an_account_at_once_the_second_learns_that_it_is_there(people):
    make(people)
    people.by_email = lambda _email: None  # it was not there yet when this one looked

    with pytest.raises(InvalidInput) as refusal:
        make(people)

    assert set(refusal.value.errors) == {"email"}
    assert people.page()[0] == 1


def test_everything_wrong_is_said_at_once(people):
    with pytest.raises(InvalidInput) as refusal:
        people.create(name=" ", email="nobody", password=PASSWORD, language="tlh")

    assert set(refusal.value.errors) == {"name", "email", "language"}


@pytest.mark.parametrize(
    "text",
    [
        "x,anna@example.org",
        "x<anna@example.org>",
        "anna@example.org>",
        "group:anna@example.org;",
        '"anna@example.org',
        "(anna@example.org",
        "=?utf-8?q?anna?=@example.org",
        "anna@example",
        "anna..b@example.org",
        "anna@example..org",
        "an\x01na@example.org",
        "a@b@example.org",
    ],
)
def test_an_address_is_one_mailbox_and_nothing_else(text):
    assert not is_email(text)


@pytest.mark.parametrize(
    "text", ["anna@example.org", "a.b+books_2026@mail.example.org", "o'neil@x.co", "анна@почта.рф"]
)
def test_an_address_may_look_in_many_ways(text):
    assert is_email(text)


def test_a_short_password_is_refused(people):
    with pytest.raises(InvalidInput):
        people.create(name="A", email="a@example.org", password="secret", language="ru")


def test_a_password_is_the_same_however_its_letters_are_composed():
    kept = PASSWORDS.hash("\u0439\u043e\u0433\u0443\u0440\u0442 2026")

    assert PASSWORDS.accepts(kept, "\u0438\u0306\u043e\u0433\u0443\u0440\u0442 2026")


def test_people_are_found_by_parts_of_name_or_address(people):
    people.create(name="Ёлкина Анна", email="z@example.org", password=None, language="ru")
    make(people, "boris")

    assert [person.email for person in people.page("ёлкина")[1]] == ["z@example.org"]
    assert people.page("BORIS")[0] == 1
    assert people.page("%")[0] == 0
    assert people.page()[0] == 2


def test_a_whole_book_in_the_search_box_finds_nobody_and_breaks_nothing(people):
    make(people)

    assert people.page("Война и мир " * 1000)[0] == 0
    assert people.page("a" * 100_000)[0] == 0


def test_names_come_for_many_people_at_once(people):
    anna, boris = make(people), make(people, "boris")

    assert people.names([anna.id, boris.id, 999]) == {anna.id: "anna", boris.id: "boris"}


def test_a_name_is_found_in_any_case(people):
    people.create(name="Вера Зимина", email="vera@example.org", password=None, language="ru")

    total, found = people.page("зИМ")

    assert (total, found[0].email) == (1, "vera@example.org")
