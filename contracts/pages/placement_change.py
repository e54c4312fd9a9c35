"""A placement put right, and ended. Its route is a fact of the call-off day and is not asked."""

from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from commissioning.kernel import wording
from commissioning.kernel.pages.allowed import allowed
from commissioning.partnership.actions.leading import ChangedMeanwhile
from commissioning.partnership.pages.stale import difference
from providers.models import Establishment

from ..actions.change_placement import change_placement, end_as_read, tell_end
from ..forms_placements import ChangePlacementForm, EndForm, HowItEndedForm
from ..models import CostLine, Oversight, Placement
from .placement import crumbs_of
from .placement_premises import addresses_of
from .placement_words import lives_there
from .who import own_placement

FIELDS = ("planned_end_on", "level", "solo", "registration", "reference", "version")
END_FIELDS = ("end_reason", "ended_by", "ended_as_planned", "destination", "notice_given_on", "version")


@allowed("placements", "change")
def placement_change(request: HttpRequest, uuid: UUID) -> HttpResponse:
    found, today = own_placement(uuid), timezone.localdate()
    homes = Establishment.objects.filter(provider=found.provider_id).order_by("name", "urn")
    initial: dict[str, Any] = {name: getattr(found, name) for name in FIELDS}
    initial["establishment"] = found.establishment.uuid if found.establishment_id else ""
    initial["premises"] = found.premises.uuid if found.premises_id else ""
    initial["solo"] = "" if found.solo is None else str(found.solo)
    form = ChangePlacementForm(
        request.POST or None, homes=homes if found.provider_id else Establishment.objects.none(), initial=initial,
        addresses=addresses_of(homes, found, today) if found.provider_id else [],
    )  # fmt: skip
    return _saved(
        request, found, form, "Change", f"{found}: change",
        lambda: change_placement(placement=found, by=request.user, today=today, **form.cleaned_data),
        lambda: f"{found} is changed.",
        answer="How it was bought is a fact of the day it was agreed, and stays.",
    )  # fmt: skip


@allowed("placements", "change")
def placement_end(request: HttpRequest, uuid: UUID) -> HttpResponse:
    found, today = own_placement(uuid), timezone.localdate()
    initial: dict[str, Any] = {name: getattr(found, name) for name in END_FIELDS}
    initial["ended_as_planned"] = "" if found.ended_as_planned is None else str(found.ended_as_planned)
    if found.ends_before is not None and found.ends_before <= today:
        told = HowItEndedForm(request.POST or None, initial=initial)
        return _saved(
            request, found, told, "How it ended", f"{found}: how it ended",
            lambda: tell_end(placement=found, by=request.user, **told.cleaned_data),
            lambda: f"How {found} ended is recorded.",
            answer=f"The child left on {wording.day(found.ends_before)}.",
        )  # fmt: skip
    form = EndForm(request.POST or None, initial=initial)
    return _saved(
        request, found, form, "End the placement", f"{found}: end it",
        lambda: end_as_read(placement=found, by=request.user, today=today, **form.cleaned_data),
        lambda: f"{found} ended on {wording.day(form.cleaned_data['ends_before'])}, and what was paid for it.",
        answer=_what_ends(found, today),
    )  # fmt: skip


def _what_ends(found: Placement, today: date) -> str:
    """What will change, before anybody is asked to say so."""
    lines = CostLine.objects.filter(placement=found).on(today)
    weekly = [amount for (amount,) in lines.values_list("weekly_amount")]
    watched = Oversight.objects.filter(placement=found).on(today).count()
    said = []
    if weekly:
        noun = "cost line" if len(weekly) == 1 else "cost lines"
        said.append(f"{len(weekly)} {noun}, {wording.pounds(sum(weekly))} a week")
    if watched:
        said.append("what is recorded of its oversight")
    if not said:
        return f"{lives_there(found, today)} No price is recorded."
    return f"It ends on the day the child left, and with it {' and '.join(said)}."


def _saved(
    request: HttpRequest, found: Placement, form: Any, crumb: str, heading: str, save: Any, says: Any, *, answer: str
) -> HttpResponse:
    stale = None
    if request.method == "POST" and form.is_valid():
        try:
            save()
        except ValidationError as refused:
            form.add_problems(refused)
        except ChangedMeanwhile as refused:
            stale = difference(form, refused)
        else:
            messages.success(request, says())
            return redirect("placement", uuid=found.uuid)
    return render(request, "contracts/placement_form.html", {
        "form": form, "heading": heading, "crumb": crumb, "crumbs": crumbs_of(found), "answer": answer, "stale": stale,
    })  # fmt: skip
