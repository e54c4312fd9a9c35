"""A placement recorded: how it was bought, whose it is, and what it costs, in one transaction."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone

from commissioning.kernel import wording
from commissioning.kernel.pages.allowed import allowed
from commissioning.partnership.models import Participation
from providers.models import Award

from ..actions.children import add_child
from ..actions.cost_lines import add_cost_line, set_funding
from ..actions.placements import record_placement
from ..forms_placements import OTHERS, WAYS, PlacementForm, WayForm
from ..models import Child, Offer, PathwayPlace, Placement, Referral
from .placement_words import last_day_of
from .referral_words import nearest, suspended_now
from .who import child_called, says_number

LOOKING_BACK = timedelta(days=731)  # places that ended this long ago may still be named: a purchase recorded late
AWARD_FIELDS = ("uuid", "provider__name", "tier", "ends_before", "lot__name", "framework__name")


@allowed("placements", "create")
def placement_new(request: HttpRequest) -> HttpResponse:
    referral, offer = _came_from(request)
    how = request.GET.get("how", "") or (("lot" if offer.lot_id else "spot") if offer else "")
    if how not in WAYS:
        return _ask_how(request, referral)
    form = PlacementForm(
        request.POST or None, how=how, asks_child=referral is None, nearest=nearest,
        awards=_awards(request, timezone.localdate()) if how == "lot" else (),
        places=_places() if how == "in_house" else (), initial=_initial(request, referral, offer),
        suspended=suspended_now(request.user.authority_id, timezone.localdate()),
    )  # fmt: skip
    if request.method == "POST" and form.is_valid():
        try:
            made = _record(request, how, referral, offer, form.cleaned_data)
        except ValidationError as refused:
            form.add_problems(refused)
        else:
            added = " The child is new to your authority’s records." if made.child_is_new else ""
            messages.success(request, f"{made} of {made.child} is recorded.{added} Make its agreement next.")
            return redirect("placement", uuid=made.uuid)
    return render(request, "contracts/placement_form.html", {
        "form": form, "heading": "Record a placement", "crumb": "Record a placement",
        "crumbs": [("Placements", reverse("placements"))],
        "answer": f"For {referral.child}, from {referral}." if referral else "",
        "again": (f"{WAYS[how]}. ", "Bought another way?", _address(referral)),
    })  # fmt: skip


def _came_from(request: HttpRequest) -> tuple[Referral | None, Offer | None]:
    """The referral named in the address, with the offer that was chosen: 404 where it is not the authority's own."""
    asked = request.GET.get("referral", "")
    if not asked:
        return None, None
    try:
        referral = get_object_or_404(Referral.objects.select_related("child__authority"), uuid=UUID(asked))
    except ValueError:
        return None, None
    offers = Offer.objects.select_related("provider", "establishment")
    return referral, offers.filter(referral=referral, chosen=True).first()


def _ask_how(request: HttpRequest, referral: Referral | None) -> HttpResponse:
    form = WayForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        return redirect(_address(referral, form.cleaned_data["how"]))
    return render(request, "contracts/placement_form.html", {
        "form": form, "heading": "Record a placement", "crumb": "Record a placement",
        "crumbs": [("Placements", reverse("placements"))],
        "answer": f"For {referral.child}, from {referral}." if referral else "",
    })  # fmt: skip


def _address(referral: Referral | None, how: str = "again") -> str:
    parts = [f"referral={referral.uuid}"] if referral else []
    return f"{reverse('placement-new')}?{'&'.join([*parts, f'how={how}'])}"


def _initial(request: HttpRequest, referral: Referral | None, offer: Offer | None) -> dict[str, Any]:
    """What the referral and its chosen offer say already, or the child whose page led here."""
    if referral is None:
        return {"child": request.GET.get("child", "")[:60]}
    known: dict[str, Any] = {
        "service_type": referral.service_type, "level": referral.level, "starts_on": referral.needed_by,
    }  # fmt: skip
    if offer is None:
        return known
    starts_on = offer.available_on or referral.needed_by
    known |= {"provider": offer.provider.name, "starts_on": starts_on}
    if offer.weekly_amount is not None:
        known["weekly"] = f"{offer.weekly_amount:.2f}"
    if offer.lot_id:
        place = Award.objects.in_force_on(starts_on).filter(lot=offer.lot_id, provider=offer.provider_id).first()
        known["award"] = str(place.uuid) if place else ""
    return known


