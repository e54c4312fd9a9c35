"""That something is suspended, said where people meet it: on the provider, the home, its places and the lot."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from ..measures.suspended import Standing, standing_on, whole
from ..models import Award, Establishment, Provider

MOST = 5  # sentences; more of them say nothing
OURS = {
    "": "we have not decided: we follow it", "follow": "we make no new placements",
    "case": "we decide case by case", "not_follow": "we do not follow it",
}  # fmt: skip


def said_of(provider: Provider, today: date, user: Any) -> list[SafeString]:
    """Of a provider: itself, its homes and its places on lots. Two queries, one where nothing is suspended."""
    return _said(Q(provider=provider), today, user)


def said_of_home(home: Establishment, today: date, user: Any) -> list[SafeString]:
    covers = Q(establishment=home)
    if home.provider_id:
        covers |= whole() & Q(provider=home.provider_id)
    return _said(covers, today, user)


def said_of_lot(lot_id: int, today: date, user: Any) -> list[SafeString]:
    """Of a lot: every place that a suspension covers, of the place itself or of its provider as a whole."""
    placed = Award.objects.in_force_on(today).filter(lot=lot_id).values("provider")
    return _said(Q(award__lot=lot_id) | (whole() & Q(provider__in=placed)), today, user)


def suspended_awards(awards: Iterable[Award], today: date, user: Any) -> dict[int, Standing]:
    """Award -> the suspension that covers it, of the place itself or of its provider as a whole. Two queries."""
    if not user.may("read", "suspensions"):
        return {}
    awards = list(awards)
    covers = Q(award__in=[each.pk for each in awards])
    covers |= whole() & Q(provider__in={each.provider_id for each in awards})
    standing = standing_on(today, user.authority_id or 0, covers)
    by_award = {each.suspension.award_id: each for each in standing if each.suspension.award_id}
    by_provider = {each.suspension.provider_id: each for each in standing if not each.suspension.award_id}
    return {each.pk: found for each in awards if (found := by_award.get(each.pk) or by_provider.get(each.provider_id))}


def _said(covers: Q, today: date, user: Any) -> list[SafeString]:
    if not user.may("read", "suspensions"):
        return []
    standing = standing_on(today, user.authority_id or 0, covers)
    said = [_sentence(each, officer=bool(user.authority_id)) for each in standing[:MOST]]
    if len(standing) > MOST:
        said.append(format_html(
            '{} more suspensions stand. <a class="govuk-link" href="{}">See them all</a>', len(standing) - MOST,
            reverse("suspensions"),
        ))  # fmt: skip
    return said


def _sentence(each: Standing, *, officer: bool) -> SafeString:
    ours = f"; {OURS[each.decision]}" if officer else ""
    return format_html(
        '{}, by {}{}. <a class="govuk-link" href="{}">See the suspension<span class="govuk-visually-hidden">: {}</span>'
        "</a>",
        each.says, each.suspension.authority.name, ours, reverse("suspension", args=[each.suspension.uuid]), each.says,
    )  # fmt: skip
