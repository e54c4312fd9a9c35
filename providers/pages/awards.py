"""A provider's places on lots, and what it charges there as far as the viewer may see."""

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from commissioning.kernel import wording
from commissioning.kernel.pages.allowed import allowed
from commissioning.kernel.pages.downloads import FORMATS, downloads, file_response
from commissioning.kernel.tables import Column, EmptyState, Table
from commissioning.partnership.models import Framework, Participation, PriceLine
from commissioning.partnership.rules.terms import last_day

from ..measures.suspended import Standing
from ..models import Award, Provider, Rate
from .provider import found, frame
from .suspended import suspended_awards
from .tones import ToneColumn

STATES = {"running": ("In force", "good"), "planned": ("Not begun", "plain"), "ended": ("Ended", "plain")}


@allowed("awards")
def awards(request: HttpRequest, uuid: UUID) -> HttpResponse:
    provider, today = found(uuid), timezone.localdate()
    places = list(
        provider.awards.select_related("lot", "framework", "framework__lead_authority").order_by(
            "-starts_on", "framework__name", "lot__number"
        )
    )
    current = [award for award in places if _state(award, today) == "running"]
    may_read = request.user.may("read", "rates")
    rates = _rates(provider, today) if may_read else []
    columns = _rate_columns()
    if request.GET.get("format") in FORMATS and may_read:
        return file_response(request, request.GET["format"], columns, rows=rates, title=f"{provider}: rates today")
    hidden = _hidden(request, current, today)
    return render(request, "providers/provider_awards.html", frame(request, provider, "provider-awards") | {
        "answer": _answer(current, places), "hidden": hidden, "may_read": may_read,
        "places": Table(
            _columns(request, places, today), places, "Places on lots", per_page=None, noun=("place", "places"),
            empty=EmptyState(
                "No place on a lot", "Places appear here once a framework’s lead authority has awarded one.",
                "See the lots", "/lots/",
            ),
        ),
        "rates": Table.for_request(
            request, columns, rates, f"Rates on {wording.day(today)}", noun=("rate", "rates"),
            downloads=downloads(request) if rates else (), empty=_no_rates(current, hidden),
        ) if may_read else None,
    })  # fmt: skip


def _state(award: Award, today: date) -> str:
    if award.starts_on > today:
        return "planned"
    return "ended" if award.ends_before and award.ends_before <= today else "running"


def _answer(current: list[Award], places: list[Award]) -> str:
    if not places:
        return "Has never been awarded a place on a lot."
    if not current:
        return "Has no place on a lot today."
    frameworks = len({award.framework_id for award in current})
    return (
        f"Has {len(current)} place{'' if len(current) == 1 else 's'} on lots of {frameworks} "
        f"framework{'' if frameworks == 1 else 's'} today."
    )


def _columns(request: HttpRequest, places: list[Award], today: date) -> list[Column]:
    suspended = suspended_awards(places, today, request.user)
    columns = [
        Column("lot", "Lot", value=lambda a: str(a.lot), link=lambda a: reverse("lot", args=[a.lot.uuid])),
        Column("framework", "Framework", value=lambda a: a.framework.name,
               link=lambda a: reverse("framework", args=[a.framework.uuid])),
        Column("lead", "Led by", value=lambda a: a.framework.lead_authority.name),
        Column("tier", "Tier", kind="number", missing="no tiers"),
        Column("rank", "Rank", kind="number", missing="not ranked"),
        Column("starts_on", "From", kind="date"),
        Column("last_day", "Last day", value=lambda a: a.ends_before and last_day(a.ends_before), kind="date",
               missing="as the framework’s"),
        ToneColumn("state", "State", value=lambda a: STATES[_state(a, today)][0],
                   tone=lambda a: STATES[_state(a, today)][1]),
        Column("why", "Why", value=lambda a: a.removal_reason or a.admission_reason, missing="no reason given"),
    ]  # fmt: skip
    if suspended:
        columns.append(ToneColumn(
            "suspended", "Suspended", value=lambda a: "Suspended" if a.pk in suspended else None, missing="no",
            tone=lambda a: "harm", link=lambda a: _suspension_of(suspended, a),
        ))  # fmt: skip
    if request.user.may("create", "suspensions"):
        columns.append(Column(
            "suspend", "Change", missing="", value=lambda a: "Suspend" if _state(a, today) == "running" else None,
            link=lambda a: f"{reverse('suspension-new')}?award={a.uuid}",
        ))  # fmt: skip
    return columns


def _suspension_of(suspended: dict[int, Standing], award: Award) -> str | None:
    found = suspended.get(award.pk)
    return reverse("suspension", args=[found.suspension.uuid]) if found else None


def _rates(provider: Provider, today: date) -> list[Rate]:
    return list(
        Rate.objects.in_force_on(today).filter(provider=provider)
        .select_related("framework", "lot", "price_line", "authority")
        .order_by("framework__name", "lot__number", "price_line__position", "price_line__code", "authority__name")
    )  # fmt: skip


def _rate_columns() -> list[Column]:
    return [
        Column("line", "Price line", value=lambda r: r.price_line.title),
        Column("lot", "Lot", value=lambda r: str(r.lot), link=lambda r: reverse("lot", args=[r.lot.uuid])),
        Column("framework", "Framework", value=lambda r: r.framework.name),
        Column("amount", "Rate", value=_amount, kind="number"),
        Column("unit", "Unit", value=lambda r: _unit(r.price_line)),
        Column("authority", "Charged to", value=lambda r: r.authority.name if r.authority else "every participant"),
        Column("starts_on", "Since", kind="date"),
        Column("last_day", "Last day", value=lambda r: r.ends_before and last_day(r.ends_before), kind="date",
               missing="until a new rate"),
    ]  # fmt: skip


def _unit(line: PriceLine) -> str:
    return "%" if line.unit == "per_cent" else f"£ {line.get_unit_display()}"


def _amount(rate: Rate) -> Decimal:
    """With two decimals, or as many more as it has: a mile may cost £0.4525."""
    plain = rate.amount.normalize()
    return rate.amount.quantize(min(Decimal("0.01"), Decimal(1).scaleb(int(plain.as_tuple().exponent))))


def _hidden(request: HttpRequest, current: list[Award], today: date) -> list[dict[str, Any]]:
    """Frameworks on which the provider has a place, whose rates are for others to see, and for whom."""
    if not request.user.authority_id:
        return []
    mine = set(Framework.objects.joined_by(request.user.authority_id, today).values_list("pk", flat=True))
    others = {award.framework_id: award.framework for award in current if award.framework_id not in mine}
    members: dict[int, list[str]] = {pk: [] for pk in others}
    taking_part = Participation.objects.on(today).filter(framework__in=others).select_related("authority")
    for part in taking_part.order_by("authority__name"):
        members[part.framework_id].append(part.authority.name)
    return [{"framework": others[pk], "members": ", ".join(names)} for pk, names in members.items()]


def _no_rates(current: list[Award], hidden: list[dict[str, Any]]) -> EmptyState:
    if not current:
        return EmptyState("No rates today", "A provider charges framework rates only where it has a place on a lot.")
    if hidden:
        return EmptyState(
            "No rates for you to see", "Rates of a framework are shown to the authorities that take part in it. "
            "The lead authority decides who joins.",
        )  # fmt: skip
    return EmptyState("No rates yet", "Rates appear here once the provider’s rate card has been loaded.")
