"""Holds, loans and transits: from a wish to the book in the hand."""

from __future__ import annotations

from pyramid.config import Configurator

VERBS = ("capture", "receive", "check_out", "cancel", "suspend", "thaw", "change_pickup")
"""What Python relies on that a site's workflow names; the others may be left out."""


def includeme(config: Configurator) -> None:
    """Register services, what ``workflows/hold.yaml`` names, pages, and panels elsewhere."""
    from bibliopolis.catalogue.interfaces import IFollowsRecords, IItemsInUse
    from bibliopolis.i18n import _
    from bibliopolis.libraries.settings import number_between
    from bibliopolis.readers.interfaces import IOpenHolds, IReadingHistory

    from . import frame, guards, jobs, panels, resources, verbs
    from .in_use import TOPIC, ItemsInUse
    from .models import Hold, HoldState
    from .own_data import CirculationData
    from .rules import CirculationPolicy, load_site
    from .services import (
        BestHold,
        CirculationRules,
        FollowingHolds,
        HoldChanges,
        HoldDates,
        Holds,
        HoldSteps,
        Lists,
        LoanPeriods,
        Loans,
        OpenHolds,
        Permits,
        PickupPlaces,
        Reach,
        ReadingHistory,
        RuleKeeping,
        ShelfPeriods,
        Targeting,
        Titles,
        periods,
    )

    policy = load_site(config.registry["bibliopolis.settings"].site)
    config.register_service(policy, CirculationPolicy)
    services = (
        Titles,
        PickupPlaces,
        CirculationRules,
        RuleKeeping,
        Permits,
        BestHold,
        Reach,
        Targeting,
        ShelfPeriods,
        HoldSteps,
        Holds,
        HoldChanges,
        HoldDates,
        LoanPeriods,
        Loans,
        Lists,
    )
    for service in services:
        config.register_service_factory(service.from_request, service)
    config.register_service_factory(ItemsInUse.from_request, IItemsInUse)
    config.register_service_factory(FollowingHolds.from_request, IFollowsRecords)
    config.register_service_factory(ReadingHistory.from_request, ReadingHistory)
    config.register_service_factory(ReadingHistory.from_request, IReadingHistory)
    config.register_service_factory(OpenHolds.from_request, IOpenHolds)
    config.add_library_setting(
        periods.SETTING,
        _("Days on loan"),
        number_between(1, 365),
        default=21,
        help=_("Lent for so many days, and until the library is open if it is closed then."),
    )
    config.bind_type("hold", Hold)
    config.add_guards(guards)
    config.add_verbs("circulation", verbs)
    config.require_workflow(
        "hold",
        states=list(HoldState),
        verbs=[f"circulation.{verb}" for verb in VERBS],
    )
    config.add_job(TOPIC, jobs.retarget, batch=20)
    config.add_job(jobs.DATES, jobs.keep_dates, batch=20)
    config.add_upkeep("copies to look for", jobs.look_for_copies, every=jobs.LOOK, writes=True)
    config.add_upkeep("hold dates", jobs.look_for_dates, every=jobs.LOOK, writes=True)
    config.add_personal_data("circulation", CirculationData, order=20)
    config.add_account_page("holds", resources.HoldsRoom)
    config.add_mount("desk", resources.DeskRoom)
    config.add_account_panel("holds", panels.my_holds, "circulation/my_holds.pt", order=20)
    config.add_account_panel("loans", panels.my_loans, "circulation/my_loans.pt", order=30)
    config.add_dashboard_panel("desk", panels.my_desk, "circulation/desk_panel.pt", order=5)
    config.add_record_panel("hold", panels.hold_panel, order=10)
    config.add_frame_part("rail", frame.rail, order=20)
    config.add_frame_part("card", frame.card_today)
    config.include(".audited")
    config.include(".notices")
    config.add_organisation_tab("rules", _("Rules"))
    rooms = (
        "views",
        "change_views",
        "desk_views",
        "lists_views",
        "history_views",
        "rules_views",
        "override_views",
    )
    for module in rooms:
        config.scan(f".{module}")
