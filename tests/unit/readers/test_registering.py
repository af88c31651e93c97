"""Registering readers: cards of several kinds, categories by age, guardians."""

from datetime import date, timedelta

import pytest
from fixtures.lending import POLICY, City
from fixtures.readers import reader_services
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import event, insert

from bibliopolis.errors import Conflict, InvalidInput
from bibliopolis.readers.categories import age_on, months_after
from bibliopolis.readers.models import BlockReason, Card, CardKind, Reader, Registration
from bibliopolis.readers.services import Particulars

TODAY = date(2026, 11, 21)
CHILD, GROWN_UP = date(2018, 5, 1), date(1980, 5, 1)


@pytest.fixture
def city(db, clock):
    return City(db, clock, None)


@pytest.fixture
def library(city):
    return city.library()


@pytest.fixture
def desk(db, clock):
    return reader_services(db, clock)


@pytest.fixture
def mother(desk, library):
    return desk.registering.register(Particulars("Vera", library.id, GROWN_UP), "M 1")


def sent(library, **more):
    return {"name": "Elena Korneva", "home": library.code, **more}


def test_a_reader_registered_at_a_desk_has_a_card_and_a_term(desk, library):
    reader = desk.registering.register(Particulars("Elena", library.id, GROWN_UP), "2104 4184 17")

    assert reader.card.number == "2104418417"
    assert reader.registered_until == date(2031, 11, 21)
    assert desk.standing.against_loans(reader) == []


def test_several_cards_lead_to_one_reader(desk, mother):
    desk.cards.give(mother, "7810 4417", CardKind.CITY)

    assert desk.readers.by_card("m1") is mother
    assert desk.readers.by_card("7810-4417") is mother
    assert mother.card.kind == CardKind.LIBRARY


def test_a_card_that_another_desk_has_just_given_out_is_refused_and_nothing_else_is_lost(
    db, desk, mother, library
):
    other = desk.registering.register(Particulars("Anna", library.id, GROWN_UP), "A1")
    row = {"kind": "library", "number": "M2", "reader_id": other.id}
    db.flush()

    @event.listens_for(db, "before_flush", once=True)
    def give_it_out(session, *_rest):
        session.connection().execute(insert(Card).values(row))

    with pytest.raises(InvalidInput) as refusal:
        desk.cards.give(mother, "M2")

    assert set(refusal.value.errors) == {"card"}
    assert desk.readers.by_card("M1") is mother


def test_a_name_however_long_it_is_when_folded_can_be_kept(desk, library):
    name = "ﬃ" * 200

    reader = desk.registering.register(Particulars(name, library.id, GROWN_UP), "L1")

    assert len(reader.folded) <= Reader.folded.type.length


def test_a_new_card_replaces_the_old_one_of_its_kind(desk, mother):
    desk.cards.give(mother, "7810 4417", CardKind.CITY)

    desk.cards.give(mother, "M2")

    assert desk.readers.by_card("M1") is None
    assert desk.readers.refused_card("M1").block_reason == BlockReason.REPLACED
    assert desk.readers.by_card("M2") is mother
    assert desk.readers.by_card("78104417") is mother


def test_a_number_is_given_once_within_its_kind(desk, library, mother):
    with pytest.raises(InvalidInput):
        desk.registering.register(Particulars("Anna", library.id, GROWN_UP), "M1")

    anna = desk.registering.register(Particulars("Anna", library.id, GROWN_UP), "A1")
    desk.cards.give(anna, "M1", CardKind.CITY)

    assert set(desk.readers.who_show("M1")) == {mother, anna}
    assert desk.readers.by_card("M1") is None


def test_a_number_of_two_readers_signs_nobody_in(desk, city, library, mother):
    mother.person_id = city.person().id
    assert desk.readers.person_id_by_card("M1") == mother.person_id
    anna = desk.registering.register(
        Particulars("Anna", library.id, GROWN_UP), "A1", person_id=city.person().id
    )

    desk.cards.give(anna, "M1", CardKind.CITY)

    assert desk.readers.person_id_by_card("M1") is None


@pytest.mark.parametrize("reason", BlockReason)
def test_a_blocked_card_counts_nowhere(desk, city, mother, reason):
    mother.person_id = city.person().id

    desk.cards.block(mother.card, reason)

    assert desk.readers.by_card("M1") is None
    assert desk.readers.person_id_by_card("M1") is None
    assert desk.standing.against_loans(mother) == [
        "The reader has no valid card: give a new one first."
    ]


def test_a_card_counts_within_its_term_only(desk, clock, mother):
    desk.cards.give(mother, "S1", CardKind.SCHOOL, TODAY + timedelta(days=1))
    assert desk.readers.by_card("S1") is mother

    clock.advance(timedelta(days=2))

    assert desk.readers.by_card("S1") is None


def test_a_child_is_registered_with_a_grown_up(desk, library, mother):
    with pytest.raises(InvalidInput):
        desk.registering.register(Particulars("Sasha", library.id, CHILD), "S1")

    child = desk.registering.register(
        Particulars("Sasha", library.id, CHILD), "S2", guardian=mother
    )

    assert list(desk.guardians.of(child)) == [mother]
    assert list(desk.guardians.children_of(mother.id)) == [child]
    assert desk.guardians.acts_for(mother.id, child.id)
    assert not desk.guardians.acts_for(child.id, mother.id)


