"""The root of every address: ``/<language>/<mounted room or path of the content tree>``.

Rooms mount a fixed name under the language root with ``config.add_mount``; what no room has
mounted is looked up in the content tree, through the one factory given to
``config.set_content_lookup``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pyramid.config import Configurator
from pyramid.request import Request

from bibliopolis.i18n import LANGUAGES, Language, frame_language
from bibliopolis.resources.access import Role, permission_map

MountFactory = Callable[[Any, Request], Any]
ContentLookup = Callable[["LanguageRoot", Request, str], Any]

PUBLIC = permission_map(view=[Role.EVERYONE])


class Site:
    """The root: its children are the languages of the site."""

    __name__ = ""
    __parent__ = None
    scopes: frozenset[str] = frozenset()
    owner_id = None

    def __init__(self, request: Request) -> None:
        self.request = request

    def __getitem__(self, name: str) -> LanguageRoot:
        """Return the root of a language, and make it the language of the request.

        In one that only pages are written in the site speaks the next one it knows.
        """
        settings = self.request.registry["bibliopolis.settings"]
        if name not in settings.all_languages:
            raise KeyError(name)
        self.request.language = frame_language(name, settings.languages)
        self.request.page_language = name
        return LanguageRoot(self, name, self.request)

    def allowed_roles(self, permission: str) -> frozenset[str]:
        """Let everyone see where the languages are."""
        return PUBLIC.get(permission, frozenset())


class LanguageRoot:
    """The portal in one language: mounted rooms first, then the content tree."""

    owner_id = None

    def __init__(self, parent: Site, name: str, request: Request) -> None:
        self.__parent__ = parent
        self.__name__ = name
        self.request = request
        self.language: Language = LANGUAGES[name]
        self.scopes = frozenset({f"lang:{name}"})

    def __getitem__(self, name: str) -> Any:
        """Return a mounted room or the node of the content tree with that slug."""
        mount = self.request.registry["bibliopolis.mounts"].get(name)
        if mount is not None:
            if self.__name__ != self.request.language:
                raise KeyError(name)  # rooms have no words of their own in this language
            return mount(self, self.request)
        if name.startswith("@"):
            raise KeyError(name)  # a service, as programs call them: no page has such a name
        lookup: ContentLookup | None = self.request.registry.get("bibliopolis.content_lookup")
        if lookup is None:
            raise KeyError(name)
        return lookup(self, self.request, name)

    def allowed_roles(self, permission: str) -> frozenset[str]:
        """Let everyone see the front page."""
        return PUBLIC.get(permission, frozenset())


class MountedRoom:
    """A convenient base for what a room mounts: a name, a parent and a permission map."""

    permissions: Any = PUBLIC
    owner_id: int | None = None

    def __init__(self, parent: Any, request: Request, name: str) -> None:
        self.__parent__ = parent
        self.__name__ = name
        self.request = request

    @property
    def scopes(self) -> frozenset[str]:
        """Return the scopes of the parent: a room adds none by itself."""
        return self.__parent__.scopes

    def allowed_roles(self, permission: str) -> frozenset[str]:
        """Return the roles the room's own map names."""
        return self.permissions.get(permission, frozenset())

    def __getitem__(self, name: str) -> Any:
        """Have no children unless a subclass says so."""
        raise KeyError(name)


def address_if_may(request: Request, resource: Any, permission: str) -> str | None:
    """Return the address of a resource for those who may do this there: others get no link."""
    return request.address(resource) if request.principals.may(permission, resource) else None


def address(
    request: Request, resource: Any, *elements: str, query: Any = None, absolute: bool = False
) -> str:
    """Return the address of a resource, ``/ru/catalogue/12``; of a language root, ``/ru/``.

    ``elements`` are further path segments, such as a view's name ``@@edit``.
    """
    options = {} if query is None else {"query": query}
    if elements or isinstance(resource, LanguageRoot | Site):
        url = request.resource_url(resource, *elements, **options)
    else:
        plain, question, rest = request.resource_url(resource, **options).partition("?")
        url = plain.rstrip("/") + question + rest
    return url if absolute else url.removeprefix(request.host_url)


def _add_mount(config: Configurator, name: str, factory: MountFactory) -> None:
    """Mount a room under every language root; two rooms cannot take one name."""
    discriminator = ("bibliopolis mount", name)
    factory = config.maybe_dotted(factory)

    def register() -> None:
        config.registry["bibliopolis.mounts"][name] = factory

    introspectable = config.introspectable("bibliopolis mounts", discriminator, name, "mount")
    introspectable["factory"] = factory
    config.action(discriminator, register, introspectables=(introspectable,))


def _set_content_lookup(config: Configurator, lookup: ContentLookup) -> None:
    """Say how the content tree is entered below a language root."""
    lookup = config.maybe_dotted(lookup)

    def register() -> None:
        config.registry["bibliopolis.content_lookup"] = lookup

    config.action("bibliopolis content lookup", register)


def includeme(config: Configurator) -> None:
    """Set the root factory and the directives ``add_mount`` and ``set_content_lookup``."""
    config.registry["bibliopolis.mounts"] = {}
    config.add_directive("add_mount", _add_mount)
    config.add_directive("set_content_lookup", _set_content_lookup)
    config.add_request_method(address, "address")
    config.set_root_factory(Site)
