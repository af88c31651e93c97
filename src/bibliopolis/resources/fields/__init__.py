"""The kinds of fields a declaration can name, each its form node, JSON, search and display.

A stored value is plain JSON and never None: a field without a value is absent. What a form or a
REST request sends is made into a stored value by one colander node, so that both are checked by
the same rules.
"""

from __future__ import annotations

from .base import Contribution, FieldType
from .choices import Choice, Tags
from .media import File, Image
from .numbers import Boolean, Integer
from .reference import Reference
from .texts import RichText, Text, Url
from .times import Date, DateTime

BUILT_IN = (
    Text(),
    RichText(),
    Integer(),
    Boolean(),
    Choice(),
    Date(),
    DateTime(),
    Image(),
    File(),
    Reference(),
    Url(),
    Tags(),
)

__all__ = ["BUILT_IN", "Contribution", "FieldType"]
