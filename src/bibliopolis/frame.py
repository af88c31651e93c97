"""The frame of every page: sections, languages, who is here, what was just done.

The frame knows no room. Rooms fill it with ``config.add_frame_part(part, provider, order)``;
a provider is called with the request when the layout asks, once per page:

``NAVIGATION``    iterable of :class:`Link`: the sections in the masthead (all providers, in order)
``RAIL``          iterable of :class:`RailGroup`: the staff side's sections; a provider leaves out
                  what the person may not do
``FOOTER``        iterable of :class:`Column`
``ACCOUNT``       an :class:`Account` or None (the first that answers)
``LIBRARY``       a :class:`Link` with a note: "my library" in the top bar, or None
``PLACE``         a :class:`~bibliopolis.parts.Place`: the visitor's library today, or None
``CARD``          a :class:`~bibliopolis.parts.CardToday`: what waits for the reader, or None
``SCOPES``        iterable of (value, title): where the search box may search
``KEPT``          iterable of (name, value): filters the search box carries on to the next search
``FEEDS``         iterable of :class:`Link`: the feeds that this page offers
``CHIPS``         iterable of :class:`Link`: searches offered under the search box of the front page

A page needs only those its layout shows; the lean layout of problem pages asks for none.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Any

from pyramid.config import Configurator
from pyramid.request import Request

from bibliopolis.i18n import LANGUAGES

FLASH_KINDS = ("ok", "info", "warn", "bad")
LONGEST_MESSAGE = 500


class FramePart(StrEnum):
    """What rooms may fill."""

    NAVIGATION = "navigation"
    RAIL = "rail"
    FOOTER = "footer"
    ACCOUNT = "account"
    LIBRARY = "library"
    PLACE = "place"
    CARD = "card"
    SCOPES = "scopes"
    KEPT = "kept"
    CHIPS = "chips"
    FEEDS = "feeds"


@dataclass(frozen=True)
class Link:
    """A title that leads somewhere; ``count`` is what waits there, ``note`` says more.

    ``exact`` keeps a link to a room from being "here" on the pages below, which have links too.
    ``language`` is that of a title which no catalogue translates. One that opens in a ``new_tab``
    says so in its title. ``key`` is the access key that leads there from every page with the link:
    a digit, which every layout of a keyboard has.
    """

    title: Any
    url: str
    icon: str | None = None
    count: int | None = None
    note: Any = None
    exact: bool = False
    language: str | None = None
    new_tab: bool = False
    key: str | None = None


@dataclass(frozen=True)
class RailGroup:
    """Sections of the staff side under one heading."""

    title: Any
    links: tuple[Link, ...]


@dataclass(frozen=True)
class Column:
    """A column of the footer."""

    title: Any
    links: tuple[Link, ...]
    language: str | None = None


@dataclass(frozen=True)
class Account:
    """Who is here: a reader with a menu, or the way to sign in (then without ``sign_out``)."""

    title: Any
    url: str
    links: tuple[Link, ...] = ()
    sign_out: str | None = None


@dataclass(frozen=True)
class LanguageLink:
    """The same page in another language."""

    tag: str
    name: str
    direction: str
    url: str
    current: bool


@dataclass(frozen=True)
class Message:
    """What was just done, said once on the next page."""

    kind: str
    text: str


Provider = Callable[[Request], Any]


class Frame:
    """What the layout asks for; every part is computed when first used."""

    def __init__(self, request: Request) -> None:
        self.request = request

    @cached_property
    def direction(self) -> str:
        """Return the writing direction of the page."""
        return LANGUAGES[self.request.language].direction

    @cached_property
    def home(self) -> str:
        """Return the address of the front page in this language."""
        return f"{self.request.script_name}/{self.request.language}"

    def is_home(self, url: str | None) -> bool:
        """Say whether an address is that of the front page."""
        return url is not None and url.removeprefix(self.host_url).rstrip("/") == self.home

    @cached_property
    def path(self) -> str:
        """Return the path of this page, without a slash at its end."""
        return str(self.request.path).rstrip("/")

    @cached_property
    def host_url(self) -> str:
        """Return scheme and host, as addresses that leave the site begin."""
        return str(self.request.host_url)

    @cached_property
    def here(self) -> str:
        """Return the address of this page with its query, for forms that come back to it."""
        return self.request.path_qs

    @cached_property
    def search(self) -> str:
        """Return the address of the one search page."""
        return f"{self.home}/catalogue"

    @cached_property
    def view_settings(self) -> str:
        """Return the address the View and Language menus post to."""
        return f"{self.request.script_name}/view-settings"

    @cached_property
    def languages(self) -> tuple[LanguageLink, ...]:
        """Return this page in every language of the site, with what was asked of it."""
        return tuple(self._in_language(tag) for tag in self.request.settings.languages)

    def more_languages(self, live: Collection[str] | None = None) -> tuple[LanguageLink, ...]:
        """Return the way to those who speak what only pages are written in.

        It is this page, where ``live`` says that it is there in the language, else the page that
        greets them, if the site has one.
        """
        settings = self.request.settings
        start = f"{self.request.script_name}/"
        links = []
        for tag in settings.all_languages[len(settings.languages) :]:
            if tag in (live or ()):
                links.append(self._in_language(tag))
            elif settings.welcome_page:
                known = LANGUAGES[tag]
                url = f"{start}{tag}/{settings.welcome_page}"
                links.append(LanguageLink(tag, known.name, known.direction, url, False))
        return tuple(links)

    def _in_language(self, tag: str) -> LanguageLink:
        before, after = self._around_language
        return LanguageLink(
            tag,
            LANGUAGES[tag].name,
            LANGUAGES[tag].direction,
            f"{before}{tag}{after}",
            tag == self.request.page_language,
        )

    @cached_property
    def _around_language(self) -> tuple[str, str]:
        """Return what stands in this page's address before and after the language."""
        request = self.request
        query = f"?{request.query_string}" if request.query_string else ""
        path = in_language(request.path_info, "", request.settings.all_languages)
        return f"{request.script_name}/", path.removeprefix("/") + query

    @cached_property
    def language_name(self) -> str:
        """Return the name the page's language gives itself."""
        return LANGUAGES[self.request.language].name

    @cached_property
    def theme(self) -> str | None:
        """Return the colours the visitor chose: light, dark or None for the system's."""
        chosen = self.request.cookies.get("theme")
        return chosen if chosen in {"light", "dark"} else None

    @cached_property
    def view(self) -> frozenset[str]:
        """Return the views for low vision that are on: large, contrast, plain."""
        chosen = self.request.cookies.get("view", "").split(".")
        return frozenset(chosen) & {"large", "contrast", "plain"}

    @cached_property
    def navigation(self) -> tuple[Link, ...]:
        """Return the sections of the site."""
        return tuple(link for links in self._ask(FramePart.NAVIGATION) for link in links)

    @cached_property
    def rail(self) -> tuple[RailGroup, ...]:
        """Return the sections of the staff side; groups of one title become one."""
        groups: dict[str, RailGroup] = {}
        for provided in self._ask(FramePart.RAIL):
            for group in provided:
                key = str(group.title)
                links = groups[key].links if key in groups else ()
                groups[key] = RailGroup(group.title, links + group.links)
        return tuple(group for group in groups.values() if group.links)

    @cached_property
    def footer(self) -> tuple[Column, ...]:
        """Return the columns of the footer."""
        return tuple(column for columns in self._ask(FramePart.FOOTER) for column in columns)

    @cached_property
    def account(self) -> Account | None:
        """Return who is here."""
        return next(iter(self._ask(FramePart.ACCOUNT)), None)

    @cached_property
    def library(self) -> Link | None:
        """Return the reader's own library."""
        return next(iter(self._ask(FramePart.LIBRARY)), None)

    @cached_property
    def place(self) -> Any:
        """Return the visitor's library as it is today, for the front page."""
        return next(iter(self._ask(FramePart.PLACE)), None)

    @cached_property
    def card(self) -> Any:
        """Return what waits for the reader, for the front page."""
        return next(iter(self._ask(FramePart.CARD)), None)

    @cached_property
    def scopes(self) -> tuple[tuple[str, Any], ...]:
        """Return where the search box may search."""
        return tuple(scope for scopes in self._ask(FramePart.SCOPES) for scope in scopes)

    @cached_property
    def kept(self) -> tuple[tuple[str, str], ...]:
        """Return the filters that the search box carries on to the next search."""
        return tuple(pair for pairs in self._ask(FramePart.KEPT) for pair in pairs)

    @cached_property
    def chips(self) -> tuple[Link, ...]:
        """Return the searches that the front page offers."""
        return tuple(chip for chips in self._ask(FramePart.CHIPS) for chip in chips)

    @cached_property
    def feeds(self) -> tuple[Link, ...]:
        """Return the feeds of this page."""
        return tuple(feed for feeds in self._ask(FramePart.FEEDS) for feed in feeds)

    @cached_property
    def messages(self) -> tuple[Message, ...]:
        """Return what was just done and forget it; reading must not set a cookie."""
        session = self.request.session
        return tuple(
            Message(kind, text)
            for kind in FLASH_KINDS
            if session.peek_flash(kind)
            for text in session.pop_flash(kind)
        )

    def is_here(self, url: str, exact: bool = False) -> str | None:
        """Return what ``aria-current`` says about a link: "page", "true" above it, or None."""
        bare = url.split("?", 1)[0].split("#", 1)[0].removeprefix(self.host_url)
        bare = bare.rstrip("/")
        if self.path == bare:
            return None if "#" in url else "page"
        if exact or bare in {"", self.home, f"{self.home}/staff"}:
            return None
        return "true" if self.path.startswith(f"{bare}/") else None

    def _ask(self, part: FramePart) -> tuple[Any, ...]:
        providers = self.request.registry.get("bibliopolis.frame", {}).get(part, ())
        answers = (provider(self.request) for _order, provider in providers)
        return tuple(answer for answer in answers if answer is not None)


