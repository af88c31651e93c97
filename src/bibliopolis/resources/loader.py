"""Read ``content_types/*.yaml`` and ``content_types/vocabularies/*.yaml``, strictly."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from bibliopolis.declarations import Node, meant, read
from bibliopolis.i18n import _
from bibliopolis.workflow import Names, Workflows
from bibliopolis.workflow.loader import file_name, roles_map

from .types import Field, ResourceType, ResourceTypes, Search, Term, Vocabulary

KEYS = (
    "name",
    "title",
    "description",
    "icon",
    "workflow",
    "permissions",
    "behaviours",
    "added_to",
    "schema_org",
    "fields",
)
FIELD_KEYS = (
    "type",
    "title",
    "description",
    "required",
    "translatable",
    "many",
    "default",
    "search",
)
SEARCH_KEYS = ("weight", "sort", "facet")
_NAME = re.compile(r"[a-z][a-z0-9_]*\Z")
_SCHEMA_ORG = re.compile(r"[A-Z][A-Za-z]+\Z")


def load_type(file: Path, types: ResourceTypes, workflows: Workflows) -> ResourceType:
    """Return the type a file declares.

    What it says of other types (``added_to``, references) is checked by `check_relations`, once
    all types are known.
    """
    top = read(file)
    keys = top.mapping(KEYS, ("name", "title"))
    name = _proper(keys["name"], file_name(keys["name"], file))
    if ("workflow" in keys) == ("permissions" in keys):
        raise top.error(f"the type “{name}” needs either a workflow or a map of permissions")
    return ResourceType(
        name=name,
        title=_(keys["title"].text("a title")),
        description=_(keys["description"].text()) if "description" in keys else "",
        icon=keys["icon"].text("the name of an icon") if "icon" in keys else "",
        workflow=_workflow(keys, workflows),
        permissions=_permissions(keys, workflows.names),
        behaviours=keys["behaviours"].names(types.behaviours, "behaviour")
        if "behaviours" in keys
        else (),
        added_to=tuple(node.text("the name of a type") for node in keys["added_to"].sequence())
        if "added_to" in keys
        else (),
        schema_org=_schema_org(keys),
        fields=_fields(keys["fields"], types) if "fields" in keys else {},
        file=file,
    )


def load_vocabulary(file: Path) -> Vocabulary:
    """Return the vocabulary a file declares: ``name``, ``title`` and ``terms: {value: title}``."""
    keys = read(file).mapping(("name", "title", "terms"), ("name", "title", "terms"))
    terms = keys["terms"].items()
    if not terms:
        raise keys["terms"].error("a vocabulary has at least one term")
    return Vocabulary(
        name=file_name(keys["name"], file),
        title=_(keys["title"].text("a title")),
        source=tuple(Term(value, _(node.text("a title"))) for value, node in terms.items()),
    )


def check_relations(resource_type: ResourceType, types: ResourceTypes) -> None:
    """Refuse a type that speaks of types which do not exist."""
    keys = read(resource_type.file).items()
    known = {one.name for one in types}
    for node in keys["added_to"].sequence() if "added_to" in keys else ():
        node.name(known, "type")
    for name, one in resource_type.fields.items():
        if "to" in one.options:
            keys["fields"].items()[name].items()["to"].name(known, "type")


def _workflow(keys: Mapping[str, Node], workflows: Workflows) -> Any:
    if "workflow" not in keys:
        return None
    return workflows[keys["workflow"].name({one.name for one in workflows}, "workflow")]


def _permissions(keys: Mapping[str, Node], names: Names) -> Any:
    return roles_map(keys["permissions"], names) if "permissions" in keys else {}


def _schema_org(keys: Mapping[str, Node]) -> str | None:
    if "schema_org" not in keys:
        return None
    word = keys["schema_org"].text("the name of a schema.org type")
    if not _SCHEMA_ORG.match(word):
        raise keys["schema_org"].error(f"“{word}” is no schema.org type, such as Event")
    return word


def _proper(node: Node, name: str) -> str:
    if not _NAME.match(name):
        raise node.error(
            f"the name “{name}” must be lower-case Latin letters, digits and _, a letter first"
        )
    return name


def _fields(node: Node, types: ResourceTypes) -> dict[str, Field]:
    found: dict[str, Field] = {}
    for name, value in node.items().items():
        _proper(node.key(name), name)
        found[name] = one = _field(name, node.key(name).line, value, types)
        for extra in types.field_types[one.kind].companions(one):
            if extra.name in node.items():
                raise node.key(extra.name).error(
                    f"the field “{name}” already brings a field “{extra.name}”"
                )
            found[extra.name] = extra
    return found


def _field(name: str, line: int, node: Node, types: ResourceTypes) -> Field:
    kind_node = node.items().get("type")
    if kind_node is None:
        raise node.error(f"the key “type” is missing in the field “{name}”")
    kind = kind_node.name(types.field_types, "field type")
    field_type = types.field_types[kind]
    keys = node.mapping((*FIELD_KEYS, *field_type.options), ("type", "title"))

    def flag(key: str) -> bool:
        return keys[key].boolean() if key in keys else False

    one = Field(
        name=name,
        kind=kind,
        title=_(keys["title"].text("a title")),
        description=_(keys["description"].text()) if "description" in keys else "",
        required=flag("required"),
        translatable=flag("translatable"),
        many=flag("many"),
        search=_search(keys["search"], field_type) if "search" in keys else None,
        line=line,
    )
    if one.many and not field_type.can_be_many:
        raise keys["many"].error(f"a field of the type “{kind}” has one value")
    own = {key: keys[key] for key in field_type.options if key in keys}
    options = field_type.check(one, own, node, types)
    one = replace(one, options=options)
    if "default" in keys:
        one = replace(one, default=_default(one, keys["default"], types))
    return one


def _default(one: Field, node: Node, types: ResourceTypes) -> Any:
    value = node.data()
    field_type = types.field_types[one.kind]
    problem = field_type.problem(one, value, types)
    if problem:
        raise node.error(f"the default does not fit the field “{one.name}”: {problem}")
    return value


def _search(node: Node, field_type: Any) -> Search:
    keys = node.mapping(SEARCH_KEYS)
    facet: str | None = None
    if "facet" in keys:
        written = keys["facet"].data()
        if written is True:
            facet = "value"
        elif isinstance(written, str) and written in field_type.facets:
            facet = written
        elif written is not False:
            raise keys["facet"].error(
                f"a facet of “{field_type.name}” is true"
                + "".join(f" or {name}" for name in field_type.facets)
                + f", not “{written}”; "
                + meant(str(written), ("true", *field_type.facets))
            )
        if facet and not field_type.can_be_facet:
            raise keys["facet"].error(f"a field of the type “{field_type.name}” is no facet")
    return Search(
        weight=keys["weight"].integer(1) if "weight" in keys else 1,
        sort=keys["sort"].boolean() if "sort" in keys else False,
        facet=facet,
    )
