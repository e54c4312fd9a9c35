"""One search for a home: its clock, who was asked, what they answered, what was chosen and why."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from commissioning.kernel import wording
from commissioning.kernel.audit.history import read_events
from commissioning.kernel.pages.allowed import allowed
from commissioning.kernel.tables import Column, EmptyState, Table
from providers.measures.suspended import standing_on, whole
from providers.pages.tones import ToneColumn

from ..models import Offer, Placement, Referral
from ..rules.searches import lasted, needed_in_words
from .referral_words import NOBODY, offers_of, own_referral, plural

SHOWN_HISTORY = 10


@dataclass(frozen=True)
class LinkColumn(Column):
    """Two or three links of a row, each saying for whom it is."""

    def html(self, row: Any) -> str:
        # Each on a line of its own, tall enough for a finger.
        return SafeString("").join(
            format_html(
                '<span class="app-step"><a class="govuk-link" href="{}">{}'
                '<span class="govuk-visually-hidden"> {}</span></a></span>',
                href, words, row.provider.name,
            )
            for words, href in self.of(row)
        )  # fmt: skip


@allowed("referrals")
def referral(request: HttpRequest, uuid: UUID) -> HttpResponse:
    found, today = own_referral(uuid), timezone.localdate()
    offers = offers_of(found)
    may_change = request.user.may("change", "referrals")
    placements = list(Placement.objects.filter(referral=found).order_by("number"))
    what: dict[Any, Q] = {Referral: Q(row_id=found.pk)}
    if offers:
        what[Offer] = Q(row_id__in=[offer.pk for offer in offers])
    return render(request, "contracts/referral.html", {
        "referral": found, "answer": answer_of(found, offers, today), "facts": _facts(found, today),
        "table": _table(found, offers, today, may_change=may_change), "may_change": may_change,
        "placements": placements,
        "may_place": request.user.may("create", "placements") and found.outcome in ("placed", "in_house"),
        "may_choose": not found.outcome and any(offer.answer == "offered" for offer in offers),
        "place_at": f"/placements/new/?referral={found.uuid}", "left": _left(offers) if found.outcome else "",
        "history": read_events(what, stop=SHOWN_HISTORY),
        "history_at": reverse("audit-record", args=[Referral._meta.db_table, found.uuid])
        if request.user.may("read", "audit") else "",
    })  # fmt: skip


def answer_of(found: Referral, offers: list[Offer], today: date) -> str:
    """ "A home is needed today: by 20 April 2026. 5 providers were asked: 3 offered a home, 2 have not answered." """
    if found.outcome:
        said = f"{found.get_outcome_display()}: closed on {wording.instant(found.closed_at)}."
        chosen = next((offer for offer in offers if offer.chosen), None)
        if chosen:
            said = f"{chosen.provider.name} was chosen on {wording.instant(found.closed_at)}."
    else:
        clock, by = needed_in_words(found.needed_by, today), wording.day(found.needed_by)
        said = f"A home is {clock}: by {by}." if found.needed_by >= today else f"A home was needed by {by}: {clock}."
    if not offers:
        return f"{said} {NOBODY}"
    parts = [
        f"{n:,} {words}"
        for words, n in (
            ("offered a home", sum(offer.answer == "offered" for offer in offers)),
            ("declined", sum(offer.answer == "declined" for offer in offers)),
            ("withdrew an offer", sum(offer.answer == "withdrawn" for offer in offers)),
            ("have not answered", sum(not offer.answer for offer in offers)),
        )
        if n
    ]
    return f"{said} {plural(len(offers), 'provider was', 'providers were')} asked: {', '.join(parts)}."


def _facts(found: Referral, today: date) -> list[tuple[Any, ...]]:
    age = found.child.age_on(today)
    return [
        ("Needed by", _needed(found, today)),
        ("Planned or emergency", found.get_urgency_display()),
        ("Our own carers and homes tried", found.get_in_house_tried_display()),
        ("Kind of home", found.get_service_type_display()),
        ("Level", found.get_level_display() or None),
        ("Where", found.wanted_area or None),
        ("Brothers and sisters to live with", f"{found.siblings}" if found.siblings else "None"),
        ("Age", f"{age}" if age is not None else None),
        ("Opened", wording.instant(found.opened_at)),
        ("What they need", found.needs or None),
        ("The young person’s view", found.child_view or None),
        ("Could they visit first", found.get_visited_first_display() or None),
        ("Why", found.chosen_why or None) if found.outcome else ("Your own reference", found.reference or None),
    ]  # fmt: skip


def _needed(found: Referral, today: date) -> str:
    """The day, and how late a search that is still open is."""
    day = wording.day(found.needed_by)
    return f"{day} ({needed_in_words(found.needed_by, today)})" if not found.outcome else day


def _left(offers: list[Offer]) -> str:
    """Suitable offers that were not taken: they stay visible as such."""
    names = [offer.provider.name for offer in offers if _not_taken(offer)]
    if not names:
        return ""
    return f"{plural(len(names), 'suitable offer was', 'suitable offers were')} not taken: {', '.join(names)}."


def _not_taken(offer: Offer) -> bool:
    return offer.answer == "offered" and bool(offer.suitable) and not offer.chosen


def _suspended(found: Referral, offers: list[Offer], today: date) -> dict[int, str]:
    """Provider -> the address of its suspension; while the search is open, and of the provider as a whole."""
    if found.outcome or not offers:
        return {}
    standing = standing_on(today, found.authority_id, whole() & Q(provider__in=[row.provider_id for row in offers]))
    return {row.suspension.provider_id: reverse("suspension", args=[row.suspension.uuid]) for row in standing}


def _table(found: Referral, offers: list[Offer], today: date, *, may_change: bool) -> Table:
    suspended = _suspended(found, offers, today)

    def judged(row: Offer) -> str | None:
        if row.chosen:
            return "Chosen"
        if row.answer != "offered":
            return ""
        if found.outcome and _not_taken(row):
            return "Suitable, not taken"
        return {True: "Suitable", False: "Not suitable"}.get(row.suitable, wording.capital(wording.NOT_RECORDED))

    def doing(row: Offer) -> list[tuple[str, str]]:
        at = reverse("referral-answer", args=[found.uuid, row.uuid])
        if row.answer:
            return [("Change", at)]
        return [("Offered", f"{at}?answer=offered"), ("Declined", f"{at}?answer=declined")]

    columns = [
        Column("provider", "Provider", value=lambda row: row.provider.name,
               link=lambda row: reverse("provider", args=[row.provider.uuid])),
        Column("lot", "Asked on", missing="Spot, by name", value=lambda row: (
            f"{row.lot.framework.reference}, lot {row.lot.number}" if row.lot_id else None)),
        Column("asked", "Asked", value=lambda row: row.asked_at, kind="instant"),
        Column("answer", "Answer", value=lambda row: row.get_answer_display()),
        Column("took", "Answered after", missing="",
               value=lambda row: lasted(row.asked_at, row.answered_at) if row.answered_at else None),
        Column("reason", "Why declined", value=lambda row: row.get_decline_reason_display(), missing=""),
        Column("weekly", "Price", value=lambda row: row.weekly_amount, kind="money", unit="£ a week",
               missing=""),
        Column("available", "Available on", value=lambda row: row.available_on, kind="date", missing=""),
        Column("home", "Home", missing="",
               value=lambda row: row.establishment.shown_name if row.establishment_id else None),
        Column("judged", "Suitable", value=judged, missing=""),
    ]  # fmt: skip
    if suspended:
        columns.insert(1, ToneColumn(
            "suspended", "Suspended", missing="no", tone=lambda row: "harm",
            value=lambda row: "Suspended" if row.provider_id in suspended else None,
            link=lambda row: suspended.get(row.provider_id),
        ))  # fmt: skip
    if may_change:
        columns.append(LinkColumn("doing", "Record", value=doing))
    return Table(
        columns, offers, "Who was asked", noun=("question", "questions"), per_page=None,
        empty=EmptyState(
            NOBODY.rstrip("."), "Each provider that is asked appears here, with its answer.",
            "Ask providers" if may_change and not found.outcome else "",
            reverse("referral-ask", args=[found.uuid]) if may_change and not found.outcome else "",
        ),
    )  # fmt: skip
