"""Rules in words: for whom they are, what they say, where they come from."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pyramid.request import Request

from bibliopolis.catalogue.item_types import ItemTypes
from bibliopolis.content.names import names_of
from bibliopolis.i18n import _
from bibliopolis.libraries.models import Library
from bibliopolis.libraries.presenters import name_of
from bibliopolis.libraries.services import Libraries
from bibliopolis.readers.categories import ReaderPolicy

from .rules import NAMES, Decided, Rule, RuleName, Scope


@dataclass(frozen=True)
class RuleLine:
    """A rule, or a default, as a table shows it."""

    name: RuleName
    whom: Any
    said: Any
    comes_from: Any
    rule: Rule | None = None
    own: bool = False
    """Whether staff have set it at the organisation the page is of."""
    set_by: str = ""


def whom(request: Request, scope: Scope) -> str:
    """Return for which readers and copies a rule is, in words."""
    words = []
    if scope.category is not None:
        category = request.find_service(ReaderPolicy, context=None).categories.get(scope.category)
        words.append(request.translate(category.title) if category else scope.category)
    if scope.item_type is not None:
        types = request.find_service(ItemTypes, context=None)
        words.append(request.translate(types.get(scope.item_type, scope.item_type)))
    return " · ".join(words) or request.translate(_("all readers and copies"))


def comes_from(request: Request, rule: Rule | None, here: Library) -> Any:
    """Return where a value comes from, in words."""
    if rule is None:
        return _("nobody has set it: the usual")
    code = rule.scope.organisation
    source = request.find_service(Libraries, context=None).organisation(code) if code else None
    if source is None:
        return _("the file of the whole site") if code is None else code
    if source.id == here.id:
        return _("set here") if rule.by_staff else _("the file of the site, for here")
    return _("comes from ${organisation}", mapping={"organisation": name_of(request, source)})


def lines(request: Request, here: Library, decided: Iterable[Decided]) -> list[RuleLine]:
    """Return what counts at an organisation, as a table shows it."""
    found = list(decided)
    people = {one.rule.person_id for one in found if one.rule is not None}
    names = names_of(request, people - {None})
    return [
        RuleLine(
            name=one.name,
            whom=whom(request, one.rule.scope if one.rule else Scope()),
            said=one.said,
            comes_from=comes_from(request, one.rule, here),
            rule=one.rule,
            own=one.rule is not None
            and one.rule.by_staff
            and one.rule.scope.organisation == here.code,
            set_by=names.get(one.rule.person_id, "") if one.rule else "",
        )
        for one in found
    ]


def change_words(request: Request, data: Mapping[str, Any]) -> str:
    """Return what a change of a rule was, for the history and the audit log."""
    declared = NAMES.get(data.get("rule", ""))
    if declared is None:
        return str(data.get("rule", ""))
    scope = Scope(None, data.get("category") or None, data.get("item_type") or None)
    said = [
        request.translate(declared.kind.say(declared.kind.parse(data[name])))
        for name in ("before", "value")
        if name in data
    ]
    title = request.translate(declared.title)
    return f"{title} ({whom(request, scope)}): {' → '.join(said)}"


def as_yaml(rules: Iterable[Rule]) -> str:
    """Return rules in the form of ``policies/circulation.yaml``; JSON is YAML, too."""
    by_scope: dict[Scope, dict[str, Any]] = {}
    for rule in rules:
        by_scope.setdefault(rule.scope, {})[rule.name] = rule.value
    entries = []
    for scope, values in by_scope.items():
        entry = {name: value for name, value in vars(scope).items() if value is not None}
        entry["set"] = values
        entries.append(f"  - {json.dumps(entry, ensure_ascii=False)}")
    return "\n".join(["rules:", *entries] if entries else ["rules: []"]) + "\n"
