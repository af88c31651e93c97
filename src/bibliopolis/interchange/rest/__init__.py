"""JSON for programs, in the shapes of the Plone REST API: signing in, writing, workflow, search.

What a page answers to ``Accept: application/json`` is told by its own room. Here is what is called
by a name with ``@``, what changes things, and the document that describes it all.
"""

from __future__ import annotations

from pyramid.config import Configurator


def includeme(config: Configurator) -> None:
    """Register components, services and the document."""
    from bibliopolis.circulation.resources import HoldPage, LoanPage
    from bibliopolis.content.resources import NodeInLanguage

    from . import holds, loans, workflow

    config.add_json_component("workflow", workflow.page_workflow, NodeInLanguage)
    config.add_json_component("workflow", holds.hold_workflow, HoldPage)
    config.add_json_component("workflow", loans.loan_workflow, LoanPage)
    config.include(".components")
    config.include(".vocabularies")
    config.include(".described")
    config.include(".described_loans")
    config.include(".described_questions")
    config.scan()
