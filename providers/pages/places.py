"""Places on a lot: who has one, awarded and ended by the framework's lead authority."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone

from commissioning.kernel import wording
from commissioning.kernel.pages.allowed import allowed
from commissioning.kernel.tables import Column, EmptyState, Table
from commissioning.partnership.models import Lot
from commissioning.partnership.rules.terms import last_day

from ..actions.award_place import award_place, end_place
from ..models import Award, Provider
from ..rules.matching import names_with, nearest_names
from .place_forms import EndPlaceForm, PlaceForm


def _led_lot(request: HttpRequest, uuid: UUID) -> Lot:
    """The lot, for its framework's lead authority only: 404 where it is not there, 403 for anybody else."""
    lot = get_object_or_404(Lot.objects.select_related("framework__lead_authority"), uuid=uuid)
    if lot.framework.lead_authority_id != request.user.authority_id:
        raise PermissionDenied(f"Only {lot.framework.lead_authority} awards places on {lot.framework}.")
    return lot


def _page(request: HttpRequest, lot: Lot, template: str, heading: str, **more: Any) -> HttpResponse:
    return render(request, template, {"lot": lot, "lot_page": f"/lots/{lot.uuid}/", "heading": heading, **more})


@allowed("awards", "change")
def places(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Every place the lot has had, the present ones first."""
    lot, today = _led_lot(request, uuid), timezone.localdate()
    awards = list(Award.objects.filter(lot=lot).select_related("provider").order_by("provider__name", "starts_on"))
    gone = {award for award in awards if award.ends_before and award.ends_before <= today}
    awards.sort(key=lambda award: award in gone)
    columns = [
        Column("provider", "Provider", value=lambda a: a.provider.name, link=_provider_page),
        Column("tier", "Tier", kind="number"),
        Column("rank", "Rank", kind="number"),
        Column("starts_on", "First day", kind="date"),
        Column(
            "last_day", "Last day", value=lambda a: a.ends_before and last_day(a.ends_before), kind="date",
            missing="while the framework runs",
        ),
        Column("why", "How it came or went", value=lambda a: a.removal_reason or a.admission_reason or None),
        Column(
            "card", "Rates to fill in", value=lambda a: "" if a in gone else "Rate card", missing="",
            link=lambda a: None if a in gone else f"/lots/{lot.uuid}/rate-card.xlsx?provider={a.provider.uuid}",
        ),
        Column(
            "end", "Change", value=lambda a: "" if a.ends_before else "End this place", missing="",
            link=lambda a: None if a.ends_before else reverse("place-end", args=[lot.uuid, a.uuid]),
        ),
    ]  # fmt: skip
    empty = EmptyState("No places yet", "Nobody was awarded a place on this lot.", "Award the first place",
                       reverse("place-new", args=[lot.uuid]))  # fmt: skip
    table = Table.for_request(
        request, columns, awards, "Places", caption_hidden=True, noun=("place", "places"), empty=empty
    )
    now = len(awards) - len(gone)
    answer = f"{now} {'provider has' if now == 1 else 'providers have'} a place today."
    return _page(
        request, lot, "providers/places.html", f"{lot.name}: places", table=table, answer=answer, awards=awards
    )


@allowed("awards", "create")
def place_new(request: HttpRequest, uuid: UUID) -> HttpResponse:
    lot = _led_lot(request, uuid)
    form = PlaceForm(request.POST or None, nearest=_nearest, initial={"starts_on": timezone.localdate()})
    if request.method == "POST" and form.is_valid():
        try:
            award = award_place(lot=lot, by=request.user, **form.cleaned_data)
        except ValidationError as refused:
            form.add_problems(refused)
        else:
            messages.success(request, f"{award.provider} has a place from {wording.day(award.starts_on)}.")
            return redirect("places", uuid=lot.uuid)
    return _page(
        request, lot, "providers/place_form.html", f"{lot.name}: award a place", form=form, crumb="Award a place"
    )


@allowed("awards", "change")
def place_end(request: HttpRequest, uuid: UUID, award: UUID) -> HttpResponse:
    lot = _led_lot(request, uuid)
    found = get_object_or_404(Award.objects.select_related("provider"), lot=lot, uuid=award, ends_before=None)
    form = EndPlaceForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            end_place(award=found, by=request.user, **form.cleaned_data)
        except ValidationError as refused:
            form.add_problems(refused)
        else:
            day = wording.day(last_day(form.cleaned_data["ends_before"]))
            messages.success(request, f"The place of {found.provider} ends on {day}, and its rates with it.")
            return redirect("places", uuid=lot.uuid)
    heading = f"{lot.name}: end the place of {found.provider}"
    return _page(request, lot, "providers/place_form.html", heading, form=form, crumb="End a place")


def _provider_page(award: Award) -> str:
    return f"/providers/{award.provider.uuid}/"


def _nearest(words: str) -> list[str]:
    recorded = list(Provider.objects.order_by("name").values_list("name", flat=True))
    return nearest_names(words, recorded) or names_with(words, recorded)