def _awards(request: HttpRequest, today: date) -> list[tuple[str, list[tuple[str, str]]]]:
    """Places on the lots of frameworks that the authority takes part in, by lot: (lot, [(id, provider)])."""
    mine = Participation.objects.filter(authority=request.user.authority_id).values("framework")
    places = Award.objects.filter(framework__in=mine).filter(
        Q(ends_before=None) | Q(ends_before__gt=today - LOOKING_BACK)
    )
    by_lot: dict[str, list[tuple[str, str]]] = {}
    rows = places.order_by("framework__name", "lot__number", "provider__name").values_list(*AWARD_FIELDS)
    for uuid, provider, tier, ends_before, lot, framework in rows:
        notes = [f"tier {tier}"] if tier else []
        if ends_before is not None and ends_before <= today:
            notes.append(f"place ended on {last_day_of(ends_before)}")
        words = f"{provider} ({', '.join(notes)})" if notes else provider
        by_lot.setdefault(f"{framework}: {lot}", []).append((str(uuid), words))
    return list(by_lot.items())


def _places() -> list[tuple[str, str]]:
    return [(str(each.uuid), each.name) for each in PathwayPlace.objects.order_by("name")]


@transaction.atomic
def _record(
    request: HttpRequest, how: str, referral: Referral | None, offer: Offer | None, given: dict[str, Any]
) -> Placement:
    """The placement with its core price and who pays it. ValidationError (by field): then nothing is written."""
    by, today = request.user, timezone.localdate()
    child, is_new = (referral.child, False) if referral else _child(request, given, today)
    facts: dict[str, Any] = {"provider_name": given.get("provider_name", ""), "referral": referral}
    if given.get("provider"):
        facts["provider"] = given["provider"]
    if given.get("award"):
        facts["award"] = Award.objects.select_related("framework", "lot", "provider").get(uuid=given["award"])
        facts.pop("provider_name")
    if given.get("pathway_place"):
        facts["pathway_place"] = PathwayPlace.objects.get(uuid=given["pathway_place"])
    bought_from = facts["award"].provider if "award" in facts else facts.get("provider")
    if offer is not None and offer.establishment_id and bought_from == offer.provider:
        facts["establishment"] = offer.establishment
    if given["planned_end_on"] is not None and given["planned_end_on"] <= given["starts_on"]:
        raise ValidationError({"planned_end_on": "The planned end comes after the first night."})
    made = record_placement(
        child=child, by=by, today=today, in_house=how == "in_house", spot_reason=given.get("spot_reason", ""),
        reference=given["reference"].strip(), override_reason=given.get("override_reason", ""), **facts,
        **{name: given[name] for name in (
            "service_type", "level", "registration", "starts_on", "called_off_on", "planned_end_on", "ends_before",
            "respite", "solo",
        )},
    )  # fmt: skip
    if given["weekly"] is not None:
        _price(made, given, by)
    made.child_is_new = is_new
    return made


def _child(request: HttpRequest, given: dict[str, Any], today: date) -> tuple[Child, bool]:
    """(the child that was named, whether it had to be added)."""
    typed = given["child"]
    found = child_called(request, typed)
    if found is not None:
        if given["born_on"] is not None:
            says = f"{found} is known already. Leave this empty: its own page takes a date of birth."
            raise ValidationError({"born_on": says})
        return Child.objects.select_related("authority").get(pk=found.pk), False
    if says_number(typed):
        raise ValidationError({"child": f"No child of yours is {wording.capital(typed.strip())}."})
    try:
        made = add_child(
            authority=request.user.authority, by=request.user, today=today, born_on=given["born_on"],
            case_reference=typed,
        )  # fmt: skip
    except ValidationError as refused:
        if hasattr(refused, "error_dict") and "case_reference" in refused.error_dict:
            raise ValidationError({"child": refused.error_dict["case_reference"]}) from None
        raise
    return made, True


def _price(made: Placement, given: dict[str, Any], by: Any) -> None:
    line = add_cost_line(placement=made, amount=given["weekly"], starts_on=made.starts_on, by=by)
    nothing = Decimal("0.00")
    parts = {key: (given.get(f"from_{key}") or nothing, nothing) for key in OTHERS}
    rest = line.weekly_amount - sum(weekly for weekly, _ in parts.values())
    set_funding(line=line, parts={"social_care": (rest, nothing), **parts}, by=by)
