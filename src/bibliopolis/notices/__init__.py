"""Telling readers what happens to what is theirs: by which ways, when, and a log of it.

This room knows readers and the ways to reach them; rooms above bring the kinds of notices and the
things they are about.
"""

from __future__ import annotations

from pyramid.config import Configurator


def includeme(config: Configurator) -> None:
    """Register services, directives, pages, and what the worker does."""
    from . import panels, resources
    from .channels import default_channels
    from .jobs import (
        DAILY,
        LOOK_EVERY,
        OLD,
        TIDY_EVERY,
        forget_old,
        forget_things,
        look,
        look_for_old,
        send,
        send_codes,
    )
    from .own_data import NoticeData
    from .policy import NoticePolicy, load_policy
    from .registry import REGISTRY, check
    from .services import Addresses, NoticeLog, Notices, Preferences, Recipients, Sending
    from .services.addresses import CODES
    from .services.sending import TOPIC

    settings = config.registry["bibliopolis.settings"]
    policy = load_policy(settings.site)
    config.register_service(policy, NoticePolicy)
    for service in (Recipients, Notices, Sending, Preferences, Addresses, NoticeLog):
        config.register_service_factory(service.from_request, service)
    config.include(".registry")
    for channel in default_channels(settings.data):
        config.add_notice_channel(channel)
    # When all rooms have declared their kinds.
    declared = config.registry[REGISTRY]
    config.action("bibliopolis notice policy", lambda: check(declared, policy), order=1000)
    config.add_job(TOPIC, send, batch=1)
    config.add_job(CODES, send_codes, batch=1)
    config.add_job(OLD, forget_old, batch=1)
    config.add_upkeep("notices", look, every=LOOK_EVERY, writes=True)
    config.add_upkeep("things of notices", forget_things, every=TIDY_EVERY, writes=True)
    config.add_upkeep("old notices", look_for_old, every=DAILY, writes=True)
    config.add_personal_data("notices", NoticeData, order=15)
    config.add_account_page(resources.NAME, resources.NoticesRoom)
    config.add_account_panel("notices", panels.my_notices, "notices/my_notices.pt", order=60)
    config.add_reader_panel("notices", panels.notices_at_the_desk, "notices/desk_panel.pt")
    for module in ("account_views", "address_views", "staff_views"):
        config.scan(f".{module}")
