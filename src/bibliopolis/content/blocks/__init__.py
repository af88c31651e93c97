"""The body of a page: a list of blocks, each ``{"id", "type", …}``, in the revision.

A room brings a block type with ``config.add_block_type(SomeType())``: a subclass of `BlockType`
with a template for readers and one for editors. Forms work without scripts: every change of the
list is a submit, and nothing typed is lost by it.
"""

from __future__ import annotations

from pyramid.config import Configurator

from .base import Block, BlockContext, BlockForm, BlockProblem, BlockType
from .picture import Picture
from .quote import Quote
from .resources import ResourceList
from .text import TextBlock

__all__ = [
    "Block",
    "BlockContext",
    "BlockForm",
    "BlockProblem",
    "BlockType",
    "includeme",
]

BUILT_IN = (TextBlock(), Picture(), Quote(), ResourceList())


def includeme(config: Configurator) -> None:
    """Register the house's own block types."""
    for block_type in BUILT_IN:
        config.add_block_type(block_type)
