"""The directives by which rooms and packages bring types, fields, blocks and vocabularies.

Each is a discriminator, an introspectable and a deferred action, so that two packages that take
one name stop the start, with both places named. Declarations are read after everything they may
name is registered: field types and vocabularies, then workflows, then types, then what types say
of each other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from zope.interface.verify import verifyObject

from bibliopolis.declarations import beside, files, meant, told_as
from bibliopolis.errors import ConfigurationError
from bibliopolis.workflow.directives import READ_WORKFLOWS

from .access import Permission, Role
from .fields import BUILT_IN
from .interfaces import IFieldType
from .loader import check_relations, load_type, load_vocabulary
from .types import ResourceTypes, Term, Vocabulary

READ_TYPES = READ_WORKFLOWS + 10
BIND_TYPES = READ_TYPES + 10


def _types(config: Any) -> ResourceTypes:
    return config.registry["bibliopolis.types"]


def _add_resource_type(config: Any, file: Path | str, factory: Any = None) -> None:
    """Read a type from a file; a relative path begins at the calling package."""
    path = beside(config, file)
    name = path.stem
    discriminator = ("bibliopolis resource type", name)
    introspectable = config.introspectable(
        "bibliopolis resource types", discriminator, name, "resource type"
    )
    introspectable["file"] = path

    def read() -> None:
        types = _types(config)
        types.add(load_type(path, types, config.registry["bibliopolis.workflows"]))

    def check() -> None:
        check_relations(_types(config)[name], _types(config))

    config.action(discriminator, read, order=READ_TYPES, introspectables=(introspectable,))
    config.action((*discriminator, "relations"), check, order=BIND_TYPES)
    if factory is not None:
        config.bind_type(name, factory)


def _bind_type(config: Any, name: str, factory: Any) -> None:
    """Bind a type to the class whose instances are its resources."""
    factory = config.maybe_dotted(factory)
    discriminator = ("bibliopolis bound type", name)
    introspectable = config.introspectable(
        "bibliopolis bound types", discriminator, name, "bound type"
    )
    introspectable["factory"] = factory
    who = config.package_name

    def bind() -> None:
        types = _types(config)
        if name not in types:
            known = meant(name, [one.name for one in types])
            raise ConfigurationError(
                f"content_types/{name}.yaml", None, f"the file is missing; {who} needs it; {known}"
            )
        types.bind(name, factory)

    config.action(discriminator, bind, order=BIND_TYPES, introspectables=(introspectable,))


def _add_field_type(config: Any, field_type: Any) -> None:
    """Let declarations name a field type; the object provides `IFieldType`."""
    field_type = config.maybe_dotted(field_type)
    verifyObject(IFieldType, field_type)
    _register(
        config, "field type", field_type.name, field_type, _types(config).field_types.__setitem__
    )


def _add_block_type(config: Any, block_type: Any) -> None:
    """Let bodies hold a type of block; the content room says what its ``name`` goes with."""
    block_type = config.maybe_dotted(block_type)
    _register(
        config, "block type", block_type.name, block_type, _types(config).block_types.__setitem__
    )


def _add_vocabulary(
    config: Any,
    source: Path | str | Vocabulary,
    terms: Iterable[Term] | Callable[[Callable[..., Any]], Iterable[Term]] | None = None,
    title: str = "",
) -> None:
    """Let choices name a vocabulary.

    ``source`` is a file, or the name of what ``terms`` gives: the terms themselves, or a function
    that takes ``find_service`` and returns them when they are needed.
    """
    if isinstance(source, Vocabulary):
        name, make = source.name, lambda: source
    elif terms is None:
        path = beside(config, source)
        name, make = path.stem, lambda: load_vocabulary(path)
    else:
        name = str(source)
        made = terms if callable(terms) else tuple(terms)
        vocabulary = Vocabulary(name, title or name, made)
        make = lambda: vocabulary  # noqa: E731 - one of three ways to the same
    keep = _types(config).vocabularies
    _register(config, "vocabulary", name, source, lambda name, _source: keep.update({name: make()}))


def _register(
    config: Any, what: str, name: str, thing: Any, store: Callable[[str, Any], None]
) -> None:
    discriminator = (f"bibliopolis {what}", name)
    introspectable = config.introspectable(
        f"bibliopolis {what}s".replace("ys", "ies"), discriminator, name, what
    )
    introspectable["thing"] = thing
    config.action(discriminator, store, (name, thing), introspectables=(introspectable,))


def register(config: Any) -> None:
    """Add the directives, the built-in field types, and the types of the site's own folder."""
    types = ResourceTypes()
    config.registry["bibliopolis.types"] = types
    config.registry["bibliopolis.names"].know(Permission, Role)
    config.register_service(types, ResourceTypes)
    config.add_directive("add_resource_type", _add_resource_type)
    config.add_directive("bind_type", _bind_type)
    config.add_directive("add_field_type", _add_field_type)
    config.add_directive("add_block_type", _add_block_type)
    config.add_directive("add_vocabulary", _add_vocabulary)
    for field_type in BUILT_IN:
        config.add_field_type(field_type)
    folder = config.registry["bibliopolis.settings"].site / "content_types"
    for file in files(folder / "vocabularies"):
        with told_as(config, file):
            config.add_vocabulary(file)
    for file in files(folder):
        with told_as(config, file):
            config.add_resource_type(file)
