"""Holds, loans and transits: from a wish to the book in the hand."""

from __future__ import annotations

from pyramid.config import Configurator

VERBS = {
    "hold": (
        *("capture", "receive", "seek_another", "check_out"),
        *("cancel", "suspend", "thaw", "begin", "change_pickup"),
    ),
    "loan": ("check_in", "renew", "mark_lost", "claim", "settle"),
    "transit": ("check_in", "mark_lost"),
}
"""What Python relies on that a site's workflows name; the others may be left out."""


def includeme(config: Configurator) -> None:
    """Register services, what the workflows of circulation name, pages, and panels elsewhere."""
    from bibliopolis.catalogue.interfaces import IFollowsRecords, IItemsInUse
    from bibliopolis.i18n import _
    from bibliopolis.readers.interfaces import IOpenHolds, IReadingHistory

    from . import delivery_views, frame, guards, jobs, panels, resources, verbs, wishes
    from .in_use import TOPIC, ItemsInUse
    from .models import Hold, HoldState, Loan, LoanState, Transit, TransitState
    from .own_data import CirculationData
    from .rules import CirculationPolicy, load_site
    from .services import (
        BestHold,
        CirculationRules,
        CopySteps,
        Deliveries,
        Demands,
        DeskLists,
        FollowingHolds,
        HoldChanges,
        HoldDates,
        Holds,
        HoldSteps,
        LendableCopies,
        LendingTerms,
        Lists,
        LoanPeriods,
        Loans,
        Losses,
        NotReturned,
        OffLine,
        OpenHolds,
        OpeningCodes,
        OtherPlaces,
        Permits,
        PickupPlaces,
        Queues,
        Reach,
        ReadingHistory,
        Renewals,
        RuleKeeping,
        ShelfPeriods,
        Slips,
        Targeting,
        Titles,
        Transfers,
    )

    policy = load_site(config.registry["bibliopolis.settings"].site)
    config.register_service(policy, CirculationPolicy)
    looking = (
        Titles,
        PickupPlaces,
        CirculationRules,
        RuleKeeping,
        Reach,
        Demands,
        Lists,
        DeskLists,
    )
    deciding = (LendableCopies, Permits, BestHold, OpeningCodes, Slips)
    of_holds = (Targeting, HoldSteps, Holds, HoldChanges, Deliveries, HoldDates, Queues, Transfers)
    more_of_holds = (OtherPlaces,)
    of_loans = (LendingTerms, LoanPeriods, CopySteps, Loans, Losses, Renewals, OffLine)
    days = (ShelfPeriods, NotReturned)
    for service in (*looking, *deciding, *of_holds, *more_of_holds, *of_loans, *days):
        config.register_service_factory(service.from_request, service)
    config.register_service_factory(ItemsInUse.from_request, IItemsInUse)
    config.register_service_factory(FollowingHolds.from_request, IFollowsRecords)
    config.register_service_factory(ReadingHistory.from_request, ReadingHistory)
    config.register_service_factory(ReadingHistory.from_request, IReadingHistory)
    config.register_service_factory(OpenHolds.from_request, IOpenHolds)
    for name, bound in (("hold", Hold), ("loan", Loan), ("transit", Transit)):
        config.bind_type(name, bound)
    config.add_guards(guards)
    config.add_verbs("circulation", verbs)
    for name, states in (("hold", HoldState), ("loan", LoanState), ("transit", TransitState)):
        verbs_of = [f"circulation.{verb}" for verb in VERBS[name]]
        config.require_workflow(name, states=list(states), verbs=verbs_of)
    config.add_job(TOPIC, jobs.retarget, batch=100)
    config.add_job(jobs.GOING_ON, jobs.go_on_looking, batch=1)
    config.add_job(jobs.DATES, jobs.keep_dates, batch=20)
    config.add_upkeep("copies to look for", jobs.look_for_copies, every=jobs.LOOK, writes=True)
    config.add_upkeep("hold dates", jobs.look_for_dates, every=jobs.LOOK, writes=True)
    overdue = jobs.give_up_overdue
    config.add_upkeep("overdue loans", overdue, every=jobs.OVERDUE_LOOK, writes=True)
    config.add_personal_data("circulation", CirculationData, order=20)
    config.add_account_page("holds", resources.HoldsRoom)
    config.add_account_page("loans", resources.LoansRoom)
    config.add_mount("desk", resources.DeskRoom)
    config.add_request_method(panels.family, "family", reify=True)
    config.add_account_panel("holds", panels.my_holds, "circulation/my_holds.pt", order=20)
    config.add_account_panel("loans", panels.my_loans, "circulation/my_loans.pt", order=30)
    config.add_dashboard_panel("desk", panels.my_desk, "circulation/desk_panel.pt", order=5)
    config.add_reader_panel(
        "delivery", delivery_views.delivery_of_reader, "circulation/delivery_panel.pt", order=60
    )
    config.add_request_method(wishes.wishes, "hold_wishes", reify=True)
    config.add_copy_offer(wishes.offers)
    config.add_record_panel("hold", panels.hold_panel, order=10)
    config.add_frame_part("rail", frame.rail, order=20)
    config.add_frame_part("card", frame.card_today)
    config.include(".audited")
    config.include(".off_line_words")
    config.include(".notices")
    config.include(".emergency")
    config.include(".due_calendar")
    config.include(".refusals")
    config.include(".whatif")
    config.include(".waiting")
    config.add_organisation_tab("rules", _("Rules"))
    pages = ("own_views", "views", "change_views", "delivery_views", "desk_views", "lists_views")
    more = ("loan_views", "loan_desk_views", "history_views", "rules_views", "override_views")
    for module in (*pages, *more, "queue_views", "slip_views", "transfer_views"):
        config.scan(f".{module}")
