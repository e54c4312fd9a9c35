"""Adding a lot to a framework, and changing one. The page of a lot itself belongs to comparison."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from commissioning.kernel.pages.allowed import allowed

from ..actions.change_lots import add_lot, change_lot
from ..actions.leading import ChangedMeanwhile
from ..forms import ChangeLotForm, LotForm
from ..models import Framework, Lot
from .frameworks import led_framework
from .stale import difference

FIELDS = ("number", "name", "service_type", "call_off_method", "specification", "version")


def led_lot(request: HttpRequest, uuid: UUID) -> Lot:
    """The lot, for its framework's lead authority only."""
    lot = get_object_or_404(Lot.objects.select_related("framework"), uuid=uuid)
    lot.framework = led_framework(request, lot.framework.uuid)
    return lot


def trail(framework: Framework) -> list[tuple[str, str]]:
    return [("Frameworks", reverse("frameworks")), (framework.name, reverse("framework", args=[framework.uuid]))]


@allowed("lots", "create")
def lot_new(request: HttpRequest, uuid: UUID) -> HttpResponse:
    framework = led_framework(request, uuid)
    form = LotForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            lot = add_lot(framework=framework, by=request.user, **form.cleaned_data)
        except ValidationError as refused:
            form.add_problems(refused)
        else:
            messages.success(request, f"{lot} is added. Say next which lines are priced.")
            return redirect("lot-price-lines", uuid=lot.uuid)
    return render(request, "partnership/form.html", {
        "form": form, "heading": f"{framework.name}: add a lot", "crumbs": trail(framework), "crumb": "Add a lot",
    })  # fmt: skip


@allowed("lots", "change")
def lot_change(request: HttpRequest, uuid: UUID) -> HttpResponse:
    lot = led_lot(request, uuid)
    form = ChangeLotForm(request.POST or None, initial={name: getattr(lot, name) for name in FIELDS})
    stale = None
    if request.method == "POST" and form.is_valid():
        try:
            change_lot(lot=lot, by=request.user, **form.cleaned_data)
        except ValidationError as refused:
            form.add_problems(refused)
        except ChangedMeanwhile as refused:
            stale = difference(form, refused)
        else:
            messages.success(request, f"{lot} is changed.")
            return redirect("framework", uuid=lot.framework.uuid)
    return render(request, "partnership/form.html", {
        "form": form, "heading": f"{lot}: change", "stale": stale, "crumbs": trail(lot.framework), "crumb": str(lot),
    })  # fmt: skip
