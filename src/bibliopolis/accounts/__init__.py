"""Who signs in: people, the roles they hold somewhere, and the pages that are theirs."""

from __future__ import annotations

from pyramid.config import Configurator
from pyramid.events import ContextFound

from bibliopolis.accounts.passwords import Passwords


def includeme(config: Configurator) -> None:
    """Register services, directives, the mounts ``account`` and ``staff``, and the views."""
    from bibliopolis.accounts import events, frame, identity
    from bibliopolis.accounts.access_tokens import Tokens
    from bibliopolis.accounts.attempts import Attempts
    from bibliopolis.accounts.confirmations import Confirmations
    from bibliopolis.accounts.devices import Devices
    from bibliopolis.accounts.groups import Groups
    from bibliopolis.accounts.jobs import SIX_HOURS, forget_what_is_old, write_password_letters
    from bibliopolis.accounts.letters import AccountLetters
    from bibliopolis.accounts.recovery import TOPIC, AddressChange, NewPasswords
    from bibliopolis.accounts.roles import Roles
    from bibliopolis.accounts.second_factor import SecondFactors
    from bibliopolis.accounts.services import People
    from bibliopolis.accounts.sessions import Sessions
    from bibliopolis.accounts.sign_in import SignIn
    from bibliopolis.resources.interfaces import IPrincipals

    config.registry.setdefault("bibliopolis.passwords", Passwords())
    config.register_service_factory(People.from_request, IPrincipals)
    config.register_service_factory(Tokens.from_request, Tokens)
    config.add_request_method(identity.bearer, "bearer", reify=True)
    config.add_request_method(identity.visitor, "visitor", reify=True)
    config.add_request_method(identity.owes_second_factor, "owes_second_factor", reify=True)
    config.add_subscriber(identity.demand_good_token, ContextFound)
    config.set_principals_finder(identity.find_principals)
    config.include(".audit")
    config.include(".audit_words")
    config.include(".audit_trail")
    for service in (
        AccountLetters,
        AddressChange,
        Attempts,
        Confirmations,
        Devices,
        Groups,
        NewPasswords,
        People,
        Roles,
        SecondFactors,
        Sessions,
        SignIn,
    ):
        config.register_service_factory(service.from_request, service)
    config.add_job(TOPIC, write_password_letters, batch=20)
    config.add_upkeep("accounts", forget_what_is_old, every=SIX_HOURS, writes=True)
    config.include(".panels")
    config.include(".personal_data")
    config.include(".scopes")
    config.include(".resources")
    config.add_frame_part("account", frame.account)
    config.add_frame_part("rail", frame.rail, order=10)
    config.add_frame_part("rail", frame.administration_rail, order=90)
    config.add_dashboard_panel("trouble", frame.trouble_panel, "accounts/trouble.pt", order=5)
    for name, title in events.TITLES.items():
        config.add_audit_event(name, title)
    config.scan(".views")
    config.scan(".second_step_views")
    config.include(".second_factor_views")
    config.scan(".recovery_views")
    config.scan(".security_views")
    config.scan(".staff_views")
    config.scan(".people_views")
    config.scan(".group_views")
    config.scan(".role_views")
    config.scan(".audit_views")
    config.include(".programs")
    config.include(".workflow_views")
    config.scan(".workflow_views")
