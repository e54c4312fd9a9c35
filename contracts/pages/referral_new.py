"""A search opened: one short form, and everybody on the lots that were ticked is asked at once."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from commissioning.kernel import wording
from commissioning.kernel.pages.allowed import allowed
from commissioning.partnership.models import Lot

from ..actions.children import add_child
from ..actions.referrals import open_referral
from ..forms_referrals import ReferralForm
from ..models import Child, Offer, Referral
from .referral_words import NOBODY, left_out, lot_choices, lots_to_ask, nearest, picked, plural, suspended_now
from .who import child_called, says_number

ASKED_OF_SEARCH = ("needed_by", "urgency", "in_house_tried", "service_type", "level", "wanted_area", "siblings")


@allowed("referrals", "create")
def referral_new(request: HttpRequest) -> HttpResponse:
    lots = lots_to_ask(request.user.authority_id, timezone.localdate())
    form = ReferralForm(
        request.POST or None, lots=lot_choices(lots), nearest=nearest,
        suspended=suspended_now(request.user.authority_id, timezone.localdate()),
        initial={"child": request.GET.get("child", "")[:60]},
    )  # fmt: skip
    if request.method == "POST" and form.is_valid():
        try:
            made, added = _open(request, lots, form.cleaned_data)
        except ValidationError as refused:
            form.add_problems(refused)
        else:
            offers = Offer.objects.filter(referral=made)
            asked = offers.count()
            said = f"{plural(asked, 'provider is', 'providers are')} recorded as asked." if asked else NOBODY
            said += left_out(
                picked(lots, form.cleaned_data.get("lots")), offers, made.authority_id, timezone.localdate(),
                form.cleaned_data.get("override_reason", ""),
            )  # fmt: skip
            new = " The child is new to your authority’s records." if added else ""
            messages.success(request, f"{made} for {made.child} is open. {said}{new}")
            return redirect("referral", uuid=made.uuid)
    return render(request, "contracts/placement_form.html", {
        "form": form, "heading": "Look for a home", "crumb": "Look for a home",
        "crumbs": [("Referrals", reverse("referrals"))],
        "answer": "What may be left empty says so. The time of asking is the moment at which you open the search.",
    })  # fmt: skip


@transaction.atomic
def _open(request: HttpRequest, lots: list[Lot], given: dict[str, Any]) -> tuple[Referral, bool]:
    """(the search, whether its child had to be added). ValidationError (by field): then nothing is written."""
    now = timezone.now()
    child, added = _child(request, given, timezone.localdate(now))
    made = open_referral(
        child=child, by=request.user, now=now, lots=picked(lots, given.get("lots")), providers=given["providers"],
        first_tier=given.get("first_tier", False), override_reason=given.get("override_reason", ""),
        **{name: given[name] for name in ASKED_OF_SEARCH},
    )  # fmt: skip
    return made, added


def _child(request: HttpRequest, given: dict[str, Any], today: date) -> tuple[Child, bool]:
    """(the child that was named, whether it had to be added)."""
    typed = given["child"]
    found = child_called(request, typed)
    if found is not None:
        problems = {
            name: f"{found} is known already. Leave this empty: its own page takes it."
            for name in ("born_on", "sex")
            if given[name]
        }
        if problems:
            raise ValidationError(problems)
        return found, False
    if says_number(typed):
        raise ValidationError({"child": f"No child of yours is {wording.capital(typed.strip())}."})
    try:
        made = add_child(
            authority=request.user.authority, by=request.user, today=today, born_on=given["born_on"],
            sex=given["sex"], case_reference=typed,
        )  # fmt: skip
    except ValidationError as refused:
        if hasattr(refused, "error_dict") and "case_reference" in refused.error_dict:
            raise ValidationError({"child": refused.error_dict["case_reference"]}) from None
        raise
    return made, True
