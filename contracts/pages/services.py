"""Additional services: added, listed with those past review first, reviewed together, ended early."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html

from commissioning.kernel import wording
from commissioning.kernel.pages.allowed import allowed
from commissioning.kernel.pages.downloads import FORMATS, downloads, file_response
from commissioning.kernel.pages.questions import Question, ask
from commissioning.kernel.tables import Column, EmptyState, FilterSentence, Table, ordering
from commissioning.partnership.actions.leading import ChangedMeanwhile
from providers.models import Provider

from ..actions.agreements import line_as_agreed, newest_version
from ..actions.cost_lines import add_cost_line, end_cost_line, replace_cost_line, review_services, set_funding
from ..forms_agreements import BulkReviewForm, EndLineForm, LineForm, ServiceForm
from ..measures.services import by_review, paid_by, past_review, running_services
from ..models import CostLine, Placement
from ..rules import codes
from .agreement_words import line_label, line_price
from .placement import crumbs_of
from .placement_words import home_of, last_day, last_day_of
from .who import own_placement

NOUN = ("service", "services")
REVIEWS = {"past": "past review", "soon": "within four weeks", "later": "later"}
NUMBERS = ("No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine")
SORTS = {"review": "review_on", "weekly": "weekly_amount", "until": "ends_before", "service": "service"}
MOST = 200  # services reviewed at once


@dataclass(frozen=True)
class TickColumn(Column):
    """A box to tick in each row; nothing of it goes into a file."""

    def html(self, row: Any) -> str:
        return format_html(
            '<span class="govuk-checkboxes govuk-checkboxes--small"><span class="govuk-checkboxes__item">'
            '<input class="govuk-checkboxes__input" type="checkbox" name="line" id="line-{0}" value="{0}">'
            '<label class="govuk-label govuk-checkboxes__label" for="line-{0}">'
            '<span class="govuk-visually-hidden">Review {1}</span></label></span></span>',
            row.uuid, f"{service_name(row)} of {row.placement}",
        )  # fmt: skip


@allowed("cost-lines")
def service_list(request: HttpRequest) -> HttpResponse:
    """Every additional service that runs, the review longest past first."""
    today = timezone.localdate()
    everything = running_services(today)
    asked = ask(request.GET, _questions(everything), [])
    rows = everything
    if state := asked.answers["review"]:
        rows = by_review(rows, state, today)
    if service := asked.answers["service"]:
        rows = rows.filter(service=service)
    if provider := asked.answers["provider"]:
        rows = rows.filter(placement__provider__uuid=provider)
    if funder := asked.answers["funder"]:
        rows = paid_by(rows, funder)
    columns = _columns(today)
    sort = ordering(columns, request.GET.get("sort", ""), "review")
    if sort.removeprefix("-") in SORTS:
        rows = rows.order_by(f"{'-' if sort.startswith('-') else ''}{SORTS[sort.removeprefix('-')]}", "pk")
    rows = rows.select_related("placement__child", "placement__provider", "placement__pathway_place").prefetch_related(
        "splits"
    )
    total, shown = everything.count(), rows.count()
    sentence = FilterSentence(asked.filters, shown, total, NOUN, request.path)
    if request.GET.get("format") in FORMATS:
        return file_response(
            request, request.GET["format"], columns, list(rows), title="Additional services", sentence=sentence
        )  # fmt: skip
    may = request.user.may("change", "cost-lines")
    tick = TickColumn("tick", "Choose", value=lambda row: "", missing="")
    table = Table.for_request(
        request, [*columns, tick] if may else columns, rows, "Additional services", default_sort="review",
        caption_hidden=True, noun=NOUN, empty=_nothing(request, total), downloads=downloads(request) if shown else (),
    )  # fmt: skip
    return render(request, "contracts/services.html", {
        "table": table, "sentence": sentence, "fields": asked.fields, "any": bool(total), "may_review": may and shown,
        "answer": says_past_review(*past_review(today)) if total else "",
    })  # fmt: skip


def says_past_review(count: int, weekly: Any) -> str:
    """ "Five services are past review: £2,140 a week." """
    if not count:
        return "No service is past review."
    number = NUMBERS[count] if count < len(NUMBERS) else f"{count:,}"
    pence = weekly != round(weekly)
    return (
        f"{number} {'service is' if count == 1 else 'services are'} past review: "
        f"{wording.pounds(weekly, whole=not pence)} a week."
    )


@allowed("cost-lines", "change")
def service_review(request: HttpRequest) -> HttpResponse:
    """Several services at once: what was decided, then what will change, then it is done. The first answer changes
    nothing."""
    today = timezone.localdate()
    sent = request.POST if request.method == "POST" else request.GET
    lines = _ticked(sent.getlist("line"), today)
    if not lines:
        return render(request, "contracts/services_review.html", {"lines": [], "empty": EmptyState(
            "Choose at least one service", "Tick the services that were reviewed, then say what was decided.",
            "Back to the list", reverse("services"),
        )})  # fmt: skip
    form, says, stale = BulkReviewForm(request.POST or None), [], ""
    stood = {line.pk: (line.ends_before, line.review_on) for line in lines}
    if request.method == "POST" and form.is_valid():
        try:
            if sent.get("confirm"):
                count = _review(lines, form.cleaned_data, _versions_read(sent.getlist("read"), lines), request, today)
                messages.success(request, f"{count} {NOUN[count != 1]} reviewed.")
                return redirect("services")
            with transaction.atomic():  # tried, so that what cannot be done is said now; then undone
                _review(lines, form.cleaned_data, None, request, today)
                says = [_what_changes(line, *stood[line.pk]) for line in lines]
                transaction.set_rollback(True)
        except ValidationError as refused:
            form.add_problems(refused)
        except ChangedMeanwhile as refused:
            stale = f"Somebody else changed {service_name(refused.now)} of {refused.now.placement} meanwhile."
        lines = _ticked(sent.getlist("line"), today)
    return render(request, "contracts/services_review.html", {
        "form": form, "lines": lines, "says": says, "stale": stale,
        "table": Table(
            [replace(column, sort=None) for column in _columns(today)], lines, "Chosen", noun=NOUN, per_page=None,
            compact=True,
        ),
        "kept": [pair for pair in request.POST.lists() if pair[0] not in ("csrfmiddlewaretoken", "read", "confirm")],
        "read": [f"{line.uuid}:{line.version}" for line in lines],
    })  # fmt: skip


@allowed("cost-lines", "create")
def service_new(request: HttpRequest, uuid: UUID) -> HttpResponse:
    home = own_placement(uuid)
    today = timezone.localdate()
    lives = home.starts_on <= today and (home.ends_before is None or today < home.ends_before)
    initial = {"starts_on": today if lives else None, "funder": "social_care"}
    form = ServiceForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        given = dict(form.cleaned_data)
        funder = given.pop("funder")
        try:
            with transaction.atomic():
                line = add_cost_line(placement=home, category="additional", by=request.user, **given)
                set_funding(line=line, parts={funder: (line.weekly_amount, line.once_amount)}, by=request.user)
        except ValidationError as refused:
            form.add_problems(refused)
        else:
            messages.success(request, f"{service_name(line)} is added. {_amend_next(home)}")
            return redirect("placement", uuid=uuid)
    return _form_page(request, home, form, f"{home}: add a service", "Add a service", _span(home))


@allowed("cost-lines", "create")
def line_new(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """A core price or a discount; the agreement comes next."""
    home = own_placement(uuid)
    form = LineForm(request.POST or None, initial={"starts_on": home.starts_on, "category": "core", "unit": "week"})
    if request.method == "POST" and form.is_valid():
        try:
            line = add_cost_line(placement=home, by=request.user, **form.cleaned_data)
        except ValidationError as refused:
            form.add_problems(refused)
        else:
            messages.success(request, f"{line_label(line_as_agreed(line))}. {_amend_next(home)}")
            may = request.user.may("create", "agreements")
            return redirect("agreement-new" if may else "placement", uuid=uuid)
    return _form_page(request, home, form, f"{home}: add a price or a discount", "Add a line", _span(home))


@allowed("cost-lines", "change")
def line_end(request: HttpRequest, uuid: UUID, line: UUID) -> HttpResponse:
    """A line ended early, or gone on with at another price."""
    home = own_placement(uuid)
    found = get_object_or_404(CostLine.objects.select_related("placement"), placement=home, uuid=line)
    form = EndLineForm(request.POST or None, initial={"version": found.version, "what": "end"})
    stale = None
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            with transaction.atomic():
                _end_or_replace(found, given, request)
        except ValidationError as refused:
            form.add_problems(refused)
        except ChangedMeanwhile as refused:
            form.data = form.data.copy()
            form.data["version"] = str(refused.now.version)
            stale = [("Last day", last_day_of(refused.now.ends_before) or "none", last_day_of(given["ends_before"]))]
        else:
            messages.success(request, f"Saved. {_amend_next(home)}")
            return redirect("placement", uuid=uuid)
    return _form_page(
        request, home, form, f"{home}: end or change a price", "End or change", f"{line_label(line_as_agreed(found))}.",
        stale,
    )  # fmt: skip


def _end_or_replace(line: CostLine, given: dict[str, Any], request: HttpRequest) -> None:
    common = {"line": line, "reason": given["reason"], "by": request.user, "version": given["version"]}
    if given["what"] == "end":
        end_cost_line(ends_before=given["ends_before"], **common)
    else:
        replace_cost_line(amount=given["amount"], starts_on=given["ends_before"], **common)


def _form_page(
    request: HttpRequest, home: Placement, form: Any, heading: str, crumb: str, answer: str, stale: Any = None
) -> HttpResponse:
    return render(request, "contracts/placement_form.html", {
        "form": form, "heading": heading, "crumbs": crumbs_of(home), "crumb": crumb, "answer": answer, "stale": stale,
    })  # fmt: skip


def _span(home: Placement) -> str:
    until = f" and the child left on {wording.day(home.ends_before)}" if home.ends_before else ""
    return f"The home began on {wording.day(home.starts_on)}{until}: what is paid for it lies within."


def _amend_next(home: Placement) -> str:
    newest = newest_version(home)
    return "Amend the agreement next, so that it says so." if newest else "Make the agreement next."


def service_name(line: CostLine) -> str:
    return ", ".join(part for part in (line.get_service_display(), line.description) if part) or "Additional service"


def _questions(everything: QuerySet) -> list[Question]:
    providers = Provider.objects.filter(pk__in=everything.order_by().values("placement__provider")).order_by("name")
    return [
        Question("review", "Review", REVIEWS),
        Question("service", "Service", {key: label for key, label in codes.SERVICES.items() if key}),
        Question("provider", "Provider", {str(uuid): name for uuid, name in providers.values_list("uuid", "name")}),
        Question("funder", "Who pays", codes.FUNDERS),
    ]


def _columns(today: date) -> list[Column]:
    return [
        Column(
            "service", "Service", value=service_name, sort="service",
            link=lambda row: reverse("line-end", args=[row.placement.uuid, row.uuid]),
        ),
        Column("child", "Child", value=lambda row: str(row.placement.child),
               link=lambda row: reverse("child", args=[row.placement.child.uuid])),
        Column(
            "placement", "Placement", value=lambda row: str(row.placement),
            link=lambda row: reverse("placement", args=[row.placement.uuid]),
        ),
        Column("provider", "Provided by", value=lambda row: home_of(row.placement)),
        Column("price", "Price", value=lambda row: line_price(line_as_agreed(row))),
        Column("weekly", "A week", value=lambda row: row.weekly_amount, kind="money", unit="£", sort="weekly"),
        Column("payers", "Who pays", value=_payers),
        Column("approved", "Approved by", value=lambda row: row.approved_by),
        Column("until", "Last day", value=lambda row: last_day(row.ends_before), kind="date", sort="until",
               missing="none"),
        Column("review", "Review", value=lambda row: row.review_on, kind="date", sort="review"),
        Column("state", "State", value=lambda row: _state(row, today), kind="tag", missing=""),
    ]  # fmt: skip


def _payers(row: CostLine) -> str:
    return ", ".join(sorted(split.get_funder_display() for split in row.splits.all())) or codes.FUNDERS["social_care"]


def _state(row: CostLine, today: date) -> str:
    return "Overdue" if row.review_on is not None and row.review_on < today else ""


def _nothing(request: HttpRequest, total: int) -> EmptyState:
    if total:
        return EmptyState("No service like that", "None matches everything you asked for.", "Show all", request.path)
    return EmptyState(
        "No additional services", "What is bought on top of the core price appears here, with its review.",
        "See the placements", reverse("placements"),
    )  # fmt: skip


def _ticked(given: Sequence[str], today: date) -> list[CostLine]:
    """Running services that were named; anything else is left out."""
    ids = []
    for text in given[:MOST]:
        try:
            ids.append(UUID(text))
        except ValueError:
            continue
    rows = running_services(today).filter(uuid__in=ids)
    return list(
        rows.select_related("placement__child", "placement__provider", "placement__pathway_place").prefetch_related(
            "splits"
        )
    )


def _versions_read(read: Sequence[str], lines: list[CostLine]) -> dict[int, int]:
    """line id -> the version that was on the page ("uuid:version"); 0 where none was sent."""
    pairs = dict(text.partition(":")[::2] for text in read)
    versions = {line.pk: pairs.get(str(line.uuid), "") for line in lines}
    return {pk: int(text) if text.isdecimal() and len(text) < 9 else 0 for pk, text in versions.items()}


def _review(
    lines: list[CostLine], given: dict[str, Any], versions: dict[int, int] | None, request: HttpRequest, today: date
) -> int:
    ends = given["decision"] == "end"
    return review_services(
        lines=lines, decision=given["decision"], day=given["until"] if ends else today, reason=given["reason"],
        by=request.user, next_review_on=given["next_review_on"], until=None if ends else given["until"],
        versions=versions,
    )  # fmt: skip


def _what_changes(line: CostLine, last: date | None, review: date | None) -> str:
    """ "Therapy of Placement 3 (Child 2), £45.50 a week: the last day becomes 30 June 2026, it was 31 May 2027." """
    parts = []
    if line.ends_before != last:
        parts.append(
            f"the last day becomes {last_day_of(line.ends_before)}, it was {last_day_of(last) or 'not recorded'}"
        )
    if line.review_on != review:
        was = wording.day(review) if review else "not recorded"
        parts.append(f"the next review is on {wording.day(line.review_on)}, it was {was}")
    named = f"{service_name(line)} of {line.placement} ({line.placement.child})"
    return f"{named}, {wording.pounds(line.weekly_amount)} a week: {'; '.join(parts) or 'nothing but the reason'}."
