"""Pages, news, events and collections: the tree, translations, revisions, editing."""

from __future__ import annotations

from pyramid.config import Configurator


def includeme(config: Configurator) -> None:
    """Register the tree under the language roots, the services, the blocks and the guards."""
    from pyramid.events import ContextFound

    from bibliopolis.frame import FramePart
    from bibliopolis.i18n import _
    from bibliopolis.resources.interfaces import IMediaStore

    from . import frame, guards, indexing, overview
    from .inventory import Inventory
    from .letters import Letters
    from .listings import Listings
    from .media import MediaStore
    from .resources import HOME, guard_context, home, lookup
    from .services import Editing
    from .tree import RESOURCE, Tree

    config.add_guards(guards)
    config.require_workflow("editorial", states=("draft", "in_review", "published"))
    config.set_content_lookup(lookup)
    config.add_mount(HOME, home)
    config.add_subscriber(guard_context, ContextFound)
    for service in (Tree, Editing, Letters, Listings, Inventory):
        config.register_service_factory(service.from_request, service)
    config.register_service_factory(MediaStore.from_request, IMediaStore)
    config.include(".cards")
    config.include(".blocks")
    config.include(".front")
    config.add_indexer(RESOURCE, indexing.documents, indexing.all_ids)
    config.add_result_presenter(RESOURCE, indexing.rows)
    config.add_resource_card(RESOURCE, indexing.cards)
    config.add_route("media", "/media/{uid}")
    config.add_route("media_scale", "/media/{uid}/{scale}")
    config.add_frame_part(FramePart.NAVIGATION, frame.navigation, order=20)
    config.add_frame_part(FramePart.RAIL, frame.rail, order=20)
    config.add_frame_part(FramePart.FOOTER, frame.footer, order=20)
    config.add_dashboard_panel("review", frame.review_panel, "content/panels/review.pt", order=10)
    config.add_dashboard_panel("drafts", frame.drafts_panel, "content/panels/drafts.pt", order=20)
    config.add_dashboard_panel("begin", overview.begin_panel, "content/panels/begin.pt", order=15)
    config.add_dashboard_panel(
        "recent", overview.recent_panel, "content/panels/recent.pt", order=30
    )
    config.add_scope_kind("node", _("Section"), frame.node_choices)
    config.scan(".views")
