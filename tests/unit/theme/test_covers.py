import pytest

from bibliopolis.covers import (
    PALETTES,
    PLAIN,
    art_of,
    cover_author,
    cover_title,
    layout_of,
    make_cover,
    make_spine,
    palette_of,
    shelf_covers,
    size_class,
)


@pytest.mark.parametrize(
    ("title", "layout", "size"),
    [
        ("Белые ночи", "plate", 1),
        ("Поэма без героя", "plate", 2),
        ("Клара и Солнце", "plate", 2),
        ("Мастер и Маргарита", "plate", 3),
        ("Дом, в котором…", "plate", 3),
        ("Братья Карамазовы", "plate", 4),
        ("Преступление и наказание", "plate", 5),
        ("Проблемы поэтики Достоевского", "type", 5),
        ("Петербургские повести", "plate", 6),
        ("Сказка о рыбаке и рыбке", "label", 2),
        ("Порядок времени", "label", 2),
        ("Доктор Живаго", "frame", 2),
        ("Звезда", "serial", 2),
    ],
)
def test_the_title_is_as_large_as_it_fits(title, layout, size):
    assert size_class(title, layout) == size


@pytest.mark.parametrize(
    ("subjects", "art"),
    [
        (("Детская литература",), {"blocks"}),
        (("Juvenile fiction",), {"blocks"}),
        (("Театр -- История",), {"rays"}),
        (("Science fiction",), {"stars"}),
        (("Physics",), {"orbits"}),
        (("Философия",), {"sun", "halftone"}),
        (("Санкт-Петербург (город)",), {"windows", "bridge", "tower"}),
        (("Love poetry",), {"waves"}),
        (("Русский язык -- Словари",), {"lines"}),
        (("Архитектура",), {"arches"}),
        (("تاريخ",), {"arches"}),
        ((), set(PLAIN)),
    ],
)
def test_the_art_follows_the_subject_in_several_languages(subjects, art):
    assert art_of(subjects, "Xyz", "7") in art


def test_without_subjects_the_title_is_asked():
    assert art_of((), "Море и берег") == "waves"


@pytest.mark.parametrize(
    ("kind", "subjects", "year", "layout"),
    [
        ("book", (), 1998, "plate"),
        ("book", (), 1899, "frame"),
        ("book", ("Сказки",), 2001, "label"),
        ("book", ("Dostoevsky -- History and criticism",), 2001, "type"),
        ("journal", (), 1899, "serial"),
        ("audiobook", (), 2020, "square"),
    ],
)
def test_the_layout_follows_the_kind(kind, subjects, year, layout):
    assert layout_of(kind, subjects, year) == layout


def test_editions_of_a_work_are_kin():
    first = make_cover(title="Идиот", year=1998, work=12)
    second = make_cover(title="The Idiot", year=2004, work=12)

    assert first.palette == second.palette == palette_of("12")


def test_neighbours_on_a_shelf_differ():
    drawn = shelf_covers([{"title": str(n), "work": 12} for n in range(3)])

    palettes = [one.palette for one in drawn]
    assert palettes[0] != palettes[1] != palettes[2]
    assert set(palettes) <= set(PALETTES)


def test_a_long_title_is_cut_at_a_word():
    title = "Полное собрание сочинений : в тридцати томах : художественные произведения, тома 1–17"

    assert cover_title(title + ", и письма") == "Полное собрание сочинений"
    assert cover_title("слово " * 40).endswith("слово…")


def test_a_title_of_nothing_is_still_a_cover():
    drawn = make_cover(title="")

    assert drawn.css.startswith("cover k-")
    assert drawn.initial == ""


def test_pages_make_a_spine_thin_or_tall():
    assert "spine--thin" in make_spine(title="Нос", pages=60).css
    assert "spine--tall" in make_spine(title="Война и мир", pages=1300).css


def test_long_spines_have_smaller_letters():
    assert "sp-3" in make_spine(title="Сага о Йёсте Берлинге", pages=300).css
    assert "sp-" not in make_spine(title="Улисс", pages=300).css


@pytest.mark.parametrize(
    ("heading", "printed"),
    [
        ("Достоевский, Федор Михайлович", "Ф. М. Достоевский"),
        ("Bolívar, Simón", "Simón Bolívar"),
        ("Андрей Белый", "Андрей Белый"),
        ("Palliser, Bury, Mrs", "Palliser, Bury, Mrs"),
        ("Гоголь, Н. В.", "Н. В. Гоголь"),
        ("", ""),
    ],
)
def test_authors_are_printed_as_on_covers(heading, printed):
    assert cover_author(heading) == printed


def test_unknown_subjects_draw_something_plain_that_stays():
    drawn = {art_of(["Романы"], "Xyz", str(work)) for work in range(20)}

    assert len(drawn) == 4
    assert art_of(["Романы"], "Xyz", "7") == art_of(["Романы"], "Abc", "7")


def test_what_a_spine_cannot_hold_is_cut_at_a_word():
    spine = make_spine(title="Новый физический фейерверк для любознательных", pages=300)

    assert spine.title == "Новый физический…"


def test_a_spine_says_whether_it_holds_the_whole_title():
    assert make_spine(title="Улисс", pages=300).whole
    assert make_spine(title="Дом, в котором…", pages=300).whole
    assert not make_spine(title="Занимательная физика для любознательных", pages=300).whole
