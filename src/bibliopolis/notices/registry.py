"""What rooms have declared: channels, kinds, and the things notices are about."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from pyramid.config import Configurator

from bibliopolis.declarations import meant
from bibliopolis.errors import ConfigurationError

from .policy import NoticePolicy

REGISTRY = "bibliopolis.notices"


@dataclass(frozen=True)
class DeclaredKind:
    """A kind of notice, as its room names it; ``about`` is the type of its things."""

    name: str
    title: Any
    about: str
    order: int


@dataclass
class Declared:
    """All that is declared; filled while the site starts."""

    channels: dict[str, Any] = field(default_factory=dict)
    kinds: dict[str, DeclaredKind] = field(default_factory=dict)
    sources: dict[str, Callable[[Any], Any]] = field(default_factory=dict)


def _add_notice_channel(config: Configurator, channel: Any) -> None:
    """Add a way by which notices leave: an ``INoticeChannel``; the last of a name counts."""
    declared: Declared = config.registry[REGISTRY]
    declared.channels[channel.name] = channel


def _add_notice_kind(
    config: Configurator, name: str, title: Any, about: str, order: int = 50
) -> None:
    """Declare a kind of notice about things of a type; policies/notices.yaml says when and how."""
    discriminator = ("bibliopolis notice kind", name)

    def register() -> None:
        config.registry[REGISTRY].kinds[name] = DeclaredKind(name, title, about, order)

    introspectable = config.introspectable(
        "bibliopolis notice kinds", discriminator, name, "notice kind"
    )
    config.action(discriminator, register, introspectables=(introspectable,))


def _add_notice_source(config: Configurator, about: str, factory: Callable[[Any], Any]) -> None:
    """Say who knows the things of a type; ``factory(request)`` returns an ``INoticeSource``."""
    discriminator = ("bibliopolis notice source", about)
    factory = config.maybe_dotted(factory)

    def register() -> None:
        config.registry[REGISTRY].sources[about] = factory

    introspectable = config.introspectable(
        "bibliopolis notice sources", discriminator, about, "notice source"
    )
    config.action(discriminator, register, introspectables=(introspectable,))


def check(declared: Declared, policy: NoticePolicy) -> None:
    """Stop the start where the policy and what rooms declare do not fit."""
    for name in policy.kinds:
        if name not in declared.kinds:
            said = f"unknown kind of notice “{name}”; {meant(name, declared.kinds)}"
            raise ConfigurationError(policy.file, policy.lines[name], said)
    for name in policy.channels:
        if name not in declared.channels:
            said = f"unknown channel “{name}”; {meant(name, declared.channels)}"
            raise ConfigurationError(policy.file, None, said)
    missing = [name for name in declared.kinds if name not in policy.kinds]
    if missing:
        said = f"nothing is said of the kind “{missing[0]}”"
        raise ConfigurationError(policy.file, None, said)


def includeme(config: Configurator) -> None:
    """Add the directives ``add_notice_channel``, ``add_notice_kind`` and ``add_notice_source``."""
    config.registry[REGISTRY] = Declared()
    config.add_directive("add_notice_channel", _add_notice_channel)
    config.add_directive("add_notice_kind", _add_notice_kind)
    config.add_directive("add_notice_source", _add_notice_source)
