"""Additional services that run, those past their review first, and what these come to a week."""

from datetime import date, timedelta
from decimal import Decimal

from django.db.models import Count, Exists, OuterRef, QuerySet, Sum

from ..models import CostLine, FundingSplit

SOON = timedelta(days=28)


def running_services(day: date) -> QuerySet:
    """Additional services in force on the day; the review that is longest past comes first."""
    rows = CostLine.objects.on(day).filter(category="additional", placement__starts_on__lte=day)
    return rows.order_by("review_on", "pk")


def past_review(day: date) -> tuple[int, Decimal]:
    """(how many running services are past review, pounds a week of them). A review is past from the day after it."""
    found = running_services(day).filter(review_on__lt=day).aggregate(n=Count("pk"), weekly=Sum("weekly_amount"))
    return found["n"], found["weekly"] or Decimal(0)


def by_review(rows: QuerySet, state: str, day: date) -> QuerySet:
    """ "past": review before the day; "soon": from the day to four weeks on; "later": after that, or never."""
    if state == "past":
        return rows.filter(review_on__lt=day)
    if state == "soon":
        return rows.filter(review_on__gte=day, review_on__lte=day + SOON)
    return rows.exclude(review_on__lte=day + SOON)


def paid_by(rows: QuerySet, funder: str) -> QuerySet:
    """Lines of which the funder pays a part; social care pays those with nothing recorded."""
    splits = FundingSplit.objects.filter(cost_line=OuterRef("pk"))
    part = Exists(splits.filter(funder=funder))
    return rows.filter(part | ~Exists(splits)) if funder == "social_care" else rows.filter(part)