def test_guardianship_ends_when_the_child_has_grown_up(desk, clock, library, mother):
    child = desk.registering.register(
        Particulars("Sasha", library.id, CHILD), "S2", guardian=mother
    )

    clock.advance(date(2032, 5, 1) - TODAY)

    assert not desk.guardians.acts_for(mother.id, child.id)
    assert list(desk.guardians.children_of(mother.id)) == []


def test_a_child_is_no_guardian_and_grown_ups_have_none(desk, library, mother):
    child = desk.registering.register(
        Particulars("Sasha", library.id, CHILD), "S2", guardian=mother
    )

    with pytest.raises(InvalidInput):
        desk.guardians.appoint(child, child)
    with pytest.raises(InvalidInput):
        desk.guardians.appoint(child, mother)
    with pytest.raises(InvalidInput):
        desk.guardians.dismiss(mother.id, child)


def test_a_registration_on_the_site_is_finished_at_a_desk(desk, city, library):
    reader = desk.registering.begin(
        Particulars("Elena", library.id, GROWN_UP), person_id=city.person().id, consent="2026-1"
    )
    temporary = reader.card.number
    assert reader.registered_until == TODAY + timedelta(days=30)
    assert desk.standing.against_holds(reader) == []
    assert desk.standing.against_loans(reader)
    with pytest.raises(InvalidInput):
        desk.registering.finish(reader, "E1", document_seen=False)

    desk.registering.finish(reader, "E1", document_seen=True)

    assert reader.registration == Registration.FULL
    assert desk.readers.by_card(temporary) is None
    assert desk.readers.by_card("E1") is reader
    assert desk.standing.against_loans(reader) == []
    with pytest.raises(Conflict):
        desk.registering.finish(reader, "E2", document_seen=True)


def test_a_registration_that_was_not_finished_runs_out(desk, city, clock, library):
    reader = desk.registering.begin(
        Particulars("Elena", library.id, GROWN_UP), person_id=city.person().id, consent="2026-1"
    )

    clock.advance(timedelta(days=31))

    assert desk.standing.against_holds(reader) == [
        "The registration has run out. Any library desk renews it."
    ]


def test_a_child_registered_on_the_site_waits_for_a_grown_up(desk, city, library, mother):
    child = desk.registering.begin(
        Particulars("Sasha", library.id, CHILD), person_id=city.person().id, consent="2026-1"
    )
    assert desk.standing.against_holds(child)
    with pytest.raises(InvalidInput):
        desk.registering.finish(child, "S1", document_seen=True)

    desk.registering.finish(child, "S1", document_seen=True, guardian=mother)

    assert desk.standing.against_holds(child) == []


def test_the_history_says_what_changed_and_keeps_no_value(desk, library):
    reader = desk.registering.register(Particulars("Elena", library.id, GROWN_UP), "E1")

    desk.registering.change(
        reader, Particulars("Helen", library.id, GROWN_UP, "+7 900 000-00-00", "Canal Street 1")
    )

    _total, entries = desk.history.of(("reader", reader.id))
    said = [entry.data for entry in entries if entry.action == "change"]
    assert said == [{"fields": ["name", "phone", "address"]}]
    assert desk.readers.look_up("hele")[1] == [reader]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", " "),
        ("name", "x" * 201),
        ("home", "nowhere"),
        ("born", "yesterday"),
        ("born", "2027-01-01"),
        ("born", "1800-01-01"),
        ("phone", "call me"),
        ("address", "x" * 501),
    ],
)
def test_what_cannot_be_used_is_named_at_its_field(desk, library, field, value):
    with pytest.raises(InvalidInput) as refusal:
        desk.registering.read(sent(library, **{field: value}))

    assert set(refusal.value.errors) == {field}


def test_people_are_found_by_name_here_and_by_card_or_mail_anywhere(desk, city, library):
    there, person = city.library(), city.person("rana")
    elena = desk.registering.register(Particulars("Елена Корнёва", library.id, GROWN_UP), "E1")
    rana = desk.registering.register(
        Particulars("Rana", there.id, GROWN_UP), "R1", person_id=person.id
    )
    here = [library.id]

    assert desk.readers.look_up("корнева еле", here)[1] == [elena]
    assert desk.readers.look_up("rana", here)[1] == []
    assert desk.readers.look_up("r 1", here)[1] == [rana]
    assert desk.readers.look_up(person.email.upper(), here)[1] == [rana]
    assert desk.readers.look_up("rana", None)[1] == [rana]


@given(st.dates(date(1900, 1, 1), TODAY), st.dates(TODAY, date(2100, 1, 1)))
def test_everybody_belongs_to_one_category_by_age(born, today):
    assert sum(one.suits(age_on(born, today)) for one in POLICY.categories.values()) == 1


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.integers(1, 240))
def test_a_term_ends_in_the_month_that_was_counted(day, months):
    end = months_after(day, months)

    assert (end.year - day.year) * 12 + end.month - day.month == months
    assert end.day <= day.day
