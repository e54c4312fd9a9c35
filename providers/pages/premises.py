"""Premises under their establishment's page: recorded, named, given up."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone

from commissioning.kernel.pages.allowed import allowed
from commissioning.partnership.actions.leading import ChangedMeanwhile
from commissioning.partnership.pages.stale import difference

from ..actions.record_premises import ONE_ADDRESS, SEVERAL_ADDRESSES, change_premises, record_premises
from ..forms import ChangePremisesForm, PremisesForm
from ..models import Establishment, Premises

SEEN_BY = "Every member of the partnership and the provider read it. No word about who lives there."


@allowed("providers", "change")
def premises_new(request: HttpRequest, uuid: UUID) -> HttpResponse:
    home = get_object_or_404(Establishment, uuid=uuid)
    form = PremisesForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            made = record_premises(establishment=home, by=request.user, **form.cleaned_data)
        except ValidationError as refused:
            form.add_problems(refused)
        else:
            messages.success(request, f"{made.shown_name} is recorded.")
            return redirect("establishment", uuid=home.uuid)
    says = SEEN_BY if home.kind in SEVERAL_ADDRESSES else ONE_ADDRESS
    return _page(request, home, form, f"{home.shown_name}: record premises", "Record premises", says)


@allowed("providers", "change")
def premises_change(request: HttpRequest, uuid: UUID, premises: UUID) -> HttpResponse:
    found = get_object_or_404(
        Premises.objects.select_related("establishment"), uuid=premises, establishment__uuid=uuid
    )  # fmt: skip
    initial = {name: getattr(found, name) for name in ("name", "address", "left_on", "version")}
    form = ChangePremisesForm(request.POST if request.method == "POST" else None, initial=initial)
    stale = None
    if request.method == "POST" and form.is_valid():
        try:
            change_premises(premises=found, by=request.user, today=timezone.localdate(), **form.cleaned_data)
        except ValidationError as refused:
            form.add_problems(refused)
        except ChangedMeanwhile as refused:
            stale = difference(form, refused)
        else:
            messages.success(request, f"{found.shown_name} is saved.")
            return redirect("establishment", uuid=found.establishment.uuid)
    home = found.establishment
    return _page(request, home, form, f"{home.shown_name}: {found.shown_name}", "Premises", SEEN_BY, stale=stale)


def _page(
    request: HttpRequest, home: Establishment, form: Any, heading: str, crumb: str, answer: str, *, stale: Any = None
) -> HttpResponse:
    return render(request, "providers/premises_form.html", {
        "form": form, "heading": heading, "crumb": crumb, "answer": answer, "stale": stale,
        "crumbs": [("Providers", reverse("providers")), (home.shown_name, reverse("establishment", args=[home.uuid]))],
    })  # fmt: skip
