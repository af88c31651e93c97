"""The forms of one word have one stem, and different words have different ones."""

import random
import re
from collections import defaultdict

import pytest

from bibliopolis.search.stems import stem


@pytest.mark.parametrize(
    "forms",
    [
        "сказка сказки сказок сказками",
        "роман романы романов романе",
        "отец отца отцов",
        "день дня дни дней",
        "любовь любви любовью",
        "церковь церкви",
        "живопись живописи живописью",
        "олимпиец олимпийца олимпийцы",
        "сестра сестер сестры",
        "время времени времена",
        "имя имени имена",
        "друг друга друзья друзей",
        "лермонтов лермонтова лермонтову лермонтовым",
        "books book",
        "القران قران والقران بالقران",
        "الكتاب كتاب للكتاب",
    ],
)
def test_forms_of_a_word_have_one_stem(forms):
    assert len({stem(form) for form in forms.split()}) == 1


@pytest.mark.parametrize(
    "words",
    ["мат мать", "роман рим", "сказка сказ", "лев лес", "книга кинга", "الله له", "план плен"],
)
def test_other_words_have_other_stems(words):
    one, other = words.split()
    assert stem(one) != stem(other)


def forms_of(entry, endings):
    word, _slash, flags = entry.partition("/")
    found = {word}
    for flag in flags:
        for taken, added, condition in endings[flag]:
            if word.endswith(taken) and condition.search(word):
                found.add(word.removesuffix(taken) + added)
    return word, found


def test_of_the_forms_in_a_dictionary_nearly_all_have_the_stem_of_their_word(samples):
    folder = samples / "vocab" / "hunspell-ru"
    endings = defaultdict(list)
    for line in (folder / "ru_RU.aff").read_text(encoding="utf-8").splitlines():
        match line.split():
            case ["SFX", flag, taken, added, condition]:
                ends = "" if taken == "0" else taken
                endings[flag].append(
                    (ends, "" if added == "0" else added, re.compile(f"{condition}$"))
                )
    entries = (folder / "ru_RU.dic").read_text(encoding="utf-8").splitlines()[1:]
    declined = [one for one in entries if "/" in one and not re.search("т[иь](сь|ся)?/|чь/", one)]

    total = same = 0
    for entry in random.Random(1).sample(declined, 3_000):
        word, forms = forms_of(
            entry.lower().partition("/")[0] + "/" + entry.partition("/")[2], endings
        )
        for form in forms:
            total += 1
            same += stem(form.replace("ё", "е")) == stem(word.replace("ё", "е"))

    assert total > 20_000
    assert same / total > 0.985
