"""Every setting of the site: parsed once at the start, frozen, with its default and meaning.

``development.ini`` lists each with a comment; a project test keeps the two equal.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bibliopolis.errors import ConfigurationError
from bibliopolis.i18n import LANGUAGES, SPOKEN

PREFIX = "bibliopolis."

Network = IPv4Network | IPv6Network


def _path(text: str) -> Path:
    return Path(text).expanduser().resolve()


def _flag(text: str) -> bool:
    if text.lower() in {"true", "yes", "1", "on"}:
        return True
    if text.lower() in {"false", "no", "0", "off"}:
        return False
    raise ValueError("say true or false")


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.replace(",", " ").split())


def _networks(text: str) -> tuple[Network, ...]:
    return tuple(ip_network(word) for word in _words(text))


def _mail(text: str) -> str:
    address = urlsplit(text.strip())
    if text.strip() != "file" and (address.scheme != "smtp" or not address.hostname):
        raise ValueError("say file, or smtp:// with a host")
    address.port  # noqa: B018 (raises ValueError where it is none)
    return text.strip()


def _zone(text: str) -> str:
    try:
        return ZoneInfo(text.strip()).key
    except (OSError, ZoneInfoNotFoundError) as error:
        raise ValueError("there is no such time zone") from error


def _mailbox(text: str) -> str:
    text = text.strip()
    name, _at, domain = text.partition("@")
    if text and (not name or "." not in domain or "+" in name or " " in text or "@" in domain):
        raise ValueError("say an address without a plus sign, or nothing")
    return text


def _days(text: str) -> int:
    days = int(text)
    if not 1 <= days <= 36500:
        raise ValueError("say a number of days")
    return days


def _languages(text: str) -> tuple[str, ...]:
    tags = _words(text)
    unknown = [tag for tag in tags if tag not in SPOKEN]
    if unknown or not tags:
        raise ValueError(f"name languages among {', '.join(SPOKEN)}")
    return tags


def _page_languages(text: str) -> tuple[str, ...]:
    tags = _words(text)
    if any(tag not in LANGUAGES for tag in tags):
        raise ValueError(f"name languages among {', '.join(LANGUAGES)}")
    return tags


def _setting(doc: str, parse: Any, default: str) -> Any:
    return field(metadata={"doc": doc, "parse": parse, "default": default})


@dataclass(frozen=True)
class Settings:
    """The settings of one site; paths are absolute."""

    site: Path = _setting(
        "the folder that holds content_types, workflows, themes, locales and migrations",
        _path,
        ".",
    )
    data: Path = _setting(
        "where the site keeps its data: database, index, files, mail", _path, "var"
    )
    database: str = _setting("SQLAlchemy URL; empty means SQLite in the data folder", str.strip, "")
    url: str = _setting(
        "the public address, for links in mail; empty means localhost only", str.strip, ""
    )
    languages: tuple[str, ...] = _setting(
        "languages of the site, the first is the default", _languages, "ru en ar"
    )
    page_languages: tuple[str, ...] = _setting(
        "further languages that pages may be written in, inside the words of another language",
        _page_languages,
        "",
    )
    welcome_page: str = _setting(
        "the path of the page to greet those with who speak one of these; empty: the front page",
        lambda text: text.strip().strip("/"),
        "",
    )
    time_zone: str = _setting("the city's time zone", _zone, "Europe/Moscow")
    theme: str = _setting("the theme, a folder below themes/", str.strip, "default")
    secret: str = _setting(
        "signs cookies; empty means one made at the first start and kept in the data folder",
        str.strip,
        "",
    )
    secure_cookies: bool = _setting("send cookies by https only", _flag, "false")
    mail: str = _setting(
        "file (messages are written to data/mail) or smtp://[user:password@]host[:port]",
        _mail,
        "file",
    )
    mail_from: str = _setting(
        "the sender of mail", str.strip, "Bibliopolis <noreply@bibliopolis.example>"
    )
    mail_replies: str = _setting(
        "the address that takes replies to letters about questions, such as"
        " questions@library.example; its mail comes into data/mail-in; empty means that people"
        " reply on the site",
        _mailbox,
        "",
    )
    mail_days: int = _setting("days for which letters are kept after they were sent", _days, "365")
    packages: tuple[str, ...] = _setting(
        "Python packages that extend the site, included after its own rooms", _words, ""
    )
    upload_limit: int = _setting("the largest upload, in bytes", int, "20000000")
    library_networks: tuple[Network, ...] = _setting(
        "networks of the libraries' own computers, such as 192.0.2.0/24", _networks, ""
    )
    second_factor_for: tuple[str, ...] = _setting(
        "roles whose holders must sign in in two steps, such as administrator manager", _words, ""
    )
    network_days: int = _setting(
        "days for which the audit log keeps the (shortened) network address", _days, "30"
    )
    audit_days: int = _setting("days for which the audit log keeps an event", _days, "1095")
    import_folder: Path | None = _setting(
        "a folder with a folder for each library, by its code, whose files of records the worker"
        " brings in; empty means none",
        lambda text: _path(text) if text.strip() else None,
        "",
    )
    import_limit: int = _setting(
        "the largest file of records that staff may send, in bytes, unpacked", int, "90000000"
    )
    harvest_networks: tuple[Network, ...] = _setting(
        "networks that are not public and that harvests may lead into, such as 10.1.0.0/16",
        _networks,
        "",
    )
    harvest_netrc: Path | None = _setting(
        "a file with names and passwords for sources of harvests, as curl reads it; empty means"
        " none",
        lambda text: _path(text) if text.strip() else None,
        "",
    )
    quarantine_days: int = _setting(
        "days for which refused records of imports are kept", _days, "365"
    )
    sought_days: int = _setting("days for which searches in vain are counted", _days, "365")
    refusal_days: int = _setting("days for which counts of refusals are kept", _days, "1095")
    purchase_topic: str = _setting(
        "the topic of questions that suggestions to buy something belong to", str.strip, "purchase"
    )
    sip2_certificate: Path | None = _setting(
        "the certificate, with those above it (PEM), by which `bibliopolis sip2` speaks TLS with"
        " terminals; empty means without",
        lambda text: _path(text) if text.strip() else None,
        "",
    )
    sip2_key: Path | None = _setting(
        "the private key of that certificate; empty where the same file has it",
        lambda text: _path(text) if text.strip() else None,
        "",
    )
    debug: bool = _setting("reload templates when they change", _flag, "false")

    @property
    def default_language(self) -> str:
        """Return the language shown where none was asked for."""
        return self.languages[0]

    @property
    def all_languages(self) -> tuple[str, ...]:
        """Return every language that a page may be in, those of the site's own words first."""
        return tuple(dict.fromkeys((*self.languages, *self.page_languages)))

    @property
    def database_url(self) -> str:
        """Return the SQLAlchemy URL of the database."""
        return self.database or f"sqlite:///{self.data / 'bibliopolis.sqlite'}"


