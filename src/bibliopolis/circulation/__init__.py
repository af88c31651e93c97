"""Holds, loans and transits: from a wish to the book in the hand."""

from __future__ import annotations

from pyramid.config import Configurator


def includeme(config: Configurator) -> None:
    """Register services, what the workflows of circulation name, pages, and panels elsewhere."""
    from bibliopolis.catalogue.interfaces import IFollowsRecords, IItemsInUse
    from bibliopolis.readers.interfaces import IOpenHolds, IReadingHistory

    from . import frame, guards, panels, resources, verbs
    from .in_use import TOPIC, ItemsInUse
    from .jobs import EVERY_LOOK, give_up_overdue, retarget
    from .models import Hold, HoldState, Loan, LoanState, Transit, TransitState
    from .own_data import CirculationData
    from .services import (
        CopySteps,
        Demands,
        FollowingHolds,
        Holds,
        HoldSteps,
        LendingTerms,
        Lists,
        LoanPeriods,
        Loans,
        Losses,
        NotReturned,
        OpenHolds,
        PickupPlaces,
        ReadingHistory,
        Renewals,
        Targeting,
        Titles,
        terms,
    )

    looking = (Titles, PickupPlaces, Targeting, Demands, Lists, NotReturned)
    services = (*looking, LendingTerms, LoanPeriods, CopySteps, HoldSteps)
    for service in (*services, Holds, Loans, Losses, Renewals):
        config.register_service_factory(service.from_request, service)
    config.register_service_factory(ItemsInUse.from_request, IItemsInUse)
    config.register_service_factory(FollowingHolds.from_request, IFollowsRecords)
    config.register_service_factory(ReadingHistory.from_request, ReadingHistory)
    config.register_service_factory(ReadingHistory.from_request, IReadingHistory)
    config.register_service_factory(OpenHolds.from_request, IOpenHolds)
    terms.declare(config)
    for name, bound in (("hold", Hold), ("loan", Loan), ("transit", Transit)):
        config.bind_type(name, bound)
    config.add_guards(guards)
    config.add_verbs("circulation", verbs)
    skeletons = {
        "hold": (HoldState, ("capture", "receive", "seek_another", "check_out", "cancel")),
        "loan": (LoanState, ("check_in", "renew", "mark_lost", "claim", "settle")),
        "transit": (TransitState, ("check_in", "mark_lost")),
    }
    for name, (states, needed) in skeletons.items():
        named = [f"circulation.{verb}" for verb in needed]
        config.require_workflow(name, states=list(states), verbs=named)
    config.add_job(TOPIC, retarget, batch=20)
    config.add_upkeep("overdue loans", give_up_overdue, every=EVERY_LOOK, writes=True)
    config.add_personal_data("circulation", CirculationData, order=20)
    config.add_account_page("holds", resources.HoldsRoom)
    config.add_account_page("loans", resources.LoansRoom)
    config.add_mount("desk", resources.DeskRoom)
    config.add_account_panel("holds", panels.my_holds, "circulation/my_holds.pt", order=20)
    config.add_account_panel("loans", panels.my_loans, "circulation/my_loans.pt", order=30)
    config.add_dashboard_panel("desk", panels.my_desk, "circulation/desk_panel.pt", order=5)
    config.add_record_panel("hold", panels.hold_panel, order=10)
    config.add_frame_part("rail", frame.rail, order=20)
    config.add_frame_part("card", frame.card_today)
    of_loans = ("loan_views", "loan_desk_views", "history_views")
    for module in ("views", "desk_views", "lists_views", *of_loans):
        config.scan(f".{module}")
