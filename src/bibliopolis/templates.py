"""Chameleon behind Pyramid: templates found along a theme's path, spoken in the visitor's language.

Chameleon's own loader looks beside the including file first and keeps one cache for every
template, so a layout would be compiled once for each page that uses it. Here every name starts
at the templates root of the theme, and each theme has one cache.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from enum import Enum
from functools import partial
from pathlib import Path
from threading import RLock
from typing import Any

from chameleon.loader import MemoryLoader, ModuleLoader
from chameleon.zpt.template import BOOLEAN_HTML_ATTRIBUTES, PageTemplateFile
from pyramid.csrf import get_csrf_token
from pyramid.i18n import make_localizer
from pyramid.interfaces import ITranslationDirectories
from pyramid.request import Request
from translationstring import TranslationString

from bibliopolis.formats import Formats
from bibliopolis.i18n import DOMAIN, Plural
from bibliopolis.parts import form_problems
from bibliopolis.widgets import control, is_group

BOOLEAN_ATTRIBUTES = frozenset(BOOLEAN_HTML_ATTRIBUTES) | {
    "autofocus",
    "formnovalidate",
    "hidden",
    "novalidate",
    "open",
    "required",
    "reversed",
}


# Python 3.11 fails when two threads turn texts into syntax trees at the same time.
_COOKING = RLock()


class TemplateNotFound(LookupError):
    """No theme on the path has a template of this name."""


class Names(dict[str, Any]):
    """The names a template sees, looked up at the speed of a dictionary.

    Chameleon's own scope is written in Python for the sake of global definitions, which no
    template of ours has; a page looks up a thousand names.
    """

    __slots__ = ()

    get_name = dict.__getitem__

    def copy(self) -> Names:
        """Return the names as an included template sees them."""
        return Names(self)


class ThemeTemplate(PageTemplateFile):
    """A page template whose ``load:`` asks the theme instead of the folder it lies in."""

    prepend_relative_search_path = False

    def __init__(
        self, filename: Path, resolve: Callable[[str], ThemeTemplate], **config: Any
    ) -> None:
        self._resolve = resolve
        super().__init__(str(filename), **config)

    def cook_check(self) -> bool:
        """Compile where that is due, one template after another."""
        if self._cooked and not self.auto_reload:
            return False
        with _COOKING:
            return super().cook_check()

    def cook(self, body: str) -> None:
        """Compile, and let what was compiled look names up quickly."""
        super().cook(body)
        draw = self.__dict__["_render"]

        def draw_quickly(
            stream: list[str], names: dict[str, Any], *others: Any, **more: Any
        ) -> None:
            draw(stream, names if type(names) is Names else Names(names), *others, **more)

        self._render = draw_quickly

    def _builtins(self) -> dict[str, Any]:
        return {**super()._builtins(), "__loader": self._resolve}


class TemplateCache:
    """The templates of one theme: each name is resolved and compiled once.

    ``folders`` are the templates folders of the theme and of those it extends, nearest first.
    Compiled templates are kept in ``compiled`` between starts of the site.
    """

    def __init__(
        self, folders: tuple[Path, ...], compiled: Path | None = None, reload: bool = False
    ) -> None:
        self.folders = folders
        self.reload = reload
        self._templates: dict[str, ThemeTemplate] = {}
        self._lock = RLock()
        if compiled is None:
            self._modules: MemoryLoader | ModuleLoader = MemoryLoader()
        else:
            compiled.mkdir(parents=True, exist_ok=True)
            self._modules = ModuleLoader(str(compiled))

    def get(self, name: str) -> ThemeTemplate:
        """Return the template of this name, written from the templates root."""
        name = name.strip()
        template = self._templates.get(name)
        if template is None:
            with self._lock:
                template = self._templates.get(name)
                if template is None:
                    template = self._templates[name] = self._read(name)
        return template

    def _read(self, name: str) -> ThemeTemplate:
        for folder in self.folders:
            path = folder / name
            if path.is_file():
                return ThemeTemplate(
                    path,
                    self.get,
                    loader=self._modules,
                    auto_reload=self.reload,
                    boolean_attributes=BOOLEAN_ATTRIBUTES,
                )
        places = ", ".join(str(folder) for folder in self.folders)
        raise TemplateNotFound(f"no template {name} in {places}")


class Translate:
    """Turn messages, plurals and the literal texts of templates into a request's language."""

    def __init__(self, localizer: Any, formats: Formats) -> None:
        self.localizer = localizer
        self.formats = formats

    def __call__(
        self,
        msgid: Any,
        domain: str | None = None,
        mapping: Mapping[str, Any] | None = None,
        context: str | None = None,
        target_language: str | None = None,
        default: str | None = None,
    ) -> Any:
        """Return the text of a message; Chameleon calls this for all that is no plain string."""
        if msgid is None:
            return default
        if isinstance(msgid, Plural):
            return self._plural(msgid)
        if isinstance(msgid, TranslationString):
            return self._message(msgid)
        if isinstance(msgid, Enum):
            return str(msgid.value)
        if type(msgid) is not str:
            return str(msgid)
        if mapping or context:
            literal = TranslationString(
                msgid,
                domain=domain or DOMAIN,
                default=default,
                mapping=dict(mapping or {}),
                context=context,
            )
            return self.localizer.translate(literal)
        # Nearly all texts of templates are such: a page has fifty.
        said = self.localizer.translations.dgettext(domain or DOMAIN, msgid)
        return default if said == msgid and default is not None else said

    def _message(self, message: TranslationString) -> str:
        if not message.mapping:
            return self.localizer.translate(message)
        mapping = {name: self._value(value) for name, value in message.mapping.items()}
        bare = TranslationString(
            str(message),
            domain=message.domain,
            default=message.default,
            context=message.context,
            mapping=mapping,
        )
        return self.localizer.translate(bare)

    def _plural(self, message: Plural) -> str:
        mapping = {name: self._value(value) for name, value in (message.mapping or {}).items()}
        mapping["n"] = self.formats.number(message.n)
        return self.localizer.pluralize(
            message.singular, message.plural, message.n, domain=DOMAIN, mapping=mapping
        )

    def _value(self, value: Any) -> Any:
        if isinstance(value, datetime):
            return self.formats.datetime(value)
        return self(value) if isinstance(value, TranslationString | Plural) else value


