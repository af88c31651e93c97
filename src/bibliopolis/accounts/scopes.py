"""Where a role may be held: each kind of scope offers its choices to the form of roles.

Accounts itself offers the languages; the rooms of libraries and content add theirs with
``config.add_scope_kind("library", title, choices)``, where ``choices(request)`` returns
``(value, title)`` pairs and the scope becomes ``library:<value>``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pyramid.config import Configurator
from pyramid.request import Request

from bibliopolis.i18n import _

Choices = Callable[[Request], Iterable[tuple[str, Any]]]


@dataclass(frozen=True)
class ScopeKind:
    """One kind of scope and what can be chosen of it."""

    name: str
    title: Any
    choices: Choices


@dataclass(frozen=True)
class ScopeField:
    """A kind of scope with its choices, as the form shows it."""

    name: str
    title: Any
    choices: tuple[tuple[str, Any], ...]


def scope_fields(request: Request) -> list[ScopeField]:
    """Return the kinds of scope the form of roles offers."""
    kinds: Mapping[str, ScopeKind] = request.registry["bibliopolis.scope_kinds"]
    fields = (ScopeField(k.name, k.title, tuple(k.choices(request))) for k in kinds.values())
    return [field for field in fields if field.choices]


def chosen_scope(request: Request) -> str:
    """Return the scope a submitted form of roles names."""
    names = request.registry["bibliopolis.scope_kinds"]
    values = ((name, request.POST.get(f"scope_{name}", "").strip()) for name in names)
    return "+".join(f"{name}:{value}" for name, value in values if value)


def scope_titles(request: Request) -> dict[str, Any]:
    """Return what people read instead of ``library:17`` (``request.scope_titles``)."""
    fields = scope_fields(request)
    return {f"{f.name}:{value}": title for f in fields for value, title in f.choices}


def _languages(request: Request) -> Iterable[tuple[str, str]]:
    return [(tag, request.formats.language_name(tag)) for tag in request.settings.all_languages]


def _add_scope_kind(config: Configurator, name: str, title: Any, choices: Choices) -> None:
    """Offer one more kind of scope where roles are granted."""
    discriminator = ("bibliopolis scope kind", name)
    kind = ScopeKind(name, title, config.maybe_dotted(choices))

    def register() -> None:
        config.registry["bibliopolis.scope_kinds"][name] = kind

    introspectable = config.introspectable(
        "bibliopolis scope kinds", discriminator, name, "scope kind"
    )
    config.action(discriminator, register, introspectables=(introspectable,))


def includeme(config: Configurator) -> None:
    """Add the directive, and offer the site's languages."""
    config.registry["bibliopolis.scope_kinds"] = {}
    config.add_directive("add_scope_kind", _add_scope_kind)
    config.add_request_method(scope_titles, "scope_titles", reify=True)
    config.add_scope_kind("lang", _("Language"), _languages)
