"""The scorecard of a provider (a tab of its page), of an owner's group, and of a lot."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone

from commissioning.kernel.pages.allowed import allowed
from commissioning.kernel.pages.downloads import FORMATS, downloads, file_response
from commissioning.kernel.tables import Column, EmptyState, Table
from commissioning.partnership.models import Lot
from contracts.pages.referral_words import plural
from providers.pages.beside import Beside, Tab
from providers.pages.provider import found, frame
from providers.pages.tones import ToneColumn
from quality.models import ContractMeeting

from ..measures.scorecard import Scope, Scorecard, of_group, of_lot, of_provider, scorecard
from ..measures.scorecard_members import Side, side_by_side
from .benchmark_tables import quiet_line
from .scorecard_rows import Row, Section, sections

LONG = 12  # lines of a section: more are folded
NEVER = (
    "Figures stand side by side, each with how many it is of and its newest day. They are never made into one score or "
    "rank: a good price does not weigh up a home that is not safe."
)


class Scorecards(Beside):
    tabs = (Tab("Scorecard", "scorecard", "scorecards"),)


def card_of(request: HttpRequest, scope: Scope) -> Scorecard:
    user = request.user
    return scorecard(
        scope, timezone.localdate(), own=bool(user.authority_id),
        concerns=bool(user.authority_id) and user.may("read", "concerns"),
    )  # fmt: skip


def columns() -> list[Column]:
    return [
        ToneColumn("label", "What", tone=lambda row: None),
        ToneColumn("now", "How it stands", tone=lambda row: None),
        Column("n", "Of how many", kind="number", missing=""),
        Column("on", "Newest", kind="date", missing=""),
        Column("before", "Twelve months before", missing=""),
    ]


def _flag(row: Row) -> str:
    return {"harm": "Look at this", "needs": "Ask why"}.get(row.tone, "")


def _table(section: Section, rows: Sequence[Row], title: str = "") -> Table:
    shown = columns()
    if any(row.tone for row in rows):
        shown.append(ToneColumn("tone", "To talk about", value=_flag, tone=lambda row: row.tone, missing=""))
    return Table(
        shown, rows, title or section.title, per_page=None, noun=("line", "lines"),
        empty=EmptyState(section.nothing or "Nothing", ""),
    )  # fmt: skip


@dataclass(frozen=True)
class Shown:
    """A section as its page shows it. Of a long one what is to be talked about stands first, worst first, and the
    rest is folded away."""

    section: Section
    table: Table | None
    words: str = ""
    rest: Table | None = None


def _folded(section: Section) -> Shown:
    rows = list(section.rows)
    first = sorted((row for row in rows if row.tone), key=lambda row: row.tone != "harm")
    rest = [row for row in rows if not row.tone]
    if len(rows) <= LONG or not rest:
        return Shown(section, _table(section, rows) if rows else None)
    words = f"The other {len(rest)} of {len(rows)}" if first else f"All {len(rows)}: none to talk about"
    return Shown(
        section, _table(section, first, f"{section.title}: to talk about") if first else None, words,
        _table(section, rest, f"{section.title}: the others" if first else section.title),
    )  # fmt: skip


def _taken(request: HttpRequest, told: list[Section], title: str) -> HttpResponse:
    rows = [{"section": section.title, "row": row} for section in told for row in section.rows]
    flat = [
        Column("section", "Section"),
        *(Column(each.key, each.label, value=lambda pair, key=each.key: getattr(pair["row"], key), kind=each.kind,
                 missing="") for each in columns()),
    ]  # fmt: skip
    return file_response(request, request.GET["format"], flat, rows, title=title)


def _shown(request: HttpRequest, card: Scorecard, told: list[Section], **more: Any) -> dict[str, Any]:
    return {
        "sections": [_folded(section) for section in told], "never": NEVER,
        "quiet": quiet_line(card.release), "today": card.today, "downloads": downloads(request), "card": card, **more,
    }  # fmt: skip


@allowed("scorecards")
def provider_card(request: HttpRequest, uuid: UUID) -> HttpResponse:
    provider = found(uuid)
    card = card_of(request, of_provider(provider))
    told = sections(card)
    if request.GET.get("format") in FORMATS:
        return _taken(request, told, f"Scorecard of {provider}")
    met = ContractMeeting.objects.filter(provider=provider)
    if request.user.authority_id:
        met = met.filter(authority=request.user.authority_id)
    last = met.filter(state__in=("held", "minuted")).order_by("-held_on").first()
    coming = met.filter(state="planned").order_by("planned_on").first()
    return render(request, "compare/scorecard.html", frame(request, provider, "scorecard") | _shown(
        request, card, told, answer=answer(card, told), last=last, coming=coming,
        may_plan=request.user.may("create", "contract-meetings"),
        may_meet=request.user.may("read", "contract-meetings"),
        may_compare=request.user.may("compare", "scorecards"),
    ))  # fmt: skip


@allowed("scorecards", "compare")
def group_card(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The provider and everyone under it, together and side by side."""
    provider = found(uuid)
    card = card_of(request, of_group(provider, timezone.localdate()))
    told = sections(card)
    if request.GET.get("format") in FORMATS:
        return _taken(request, told, f"Scorecard of {provider} and its group")
    return render(request, "compare/scorecard_group.html", _shown(
        request, card, told, answer=answer(card, told), provider=provider, beside=_beside(request, card),
    ))  # fmt: skip


