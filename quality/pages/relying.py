"""Relying on another authority's visit, and no longer."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone

from commissioning.kernel import wording
from commissioning.kernel.pages.allowed import allowed

from ..actions.rely_on_visit import rely, stop_relying
from ..forms_monitoring import RelyForm, StopForm
from ..models import Reliance, Visit


@allowed("monitoring", "change")
def rely_on(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Asks first, and says what it changes; where it is relied on already, asks whether to stop."""
    visit = get_object_or_404(Visit.objects.select_related("authority", "establishment", "premises"), uuid=uuid)
    mine, now = request.user.authority_id, timezone.now()
    said = Reliance.objects.filter(authority=mine, visit=visit).first()
    form = (StopForm if said else RelyForm)(request.POST if request.method == "POST" else None)
    what = f"{visit.authority.name}’s {visit.get_kind_display().lower()}"
    if request.method == "POST" and form.is_valid():
        try:
            if said:
                stop_relying(visit=visit, authority_id=mine, by=request.user, now=now)
            else:
                rely(visit=visit, authority_id=mine, by=request.user, now=now, note=form.cleaned_data["note"].strip())
        except ValidationError as refused:
            form.add_problems(refused)
        else:
            messages.success(request, f"You {'no longer rely' if said else 'rely'} on {what}.")
            return redirect("rota")
    where = visit.premises.shown_name if visit.premises else visit.establishment.shown_name
    on = wording.day(visit.visited_on) if visit.visited_on else "a day to come"
    counts = "It counts for you no longer." if said else "It counts for your coverage as if you had gone yourselves."
    return render(request, "providers/form.html", {
        "form": form, "crumb": "Stop relying" if said else "Rely on a visit",
        "heading": f"{'Stop relying' if said else 'Rely'} on {what} of {on}", "answer": f"At {where}. {counts}",
        "crumbs": [("Rota", reverse("rota"))],
    })  # fmt: skip
