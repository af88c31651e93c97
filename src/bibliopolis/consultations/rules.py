"""By which rules a question may be refused: each says what the asker can do instead.

The list is that of Russian virtual reference services; what is refused is counted by rule.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bibliopolis.i18n import _


@dataclass(frozen=True)
class Rule:
    """A rule: its name in the queue, and what is written to the asker."""

    title: Any
    explanation: Any
    announced: bool = True
    """Whether the page says beforehand that such questions are not answered."""


RULES: Mapping[str, Rule] = {
    "ready_work": Rule(
        _("Ready-made essays and homework"),
        _("We do not write essays, tests or homework. We gladly show which books to use for them."),
    ),
    "quiz": Rule(
        _("Crosswords, quizzes and competitions"),
        _("We do not solve crosswords, quizzes or tasks of competitions."),
    ),
    "legal": Rule(
        _("Legal advice"),
        _("We find the text of a law, but do not explain what follows from it: ask a lawyer."),
    ),
    "medical": Rule(
        _("Medical advice"),
        _("We do not advise on illnesses or medicines: ask a doctor."),
    ),
    "unlawful": Rule(
        _("Against the law"),
        _("The law does not allow us to answer this."),
    ),
    "unclear": Rule(
        _("Cannot be understood"),
        _("We could not understand what is looked for. Ask again in other words."),
        announced=False,
    ),
    "on_shelf": Rule(
        _("Whether a book is in its place now"),
        _("The catalogue shows which copies are in now; on its pages you can place a hold."),
    ),
    "full_text": Rule(
        _("Sending whole texts"),
        _("We do not send whole books or articles, but say where they can be read."),
    ),
}
