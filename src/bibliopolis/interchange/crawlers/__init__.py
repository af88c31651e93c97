"""What search engines ask a site for: ``robots.txt`` and its sitemaps."""

from __future__ import annotations

from pyramid.config import Configurator


def includeme(config: Configurator) -> None:
    """Register the addresses."""
    config.add_route("robots", "/robots.txt")
    config.add_route("sitemaps", "/sitemap.xml")
    config.add_route("sitemap", "/sitemap-{source:[a-z]+}-{number:[0-9]{1,6}}.xml")
    config.scan(".views")
