"""``robots.txt`` and the sitemaps: the same for everybody."""

from __future__ import annotations

from pyramid.request import Request
from pyramid.response import Response
from pyramid.security import NO_PERMISSION_REQUIRED
from pyramid.view import view_config

from bibliopolis.errors import NotFoundHere
from bibliopolis.i18n import _

from ..validators import to_be_kept
from .sources import SOURCES, pages, places

# Every choice of a facet is another address for what the sitemaps list anyhow.
SEARCHES = (
    *("q", "scope", "avail", "kind", "lang", "subj", "lib", "from", "to", "sort", "for", "in"),
    *("auth", "cls", "exact", "more", "near", "hours", "copies"),
)
NOT_FOR_ROBOTS = ("account", "staff", "desk", "home")


@view_config(route_name="robots", permission=NO_PERMISSION_REQUIRED, request_method="GET")
def show_robots(request: Request) -> Response:
    """Tell robots where there is nothing for them, and where everything is listed."""
    start, tags = request.script_name, request.settings.languages
    lines = [
        "User-agent: *",
        *(
            f"Disallow: {start}/{tag}/{name}{end}"
            for tag in tags
            for name in NOT_FOR_ROBOTS
            for end in ("$", "/")
        ),
        # Whatever else is asked of the catalogue: further pages, and what is yet to come.
        *(f"Disallow: {start}/{tag}/catalogue{end}?" for tag in tags for end in ("", "/*")),
        *(f"Disallow: {start}/*{mark}{name}=" for name in SEARCHES for mark in "?&"),
        f"Disallow: {start}/*/@",
        f"Allow: {start}/*@@feed",
        "",
        f"Sitemap: {request.route_url('sitemaps')}",
        "",
    ]
    return to_be_kept(Response("\n".join(lines), content_type="text/plain", charset="UTF-8"))


@view_config(route_name="sitemaps", permission=NO_PERMISSION_REQUIRED, request_method="GET")
def show_index(request: Request) -> Response:
    """Show the list of sitemaps."""
    # lxml takes four megabytes: it is loaded where somebody asks for XML.
    from .sitemaps import MEDIA_TYPE, write_index

    addresses = (
        request.route_url("sitemap", source=source, number=number)
        for source, number in pages(request)
    )
    return to_be_kept(Response(write_index(addresses), content_type=MEDIA_TYPE, charset="UTF-8"))


@view_config(route_name="sitemap", permission=NO_PERMISSION_REQUIRED, request_method="GET")
def show_sitemap(request: Request) -> Response:
    """Show one of the sitemaps."""
    from .sitemaps import MEDIA_TYPE, write

    asked = (request.matchdict["source"], int(request.matchdict["number"]))
    if asked[0] not in SOURCES or asked not in pages(request):
        raise NotFoundHere(_("There is no such sitemap."))
    body = write(request.application_url, places(request, *asked))
    return to_be_kept(Response(body, content_type=MEDIA_TYPE, charset="UTF-8"))
