"""Atom feeds of lists of pages, one for each list and language: ``/ru/news/@@feed``."""

from __future__ import annotations

from pyramid.config import Configurator


def includeme(config: Configurator) -> None:
    """Register the feeds, and offer them on the pages whose lists they carry."""
    from bibliopolis.frame import FramePart

    from .listings import offered

    config.add_frame_part(FramePart.FEEDS, offered)
    config.scan(".views")
