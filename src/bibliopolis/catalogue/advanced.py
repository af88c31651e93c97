"""A search put field by field: what the form asks, and the ordinary search it comes to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bibliopolis.catalogue.availability import CITY
from bibliopolis.catalogue.search_titles import FACET_TITLES, FIELD_TITLES, ValueTitles
from bibliopolis.i18n import _
from bibliopolis.parts import Choice, Facet
from bibliopolis.resources.access import visible_to
from bibliopolis.search.asking import FACETS, Asked
from bibliopolis.search.documents import RESOURCE, Query
from bibliopolis.search.plans import MAX_LENGTH
from bibliopolis.search.services import Search
from bibliopolis.search.within import MARKS, Clause, Within, clause_for, joined

WORDS = "words"
LONGEST_FIELD = 120
SCOPE = "catalogue"
OFFERED = ("kind", "lang", "lib")
"""The facets that the form offers to choose from."""

MOST = 100

EXAMPLES: Sequence[tuple[tuple[str, ...], Any]] = (
    (("author:толстой", "автор:толстой"), _("the word in a name")),
    (("author:(лев толстой)",), _("both words in names")),
    (('title:"война и мир"',), _("words in this order in a title")),
    (("subject:", "publisher:", "series:"), _("subjects, publishers, series")),
    (("isbn:978-5-17-090630-8",), _("a book or a journal by its number")),
    (('shelf:"84(2Рос=Рус)1 Д70"', "shelf:84(2*"), _("a shelf mark, in full or its beginning")),
    (("-author:толстой",), _("what is by others")),
)
"""What may be typed in the box instead, and what it finds."""


@dataclass(frozen=True)
class Fields:
    """What stands in the fields of the form; ``asked`` holds all that is no text."""

    words: str
    within: Mapping[Within, str]
    asked: Asked

    @classmethod
    def of(cls, asked: Asked) -> Fields:
        """Take a search apart for the form.

        What the form has no field for (a word to leave out, a field named twice) stays among the
        words, as it is typed.
        """
        free: list[Clause] = []
        within: dict[Within, list[str]] = {}
        for clause in asked.clauses:
            again = clause.within in MARKS and clause.within in within
            if clause.within is None or clause.excluded or again:
                free.append(clause)
            else:
                within.setdefault(clause.within, []).append(_as_written(clause))
        return cls(joined(free), {name: " ".join(said) for name, said in within.items()}, asked)

    @classmethod
    def read(cls, parameters: Any) -> Fields:
        """Read what was sent; what cannot be understood counts as not said."""
        given = {name: parameters.get(name, "").strip()[:LONGEST_FIELD] for name in FIELD_TITLES}
        return cls(
            parameters.get(WORDS, "").strip()[:MAX_LENGTH],
            {name: text for name, text in given.items() if text},
            Asked.read(parameters),
        )

    def search(self, language: str) -> Asked:
        """Return the search, with the names of its fields in this language."""
        said = [clause_for(name, text, language) for name, text in self.within.items()]
        text = joined([*([Clause(self.words)] if self.words else []), *filter(None, said)])
        # A text that is too long would lose its end in silence: the caller looks at it.
        return self.asked.but(text=text, scope=self.asked.scope or SCOPE)

    def problems(self, language: str) -> dict[str, Any]:
        """Return what is wrong, by the name of the field."""
        search = self.search(language)
        if len(search.text) > MAX_LENGTH:
            return {WORDS: _("These are too many words for one search. Leave some of them out.")}
        if not search.text and not search.is_narrowed:
            return {WORDS: _("Say something of what you are looking for: one field is enough.")}
        return {}


def _as_written(clause: Clause) -> str:
    return clause.value.strip('"') if clause.within in MARKS else clause.value


def offered(request: Any, titles: ValueTitles, asked: Asked) -> list[Facet]:
    """Return what can be chosen of the records this visitor may see, by one look at the index."""
    query = Query(
        visibility=visible_to(request.principals),
        filters={RESOURCE: ("record",)},
        limit=0,
        facets=tuple(FACETS[name] for name in OFFERED),
        facet_limit=MOST,
    )
    counted = request.find_service(Search).find(query).facets
    return [
        facet
        for name in OFFERED
        if (facet := _facet(name, counted.get(FACETS[name], ()), titles, asked)).choices
    ]


def _facet(name: str, counted: Any, titles: ValueTitles, asked: Asked) -> Facet:
    counts = {value: count for value, count in counted if value}
    chosen = asked.chosen.get(name, ())
    counts |= {value: 0 for value in chosen if value not in counts}
    choices = [
        Choice(value, titles.title(name, value), count, value in chosen)
        for value, count in counts.items()
    ]
    return Facet(name, FACET_TITLES[name], tuple(choices), open=name == "kind" or bool(chosen))


def places_today(titles: ValueTitles, asked: Asked) -> Facet:
    """Return where something can be borrowed today: my library, the city, and what was chosen."""
    chosen = asked.chosen.get("avail", ())
    home = (titles.home,) if titles.home else ()
    choices = tuple(
        Choice(value, titles.title("avail", value), 0, value in chosen)
        for value in dict.fromkeys((*home, CITY, *chosen))
    )
    return Facet("avail", FACET_TITLES["avail"], choices)