def in_language(path: str, tag: str, offered: tuple[str, ...]) -> str:
    """Return the path of the same page in another language."""
    first, _slash, rest = path.lstrip("/").partition("/")
    if first in offered and rest:
        return f"/{tag}/{rest}"
    return f"/{tag}"


def flash(request: Request, message: Any, kind: str = "ok") -> None:
    """Say on the next page what was just done; kinds: ok, info, warn, bad."""
    text = request.translate(message)
    if len(text) > LONGEST_MESSAGE:
        text = text[: LONGEST_MESSAGE - 1] + "…"
    request.session.flash(text, queue=kind)


def add_frame_part(
    config: Configurator, part: FramePart | str, provider: Provider, order: int = 50
) -> None:
    """Directive: let ``provider(request)`` fill a part of the frame."""
    part = FramePart(part)
    provider = config.maybe_dotted(provider)

    def register() -> None:
        parts = config.registry.setdefault("bibliopolis.frame", {})
        parts[part] = sorted([*parts.get(part, ()), (order, provider)], key=lambda item: item[0])

    name = f"{provider.__module__}.{provider.__qualname__}"
    shown = config.introspectable("frame parts", (part, name), f"{part}: {name}", "frame part")
    config.action(("frame part", part, name), register, introspectables=(shown,))


def includeme(config: Configurator) -> None:
    """Add the directive."""
    config.add_directive("add_frame_part", add_frame_part)
