"""What needs a person of an authority that buys homes: searches that are due, services past review, and children who
live where no regulator looks without a record of who agreed it."""

from datetime import date

from django.db.models import Exists, OuterRef, Sum

from commissioning.kernel import wording
from contracts.models import CostLine, Oversight, Placement, Referral
from contracts.rules import codes

from .needs import Need


def needs_of_buying(user, today: date) -> list[Need]:
    """For who may act on them, the most pressing first."""
    if not user.authority_id:
        return []
    return [
        *(_searches(today) if user.may("change", "referrals") else ()),
        *(_unwatched(today) if user.may("change", "oversight") else ()),
        *(_services(today) if user.may("change", "cost-lines") else ()),
    ]


def _searches(today: date) -> list[Need]:
    due = Referral.objects.filter(outcome="", needed_by__lte=today).count()
    if not due:
        return []
    what = "1 home is needed by today" if due == 1 else f"{due} homes are needed by today"
    open_still = "The search is still open." if due == 1 else "The searches are still open."
    return [Need(what, open_still, "See the referrals", "/referrals/?needed=due")]


def _unwatched(today: date) -> list[Need]:
    recorded = Oversight.objects.on(today).filter(placement=OuterRef("pk"))
    open_now = Placement.objects.on(today).filter(registration__in=codes.UNWATCHED)
    missing = open_now.filter(~Exists(recorded)).count()
    if not missing:
        return []
    what = (
        "1 child lives in an unregistered or unregulated home with nothing recorded"
        if missing == 1
        else f"{missing} children live in unregistered or unregulated homes with nothing recorded"
    )
    return [
        Need(
            what,
            "Say who agreed it, what is checked and how it ends.",
            "See the list",
            "/placements/oversight/?recorded=no",
        )
    ]


def _services(today: date) -> list[Need]:
    past = CostLine.objects.on(today).filter(category="additional", review_on__lt=today)
    weekly, count = past.aggregate(total=Sum("weekly_amount"))["total"], past.count()
    if not count:
        return []
    what = "1 additional service is past review" if count == 1 else f"{count} additional services are past review"
    return [Need(what, f"{wording.pounds(weekly)} a week.", "Review them", "/placements/services/?review=past")]
