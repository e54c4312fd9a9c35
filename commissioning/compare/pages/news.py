"""What changed and what costs most, on the first page: one line each, with where to read more.

For those whose work is with money: who looks for homes, or judges them, is not kept from it by prices.
"""

from datetime import date
from decimal import Decimal

from django.db.models import Count, Q
from django.urls import reverse

from commissioning.kernel import wording
from commissioning.partnership.models import Invitation
from contracts.models import Offer
from quality.models import EventNotice

from ..measures.benchmark import Row, benchmark, newest_release
from ..measures.own import own_prices
from ..models import Release
from .buying_now import buying_now
from .needs import Line

WITH_MONEY = ("commissioning_officer", "finance_officer", "analyst", "steering_member", "auditor")
DEAREST_SHOWN = 3


def news(user, today: date) -> list[Line]:
    """About twenty queries for those whose work is with money, one for those who look for homes or offer them."""
    if user.provider_id:
        return [*_asked(today), *_notified()]
    if user.may("create", "people"):
        return _invited(user)
    if not user.authority_id:
        return []
    if user.role not in WITH_MONEY:
        return buying_now(user, today)
    release = newest_release()
    return [*_published(release, today), *_dearest(release, today), *buying_now(user, today)]


def _published(release: Release | None, today: date) -> list[Line]:
    if release is None or release.published_at is None:
        return []
    on = release.published_at.date()
    if (on.year, on.month) != (today.year, today.month):
        return []
    says = f"{release}, twelve months to {wording.day(release.as_at)}, was published on {wording.day(on)}."
    return [Line(says, "See the benchmarks", reverse("benchmarks"))]


def _dearest(release: Release | None, today: date) -> list[Line]:
    """Where we lie furthest above the partnership: pounds a week above its median, times homes."""
    if release is None:
        return []
    rows = benchmark("weekly_price", "market_age_level", release, own_prices(today)).rows
    dear = sorted((row for row in rows if (row.difference or 0) > 0), key=above, reverse=True)[:DEAREST_SHOWN]
    if not dear:
        return []
    parts = "; ".join(
        f"{row.label}, {wording.pounds(row.difference or 0, whole=True)} a week over {row.own.n if row.own else 0} "
        f"{'home' if row.own and row.own.n == 1 else 'homes'}"
        for row in dear
    )
    address = f"{reverse('benchmarks-measure', args=['weekly_price'])}?cut=market_age_level"
    return [Line(f"Dearest above the partnership’s median ({release}): {parts}.", "Compare", address)]


def above(row: Row) -> Decimal:
    """Pounds a week over all our homes of the cell."""
    return (row.difference or Decimal(0)) * (row.own.n if row.own else 0)


def _asked(today: date) -> list[Line]:
    """Of a provider's contact: homes still needed, for which it was asked and nothing is recorded as its answer."""
    waiting = Offer.objects.filter(answer="", needed_by__gte=today).count()
    if not waiting:
        return []
    says = "1 search has" if waiting == 1 else f"{waiting} searches have"
    return [Line(f"{says} no answer of yours recorded.", "See the searches", "/referrals/")]


def _notified() -> list[Line]:
    """Of a provider's contact that has notified any: what nobody has acknowledged yet."""
    told = EventNotice.objects.aggregate(all=Count("pk"), unread=Count("pk", filter=Q(acknowledged_at=None)))
    if not told["all"]:
        return []
    unread = told["unread"]
    says = "Every notice of an event has been acknowledged."
    if unread:
        says = "1 notice of an event has" if unread == 1 else f"{unread:,} notices of events have"
        says += " not been acknowledged by the authority that was told."
    return [Line(says, "Notify an event, or see them", reverse("events"))]


def _invited(user) -> list[Line]:
    """Of an administrator: who was invited and has not come yet."""
    waiting = Invitation.objects.filter(accepted_at=None, withdrawn_at=None)
    if user.authority_id:
        waiting = waiting.filter(authority_id=user.authority_id)
    invited = waiting.count()
    if not invited:
        return []
    says = "1 invitation has" if invited == 1 else f"{invited} invitations have"
    return [Line(f"{says} not been accepted yet.", "See the people", reverse("people"))]
