"""What is done within a search: more providers asked, an answer recorded, a home chosen, the search closed."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from commissioning.kernel import wording
from commissioning.kernel.pages.allowed import allowed
from commissioning.partnership.actions.leading import ChangedMeanwhile
from commissioning.partnership.pages.stale import difference
from providers.models import Establishment

from ..actions.referrals import (
    ask_providers,
    choose_offer,
    close_referral,
    record_answer,
    reopen_referral,
    tell_view,
)
from ..forms_referrals import AnswerForm, AskForm, ChooseForm, CloseForm, ReopenForm, ViewForm
from ..models import Offer, Referral
from .referral_words import (
    crumbs_of,
    left_out,
    lot_choices,
    lots_to_ask,
    nearest,
    offers_of,
    own_referral,
    picked,
    plural,
    suspended_now,
)


@allowed("referrals", "change")
def referral_ask(request: HttpRequest, uuid: UUID) -> HttpResponse:
    found = own_referral(uuid)
    lots = lots_to_ask(found.authority_id, timezone.localdate(), found.service_type)
    form = AskForm(
        request.POST or None, lots=lot_choices(lots), nearest=nearest,
        suspended=suspended_now(found.authority_id, timezone.localdate()),
    )  # fmt: skip

    def save() -> str:
        given = form.cleaned_data
        if not given.get("lots") and not given["providers"]:
            raise ValidationError({"providers": "Tick a lot, or name a provider."})
        made = ask_providers(
            referral=found, lots=picked(lots, given.get("lots")), providers=given["providers"],
            first_tier=given.get("first_tier", False), override_reason=given.get("override_reason", ""),
            by=request.user, now=timezone.now(),
        )  # fmt: skip
        left = left_out(
            picked(lots, given.get("lots")), Offer.objects.filter(referral=found), found.authority_id,
            timezone.localdate(), given.get("override_reason", ""),
        )  # fmt: skip
        if not made:
            raise ValidationError(f"Everybody on these lots was asked in this search already.{left}")
        return f"{plural(len(made), 'provider is', 'providers are')} recorded as asked.{left}"

    return _saved(
        request, found, form, save, "Ask more providers", answer="Whoever was asked before is not asked a second time."
    )


@allowed("referrals", "change")
def referral_answer(request: HttpRequest, uuid: UUID, offer: UUID) -> HttpResponse:
    found = own_referral(uuid)
    asked = get_object_or_404(Offer.objects.select_related("provider"), uuid=offer, referral=found)
    known = request.GET.get("answer", "")
    known = known if known in ("offered", "declined") and not asked.answer else ""
    at = timezone.localtime(asked.answered_at or timezone.now())
    names = ("decline_reason", "weekly_amount", "available_on", "version")
    initial: dict[str, Any] = {name: getattr(asked, name) for name in names}
    if asked.weekly_amount is not None:
        initial["weekly_amount"] = f"{asked.weekly_amount:.2f}"
    form = AnswerForm(
        request.POST or None, known=known, homes=Establishment.objects.filter(provider=asked.provider).order_by("name"),
        initial=initial | {
            "answer": asked.answer or known, "answered_on": at.date(), "answered_time": at.time(),
            "establishment": asked.establishment.uuid if asked.establishment_id else "",
            "suitable": "" if asked.suitable is None else str(asked.suitable),
        },
    )  # fmt: skip

    def save() -> str:
        given = dict(form.cleaned_data)
        del given["answered_on"], given["answered_time"]
        saved = record_answer(
            offer=asked, answered_at=form.answered_at(asked.asked_at), by=request.user, now=timezone.now(), **given
        )
        return f"{asked.provider.name}: {saved.get_answer_display().lower()}."

    words = {"offered": "offered a home", "declined": "declined"}.get(known, "what it answered")
    return _saved(
        request, found, form, save, f"{asked.provider.name}: {words}",
        answer=f"It was asked on {wording.instant(asked.asked_at)}.",
        after=_answered,
    )  # fmt: skip


@allowed("referrals", "change")
def referral_view(request: HttpRequest, uuid: UUID) -> HttpResponse:
    found = own_referral(uuid)
    names = ("child_view", "visited_first", "needs", "version")
    form = ViewForm(request.POST or None, initial={name: getattr(found, name) for name in names})

    def save() -> str:
        tell_view(referral=found, by=request.user, **form.cleaned_data)
        return "The young person’s view is recorded."

    return _saved(request, found, form, save, "The young person’s view")


@allowed("referrals", "change")
def referral_choose(request: HttpRequest, uuid: UUID) -> HttpResponse:
    found = own_referral(uuid)
    standing = {str(offer.uuid): offer for offer in offers_of(found) if offer.answer == "offered"}
    form = ChooseForm(
        request.POST or None, offers=[(key, _offer_words(offer)) for key, offer in standing.items()],
        initial={"version": found.version},
    )  # fmt: skip

    def save() -> str:
        given = form.cleaned_data
        offer = standing[given["offer"]]
        choose_offer(
            referral=found, version=given["version"], offer=offer, chosen_why=given["chosen_why"], by=request.user,
            now=timezone.now(),
        )  # fmt: skip
        return f"{offer.provider.name} is chosen. Record the placement next."

    return _saved(
        request, found, form, save, "Choose an offer",
        answer="" if standing else "No offer stands: record what the providers answered first.", after=_ended,
    )  # fmt: skip


@allowed("referrals", "change")
def referral_close(request: HttpRequest, uuid: UUID) -> HttpResponse:
    found = own_referral(uuid)
    form = CloseForm(request.POST or None, initial={"version": found.version})

    def save() -> str:
        close_referral(referral=found, by=request.user, now=timezone.now(), **form.cleaned_data)
        return f"{found} is closed."

    return _saved(
        request, found, form, save, "Close the search",
        answer="For a search that ends without one of its offers. Answers that come later can still be recorded.",
        after=_ended,
    )  # fmt: skip


@allowed("referrals", "change")
def referral_reopen(request: HttpRequest, uuid: UUID) -> HttpResponse:
    found = own_referral(uuid)
    form = ReopenForm(request.POST or None, initial={"version": found.version})

    def save() -> str:
        reopen_referral(referral=found, by=request.user, **form.cleaned_data)
        return f"{found} is open again."

    return _saved(
        request, found, form, save, "Open the search again",
        answer="The offer that was chosen, if there was one, is no longer chosen. Every answer stays.", after=_ended,
    )  # fmt: skip


def _ended(now: Referral) -> list[tuple[str, str, str]]:
    """What somebody else did with the search meanwhile, where the form has no field for it."""
    return [("How the search stands", now.get_outcome_display() or "still open", "as below")]


def _answered(now: Offer) -> list[tuple[str, str, str]]:
    return [("Answered", wording.instant(now.answered_at) if now.answered_at else "not yet", "as below")]


def _offer_words(offer: Offer) -> str:
    parts = [offer.provider.name]
    if offer.weekly_amount is not None:
        parts.append(f"{wording.pounds(offer.weekly_amount)} a week")
    if offer.available_on:
        parts.append(f"from {wording.day(offer.available_on)}")
    parts += {True: ["suitable"], False: ["not suitable"]}.get(offer.suitable, [])
    return ", ".join(parts)


def _saved(
    request: HttpRequest, found: Referral, form: Any, save: Callable[[], str], heading: str, *, answer: str = "",
    after: Callable[[Any], list[tuple[str, str, str]]] | None = None,
) -> HttpResponse:  # fmt: skip
    """The form, or back to the search with the sentence that `save` gives. What was refused stands beside its field;
    what somebody else changed meanwhile beside what was typed, and `after` adds what has no field here."""
    stale = None
    if request.method == "POST" and form.is_valid():
        try:
            with transaction.atomic():
                says = save()
        except ValidationError as refused:
            form.add_problems(refused)
        except ChangedMeanwhile as refused:
            stale = difference(form, refused) + (after(refused.now) if after else [])
        else:
            messages.success(request, says)
            return redirect("referral", uuid=found.uuid)
    return render(request, "contracts/placement_form.html", {
        "form": form, "heading": heading, "crumb": heading, "crumbs": crumbs_of(found), "stale": stale,
        "answer": f"{found} for {found.child}. {answer}".strip(),
    })  # fmt: skip
