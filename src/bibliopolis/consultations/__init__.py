"""Questions to the libraries: asked in a form, worked on in a queue, answered in a thread."""

from __future__ import annotations

from pyramid.config import Configurator

from bibliopolis.i18n import _


def includeme(config: Configurator) -> None:
    """Register services, what ``workflows/enquiry.yaml`` names, pages, and panels elsewhere."""
    from . import frame, guards, panels, resources, verbs
    from .jobs import EVERY_LOOK, HOURLY, forget_what_is_old, read_letters
    from .models import Enquiry, EnquiryState
    from .own_data import ConsultationData
    from .services import (
        Attachments,
        Deadlines,
        Enquiries,
        EnquiryLetters,
        EnquiryLists,
        EnquirySteps,
        IncomingLetters,
        Keeping,
        Quotas,
        Tickets,
        TopicEditing,
        Topics,
    )

    for service in (
        Topics,
        TopicEditing,
        Quotas,
        Deadlines,
        Tickets,
        Attachments,
        EnquirySteps,
        EnquiryLetters,
        EnquiryLists,
        Enquiries,
        Keeping,
        IncomingLetters,
    ):
        config.register_service_factory(service.from_request, service)
    config.bind_type("enquiry", Enquiry)
    config.include(".audited")
    config.add_guards(guards)
    config.add_verbs("consultations", verbs)
    config.require_workflow(
        "enquiry",
        states=list(EnquiryState),
        verbs=[
            f"consultations.{verb}"
            for verb in ("accept", "answer", "ask_back", "reply", "refuse", "close")
        ],
    )
    config.add_upkeep("consultations", forget_what_is_old, every=HOURLY, writes=True)
    config.add_personal_data("questions", ConsultationData, order=20)
    config.add_upkeep("letters about questions", read_letters, every=EVERY_LOOK, writes=True)
    config.add_mount("ask", resources.AskRoom)
    config.add_account_page("enquiries", resources.MyEnquiries)
    config.add_staff_page("enquiries", resources.QueueRoom)
    config.add_staff_page("stray-letters", resources.StrayLetters)
    config.add_staff_page("topics", resources.TopicsRoom)
    config.add_scope_kind("topic", _("Topic of questions"), frame.scope_choices)
    config.add_account_panel(
        "questions", panels.my_enquiries, "consultations/my_enquiries_panel.pt", order=40
    )
    config.add_dashboard_panel("questions", panels.my_queue, "consultations/queue_panel.pt", 6)
    config.add_frame_part("navigation", frame.navigation, order=50)
    config.add_frame_part("rail", frame.rail, order=30)
    config.add_way_out(frame.ways_out)
    for module in (
        "views",
        "account_views",
        "staff_views",
        "staff_json",
        "stray_views",
        "topic_views",
        "file_views",
    ):
        config.scan(f".{module}")