def translator(request: Request) -> Translate:
    """Return the translate function of a request (``request.translate``)."""
    return Translate(request.localizer, request.formats)


def speaker(request: Any) -> Callable[[Any, str], str]:
    """Return ``speak(message, language)`` for any language of the site, as letters need it."""
    directories = request.registry.queryUtility(ITranslationDirectories, default=[])

    def speak(message: Any, language: str) -> str:
        formats = Formats(language, request.clock.zone)
        return Translate(make_localizer(language, directories), formats)(message)

    return speak


class PageRenderer:
    """What Pyramid calls for ``renderer="room/page.pt"``."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __call__(self, value: Mapping[str, Any] | None, system: dict[str, Any]) -> str:
        """Return the page in the theme and the language of the request."""
        request = system["request"]
        given = value or {}
        taken = given.keys() & request.template_globals.keys()
        if taken:
            raise TypeError(f"{self.name}: the theme has these names itself: {sorted(taken)}")
        values = {**system, **request.template_globals, **given}
        return request.theme.templates.get(self.name).render(**values)


def page_renderer_factory(info: Any) -> PageRenderer:
    """Make the renderer of one template name; the theme is chosen when it is called."""
    return PageRenderer(info.name)


class FormRenderer:
    """What deform calls for each widget: templates in ``deform/`` on the theme's path.

    The compiled templates belong to the theme; this only binds them to a request.
    """

    def __init__(self, request: Request) -> None:
        self.request = request
        self.translate = request.translate
        self.names = {
            **request.template_globals,
            "request": request,
            "get_csrf_token": partial(get_csrf_token, request),
            "control": control,
            "is_group": is_group,
            "form_problems": form_problems,
        }

    def __call__(self, template_name: str, **values: Any) -> str:
        """Return the HTML of a widget."""
        name = template_name if template_name.endswith(".pt") else f"{template_name}.pt"
        return self.request.theme.templates.get(f"deform/{name}").render(**{**self.names, **values})


def form_renderer(request: Request) -> FormRenderer:
    """Return the renderer to pass to a deform form: ``Form(schema, renderer=…)``."""
    return FormRenderer(request)
