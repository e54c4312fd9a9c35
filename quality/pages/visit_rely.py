"""One borough relies on another's published visit, or no longer does."""

from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone

from commissioning.kernel import wording
from commissioning.kernel.pages.allowed import allowed

from ..actions.rely_on_visit import rely_on_visit, stop_relying
from ..forms_visits import RelyForm, StopRelyingForm
from ..models import Visit
from .saving import saved
from .visit_words import crumbs_of, is_own, seen_visit, where


def _others(request: HttpRequest, uuid: UUID) -> Visit:
    found = seen_visit(uuid)
    if is_own(request, found):
        raise PermissionDenied("A visit of your own is not relied on: it counts already.")
    return found


@allowed("visits", "create")
def visit_rely(request: HttpRequest, uuid: UUID) -> HttpResponse:
    found = _others(request, uuid)
    form = RelyForm(request.POST or None)

    def save() -> str:
        rely_on_visit(visit=found, by=request.user, now=timezone.now(), note=form.cleaned_data["note"])
        return f"{request.user.body_name} relies on this visit."

    when = f" on {wording.day(found.visited_on)}" if found.visited_on else ""
    return saved(
        request, form, save, heading=f"Rely on the visit to {where(found)}", crumbs=crumbs_of(found),
        back=reverse("visit", args=[uuid]),
        answer=f"{found.authority.name} went{when}. It counts as monitoring of yours, as if you had gone that day; "
        "every member reads that you rely on it.",
    )  # fmt: skip


@allowed("visits", "create")
def visit_stop_relying(request: HttpRequest, uuid: UUID) -> HttpResponse:
    found = _others(request, uuid)
    form = StopRelyingForm(request.POST or None)

    def save() -> str:
        gone = stop_relying(visit=found, by=request.user, why=form.cleaned_data["why"])
        return "You no longer rely on this visit." if gone else "You did not rely on this visit."

    return saved(
        request, form, save, heading=f"No longer rely on the visit to {where(found)}", crumbs=crumbs_of(found),
        back=reverse("visit", args=[uuid]), answer="It then no longer counts as monitoring of yours.",
    )  # fmt: skip
