"""Atom feeds of lists of pages (``/ru/news/@@feed``) and of searches, in each language."""

from __future__ import annotations

from pyramid.config import Configurator


def includeme(config: Configurator) -> None:
    """Register the feeds, and offer them on the pages whose lists they carry."""
    from bibliopolis.frame import FramePart

    from .listings import offered
    from .searches import offered_search

    config.add_frame_part(FramePart.FEEDS, offered)
    config.add_frame_part(FramePart.FEEDS, offered_search)
    config.scan(".views")
