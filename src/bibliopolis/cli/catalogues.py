"""Compiling message catalogues: a site is served from .mo files, which git does not keep."""

from __future__ import annotations

import os
from pathlib import Path


def compile_stale(locales: Path) -> list[Path]:
    """Compile each catalogue that is newer than its .mo file; return those compiled.

    A .mo file appears whole or not at all, since a site may be running beside.
    """
    compiled = []
    for source in sorted(locales.glob("*/LC_MESSAGES/*.po")):
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
            continue
        _compile(source, target)
        compiled.append(target)
    return compiled


def _compile(source: Path, target: Path) -> None:
    # Babel is slow to import and not needed when nothing is stale.
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    language = source.parent.parent.name
    with source.open("rb") as stream:
        catalogue = read_po(stream, locale=language, domain=source.stem)
    beside = target.with_suffix(f".{os.getpid()}.tmp")
    with beside.open("wb") as stream:
        write_mo(stream, catalogue)
    beside.replace(target)
