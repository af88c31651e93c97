"""Staff pages of rules: what counts at an organisation and why, setting rules, trying them out."""

from __future__ import annotations

from typing import Any

from pyramid.httpexceptions import HTTPSeeOther
from pyramid.request import Request
from pyramid.response import Response
from pyramid.view import view_config

from bibliopolis.catalogue.item_types import ItemTypes
from bibliopolis.errors import Conflict, InvalidInput, NotFoundHere
from bibliopolis.frame import flash
from bibliopolis.i18n import _
from bibliopolis.libraries.services import Libraries
from bibliopolis.libraries.staff_resources import OrganisationPage
from bibliopolis.libraries.staff_views import head
from bibliopolis.parts import problems_of
from bibliopolis.readers.categories import ReaderPolicy
from bibliopolis.resources.access import Permission

from .posted import number, posted, text
from .rule_words import as_yaml, comes_from, lines, whom
from .rules import NAMES, Decided, Rule, RuleName, Scope
from .rules.declaring import GROUPS, WHOSE
from .services import CirculationRules, RuleKeeping
from .services.rule_keeping import NEW, version_of


@view_config(
    context=OrganisationPage,
    name="rules",
    permission=Permission.VIEW_WORKING,
    request_method="GET",
    renderer="circulation/rules.pt",
)
def show_rules(context: OrganisationPage, request: Request) -> dict[str, Any]:
    """Show which rules count at an organisation, or which would for a category and an item type."""
    rules = request.find_service(CirculationRules)
    asked = _scope(request, request.GET)
    tried = "try" in request.GET
    lineage = rules.lineage(context.library)
    found = []
    for name in NAMES:
        if tried:
            one = rules.book.resolve(name, lineage, asked.category, asked.item_type)
            fitting = list(rules.book.fitting(name, lineage, asked.category, asked.item_type))
            found.append((one, fitting[1:]))
        else:
            found += [(one, []) for one in _counting(rules, name, lineage)]
    shown = lines(request, context.library, [one for one, _beaten in found])
    rows = [
        (line, [_beaten_words(context, request, rule) for rule in beaten])
        for line, (_one, beaten) in zip(shown, found, strict=True)
    ]
    return {
        **head(context, request),
        **_choices(request),
        "groups": [
            (group, title, [row for row in rows if row[0].name.group == group])
            for group, title in GROUPS.items()
        ],
        "whose": WHOSE,
        "tried": tried,
        "asked": asked,
        "asked_words": whom(request, asked),
        "version_of": version_of,
    }


@view_config(
    context=OrganisationPage,
    name="rules",
    permission=Permission.VIEW_WORKING,
    request_method="GET",
    accept="application/json",
    renderer="json",
)
def rules_as_json(context: OrganisationPage, request: Request) -> dict[str, Any]:
    """Tell a program which value counts here for a category and an item type, and why."""
    rules, asked = request.find_service(CirculationRules), _scope(request, request.GET)
    found = [
        rules.resolve(name, context.library, asked.category, asked.item_type) for name in NAMES
    ]
    return {
        "@id": request.address(context, "rules", absolute=True),
        "@type": "CirculationRules",
        "category": asked.category,
        "item_type": asked.item_type,
        "items": [rule_json(one) for one in found],
    }


@view_config(
    context=OrganisationPage,
    name="rules.yaml",
    permission=Permission.VIEW_WORKING,
    request_method="GET",
)
def export_rules(context: OrganisationPage, request: Request) -> Response:
    """Give what staff have set here and below, in the form of ``policies/circulation.yaml``."""
    rules, libraries = request.find_service(CirculationRules), request.find_service(Libraries)
    below = {
        one.code for one in libraries.tree.values() if context.library in libraries.lineage(one)
    }
    kept = [rule for rule in rules.set_by_staff() if rule.scope.organisation in below]
    response = Response(as_yaml(kept), content_type="application/yaml", charset="utf-8")
    name = f"rules-{context.library.code}.yaml"
    response.content_disposition = f'attachment; filename="{name}"'
    return response


@view_config(
    context=OrganisationPage,
    name="set-rule",
    permission=Permission.EDIT,
    request_method="GET",
    renderer="circulation/set_rule.pt",
)
def show_rule_form(context: OrganisationPage, request: Request) -> dict[str, Any] | HTTPSeeOther:
    """Show the form of one rule: a new one, or one that is set here; which one is chosen first."""
    if "name" not in request.GET:
        return HTTPSeeOther(location=request.address(context, "rules"))
    name, scope = _name(request, request.GET), _exact_scope(request.GET)
    rules = request.find_service(CirculationRules)
    at = Scope(context.library.code, scope.category, scope.item_type)
    rule = rules.book.at(name.name, at)
    if rule is None or not rule.by_staff or "new" in request.GET:
        rule = None
    shown = rule or rules.resolve(name.name, context.library, scope.category, scope.item_type)
    return _form(context, request, name, scope, name.kind.write(shown.value), rule)


