"""Rows on which the routes of agreements, services, funding and outcomes are tried (tests/permissions.py)."""

from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from typing import Any

from commissioning.kernel.tenancy.viewer import Viewer, acting_as
from commissioning.partnership.actions.load_statements import load_statements
from contracts.actions.agreements import Sought, agree
from contracts.actions.children import find_child
from contracts.models import AgreementVersion, CostLine, Outcome, Placement
from tests.contracts.bought import BY, TODAY, child_of, spot_placement, weekly
from tests.permissions import Sample

AGREED, BARE = "SAMPLE-AGREED", "SAMPLE-BARE"
SOUGHT = Sought("I sleep at home every night", [1, 7], 2)


@contextmanager
def acting_for(authority: Any):
    with acting_as(Viewer.of_authority(authority.pk), by=BY) as now:
        yield now


def with_statements() -> None:
    with acting_as(Viewer.of_service("tests"), by=BY):
        load_statements()


def agreed(home: Placement, lines: list[CostLine], *, base: int = 0, **facts: Any) -> AgreementVersion:
    """A version through the action: the price is that of the lines unless it is given."""
    total = sum((line.weekly_amount for line in lines), Decimal(0))
    given = {
        "price_agreed": total, "agreed_on": home.starts_on, "starts_on": home.starts_on, "notice_days": 28,
        "sought": [] if base else [SOUGHT], "changes": "More is needed" if base else "",
    } | facts  # fmt: skip
    return agree(placement=home, base=base, lines=lines, by=BY, today=TODAY, **given)


def service(home: Placement, amount: str = "25.00", **facts: Any) -> CostLine:
    """An additional service of ten hours a week, reviewed on 1 March 2026."""
    given = {
        "unit": "hour", "quantity": Decimal(10), "category": "additional", "service": "staffing",
        "approved_by": "Head of service", "approved_on": home.starts_on, "ends_before": date(2026, 10, 1),
        "review_on": date(2026, 3, 1),
    } | facts  # fmt: skip
    return weekly(home, amount, **given)


def _home(cast: Any, reference: str) -> Placement:
    """Southwark's child with a price and an additional service, made once; with an agreement where it is AGREED."""
    with_statements()
    with acting_for(cast.authority):
        child = find_child(authority=cast.authority, reference=reference)
        if child is not None:
            return Placement.objects.get(child=child)
        home = spot_placement(child_of(cast.authority, reference))
        lines = [weekly(home, "4200.00"), service(home)]
        if reference == AGREED:
            agreed(home, lines, price_asked=Decimal(4700), negotiated_by="An officer", negotiation="Two homes compared")
        return home


def _agreed(cast):
    return {"uuid": _home(cast, AGREED).uuid}


def _bare(cast):
    return {"uuid": _home(cast, BARE).uuid}


def _numbered(cast):
    return _agreed(cast) | {"number": 1}


def _line(cast):
    home = _home(cast, AGREED)
    with acting_for(cast.authority):
        return {"uuid": home.uuid, "line": CostLine.objects.filter(placement=home).first().uuid}


def _outcome(cast):
    home = _home(cast, AGREED)
    with acting_for(cast.authority):
        return {"uuid": home.uuid, "outcome": Outcome.objects.get(placement=home).uuid}


SAMPLES = {
    "agreement-new": Sample(_bare, hidden_from="stranger"),
    **{
        name: Sample(arguments, hidden_from="stranger")
        for arguments, names in (
            (_agreed, ("agreement", "agreement-amend", "service-new", "line-new", "outcomes")),
            (_numbered, ("agreement-version", "agreement-pdf")),
            (_line, ("line-end", "funding")),
            (_outcome, ("outcome-review",)),
        )
        for name in names
    },
}