@allowed("scorecards", "compare")
def lot_card(request: HttpRequest, uuid: UUID) -> HttpResponse:
    lot = get_object_or_404(Lot.objects.select_related("framework"), uuid=uuid)
    card = card_of(request, of_lot(lot, timezone.localdate()))
    told = sections(card)
    if request.GET.get("format") in FORMATS:
        return _taken(request, told, f"Scorecard of {lot}")
    return render(request, "compare/scorecard_lot.html", _shown(
        request, card, told, answer=answer(card, told), lot=lot, beside=_beside(request, card),
    ))  # fmt: skip


def answer(card: Scorecard, told: list[Section]) -> str:
    """ "9 children of ours live there. 2 things to look at: Actions; Returns ..." """
    parts = []
    if card.own:
        lives = plural(card.homes, "child of ours lives", "children of ours live")
        parts.append(f"{lives if card.homes else 'No child of ours lives'} there today.")
    flagged = list(dict.fromkeys(
        "the regulator’s judgements" if row.key.startswith("judged-") else row.label
        for section in told for row in section.rows if row.tone
    ))  # fmt: skip
    if flagged:
        more = f", and {len(flagged) - 3} more" if len(flagged) > 3 else ""
        parts.append(f"To talk about: {'; '.join(flagged[:3])}{more}.")
    else:
        parts.append("Nothing here asks to be talked about.")
    return " ".join(parts)


def _beside(request: HttpRequest, card: Scorecard) -> Table:
    rows = side_by_side(card)
    shown = [
        Column("provider", "Provider", value=lambda row: row.provider.name,
               link=lambda row: reverse("scorecard", args=[row.provider.uuid])),
        Column("homes", "Ours live there", kind="number"),
        Column("median", "Our median", kind="money", unit="£ a week", whole=True, missing="none of ours"),
        Column("judged", "Latest judgement", value=lambda row: str(row.standing) if row.standing else None,
               missing="nothing listed"),
        Column("visits", "Visits in twelve months", kind="number"),
        Column("opened", "Actions open", kind="number"),
        Column("late", "Of these overdue", kind="number"),
        Column("kpis", "KPIs at target", value=_at_target, missing="none returned"),
        Column("missing", "Returns late", kind="number"),
        Column("answered", "Young people who answered", kind="number", unit="ours, in 24 months"),
        ToneColumn("suspended", "Suspended", value=lambda row: "Suspended" if row.suspended else None, missing="",
                   tone=lambda row: "harm"),
    ]  # fmt: skip
    return Table(
        shown, rows, "Provider by provider, by name", per_page=None, noun=("provider", "providers"),
        empty=EmptyState("No provider", "Nobody has a place today."),
    )  # fmt: skip


def _at_target(row: Side) -> str | None:
    returned = sum(row.kpis.values())
    return f"{row.kpis['good']} of {returned}" if returned else None