def with_environment(raw: Mapping[str, str], environ: Mapping[str, str]) -> dict[str, str]:
    """Return the settings of an .ini file with those that the environment gives instead.

    ``BIBLIOPOLIS_DATA`` overrides ``bibliopolis.data``, and so on for every setting: containers
    and ``make serve`` differ from an .ini file in two or three settings, not in all.
    """
    settings = dict(raw)
    for item in fields(Settings):
        given = environ.get(f"BIBLIOPOLIS_{item.name.upper()}")
        if given is not None:
            settings[PREFIX + item.name] = given
    return settings


def parse_settings(raw: Mapping[str, str], place: str = "settings") -> Settings:
    """Return the settings of an .ini file; unknown or unusable ones stop the start."""
    known = {item.name: item for item in fields(Settings)}
    for key in raw:
        if key.startswith(PREFIX) and key.removeprefix(PREFIX) not in known:
            raise ConfigurationError(place, None, f"{key} is no setting of Bibliopolis")
    values = {}
    for name, item in known.items():
        text = str(raw.get(PREFIX + name, item.metadata["default"]))
        try:
            values[name] = item.metadata["parse"](text)
        except ValueError as error:
            raise ConfigurationError(
                place, None, f"{PREFIX}{name} = {text!r} cannot be used: {error}"
            ) from error
    return Settings(**values)
