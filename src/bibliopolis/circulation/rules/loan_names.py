"""The rules of loans and renewals; `names` has them among all others."""

from __future__ import annotations

from bibliopolis.i18n import _

from .declaring import Group, RuleName, Whose, by_everything
from .values import Limit, Number

LOANS = (
    by_everything(
        "loan_days",
        Group.LOANS,
        _("Days on loan"),
        Number(1, 365),
        21,
        Whose.DESK,
        help=_("Lent for so many days, and until the library is open if it is closed then."),
    ),
    by_everything(
        "demand_holds",  # Koha: decreaseLoanHighHolds
        Group.LOANS,
        _("Readers must wait for a title that it is lent for a shorter time, so many"),
        Limit(blank=_("never")),
        None,
        Whose.DESK,
    ),
    by_everything(
        "demand_days",
        Group.LOANS,
        _("Days of a loan while so many wait"),
        Number(1, 365),
        7,
        Whose.DESK,
    ),
    by_everything(
        "renewals",
        Group.LOANS,
        _("Times a loan can be renewed"),
        Limit(),
        0,
        Whose.DESK,
    ),
    by_everything(
        "renewal_from_days",  # Koha: norenewalbefore
        Group.LOANS,
        _("Days before the due date from which a loan can be renewed"),
        Limit(blank=_("at any time")),
        None,
        Whose.DESK,
    ),
    by_everything(
        "renewal_overdue_days",
        Group.LOANS,
        _("Days after the due date until which a loan can be renewed"),
        Limit(),
        0,
        Whose.DESK,
        help=_("0: what is overdue is not renewed."),
    ),
    by_everything(
        "overdue_stops_renewals",  # Koha: OverduesBlockRenewing
        Group.LOANS,
        _("Days for which one loan is overdue that stop renewals of all others"),
        Limit(blank=_("never")),
        None,
        Whose.DESK,
    ),
    by_everything(
        "renewal_days_in_demand",  # FOLIO: alternate renewal loan period
        Group.LOANS,
        _("Days of a renewal while others wait for the title"),
        Number(0, 365),
        0,
        Whose.DESK,
        help=_("0: not renewed then, unless other copies are enough for all who wait."),
    ),
    by_everything(
        "longest_loan_days",  # Koha: hardduedate
        Group.LOANS,
        _("Days of a loan with all renewals, at most"),
        Limit(),
        None,
        Whose.DESK,
    ),
    RuleName(
        "lost_after_days",
        Group.LOANS,
        _("Days overdue after which a copy counts as lost"),
        Limit(blank=_("only by hand")),
        None,
        Whose.DESK,
    ),
    RuleName(
        "max_loans",
        Group.LOANS,
        _("Loans of a reader at most"),
        Limit(),
        None,
        Whose.READER,
        by_category=True,
    ),
    RuleName(
        "max_loans_here",  # RERO ILS: library_limit and library_exceptions
        Group.LOANS,
        _("Loans of a reader from one library at most"),
        Limit(),
        None,
        Whose.DESK,
        by_category=True,
    ),
    by_everything(
        "max_loans_of_type",
        Group.LOANS,
        _("Loans of this item type at most"),
        Limit(),
        None,
        Whose.DESK,
    ),
)