@view_config(
    context=OrganisationPage,
    name="set-rule",
    permission=Permission.EDIT,
    request_method="POST",
    renderer="circulation/set_rule.pt",
)
def set_rule(context: OrganisationPage, request: Request) -> dict[str, Any] | HTTPSeeOther:
    """Set a rule for the organisation and go back to all of them."""
    sent = posted(request)
    name, scope, typed = _name(request, sent), _exact_scope(sent), text(sent, "value")
    try:
        value = name.kind.parse(typed)
        with request.db.begin_nested():
            request.find_service(RuleKeeping).set(
                context.library, name.name, scope, value, text(sent, "version") or NEW
            )
    except InvalidInput as error:
        errors = error.errors or {"value": error.reason}
        return _form(context, request, name, scope, typed, None, sent, errors)
    except Conflict as error:
        return _form(context, request, name, scope, typed, None, sent, {"category": error.reason})
    flash(request, _("The rule counts from now on."))
    return HTTPSeeOther(location=request.address(context, "rules"))


@view_config(
    context=OrganisationPage,
    name="remove-rule",
    permission=Permission.EDIT,
    request_method="POST",
)
def remove_rule(context: OrganisationPage, request: Request) -> HTTPSeeOther:
    """Let a rule of the organisation count no more."""
    sent = posted(request)
    keeping = request.find_service(RuleKeeping)
    keeping.remove(context.library, number(sent, "rule"), text(sent, "version"))
    flash(request, _("The rule is removed: what is above counts again."))
    return HTTPSeeOther(location=request.address(context, "rules"))


def rule_json(decided: Decided) -> dict[str, Any]:
    """Return the JSON form of what counts, and of the rule that decided."""
    rule = decided.rule
    return {
        "name": decided.name.name,
        "value": decided.value,
        "inherited": decided.inherited,
        "rule": None
        if rule is None
        else {
            **vars(rule.scope),
            "set_by": "staff" if rule.by_staff else "site",
            "changed": rule.changed.isoformat() if rule.changed else None,
        },
    }


def _counting(rules: CirculationRules, name: str, lineage: Any) -> list[Decided]:
    """Return what counts for all, then what counts otherwise for some."""
    scopes = {(rule.scope.category, rule.scope.item_type) for rule in rules.book.of(name)}
    general = rules.book.resolve(name, lineage)
    found = [general]
    for category, item_type in sorted(scopes, key=lambda one: (one[0] or "", one[1] or "")):
        one = rules.book.resolve(name, lineage, category, item_type)
        exactly = one.rule and (one.rule.scope.category, one.rule.scope.item_type)
        if exactly == (category, item_type) and one.rule != general.rule:
            found.append(one)
    return found


def _beaten_words(context: OrganisationPage, request: Request, rule: Rule) -> tuple[Any, Any, Any]:
    said = NAMES[rule.name].kind.say(rule.value)
    return said, whom(request, rule.scope), comes_from(request, rule, context.library)


def _choices(request: Request) -> dict[str, Any]:
    categories = request.find_service(ReaderPolicy).categories
    return {
        "categories": [(name, one.title) for name, one in categories.items()],
        "item_types": list(request.find_service(ItemTypes).items()),
    }


def _scope(request: Request, sent: Any) -> Scope:
    """Return the category and the item type that were chosen; what there is not is any."""
    category, item_type = text(sent, "category"), text(sent, "item_type")
    known = request.find_service(ReaderPolicy).categories
    return Scope(
        None,
        category if category in known else None,
        item_type if item_type in request.find_service(ItemTypes) else None,
    )


def _exact_scope(sent: Any) -> Scope:
    """Return the category and the item type as they were sent: none is refused, not any."""
    return Scope(None, text(sent, "category") or None, text(sent, "item_type") or None)


def _name(request: Request, sent: Any) -> RuleName:
    name = NAMES.get(text(sent, "name"))
    if name is None:
        raise NotFoundHere(_("There is no such rule: choose one of the list."))
    return name


def _form(
    context: OrganisationPage,
    request: Request,
    name: RuleName,
    scope: Scope,
    value: str,
    rule: Rule | None,
    sent: Any = None,
    errors: dict[str, Any] | None = None,
) -> dict[str, Any]:
    if errors:
        request.response.status_int = 400
    rules = request.find_service(CirculationRules)
    version = text(sent, "version") if sent is not None else rule and version_of(rule)
    return {
        **head(context, request),
        **_choices(request),
        "name": name,
        "scope": scope,
        "value": value,
        "rule": rule,
        "fixed": bool(version),
        "version": version or NEW,
        "whose": WHOSE[name.whose],
        "errors": errors or {},
        "problems": problems_of(errors or {}),
        "group_names": ", ".join(rules.policy.groups) if name.name == "pickup_groups" else "",
        "whom": whom(request, scope),
    }
