"""What is read of a letter: what somebody wrote themselves, however hostile the rest is."""

import time

import pytest

from bibliopolis.consultations.letters_in import own_words, read_letter


@pytest.mark.parametrize(
    "attribution",
    [
        "On 27 Nov 2026 at 10:15, Library <ask@example.org> wrote:",
        "27.11.2026, 10:15, Библиотека пишет:",
        "пт, 27 нояб. 2026 г. в 10:15, Анна написал(а):",
    ],
)
def test_what_is_quoted_is_not_ones_own(attribution):
    assert own_words(f"Number 14.\n\n{attribution}\n> Which house?\n") == "Number 14."


def test_a_sentence_that_ends_like_that_is_kept():
    assert own_words("This is what Blok wrote:\nnight, street") == (
        "This is what Blok wrote:\nnight, street"
    )


@pytest.mark.parametrize(
    ("kind", "line"), [("plain", "1" * 410 + "\n"), ("html", "<br " * 100), ("plain", "-" * 400)]
)
def test_no_letter_keeps_the_others_waiting(kind, line):
    head = f"From: anna@example.org\nContent-Type: text/{kind}\n\n"
    letter = (head + line * 10_000).encode()
    began = time.monotonic()

    read_letter(letter)

    assert time.monotonic() - began < 10
