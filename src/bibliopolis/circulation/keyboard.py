"""What a scanner types while the keyboard is set to Russian.

A scanner presses keys: with the layout ЙЦУКЕН the label ``LIB-17`` arrives as ``ДШИ-17``.
"""

from __future__ import annotations

_RUSSIAN = "йцукенгшщзхъфывапролджэячсмитьбюё"
_LATIN = "qwertyuiop[]asdfghjkl;'zxcvbnm,.`"
_KEYS = str.maketrans(_RUSSIAN + _RUSSIAN.upper(), _LATIN + _LATIN.upper())


def in_latin(typed: str) -> str:
    """Return what the same keys type in Latin letters; what has no Russian letter stays."""
    return typed.translate(_KEYS)
