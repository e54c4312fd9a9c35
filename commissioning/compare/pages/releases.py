"""Releases: all of them, one with its audit, and the steps by which it is made, approved, published and withdrawn."""

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from commissioning.kernel import wording
from commissioning.kernel.pages.allowed import allowed
from commissioning.kernel.pages.downloads import FORMATS, downloads, file_response
from commissioning.kernel.tables import Column, EmptyState, Table

from ..actions.releases import (
    STALLED_AFTER,
    approve_release,
    build_again,
    publish_release,
    request_release,
    withdraw_release,
)
from ..forms import CorrectionForm, ReleaseForm, WithdrawForm
from ..jobs import hand_over
from ..models import PeerGroup, PublishedFigure, Release, ReleaseState
from ..rules.catalogue import POPULATIONS
from ..rules.disclosure import REASONS, SIGNS, as_kept

NOUN = ("release", "releases")
ASK = ("Ask for a release", "/benchmarks/releases/new/")


@allowed("releases")
def releases(request: HttpRequest) -> HttpResponse:
    rows = Release.objects.select_related("requested_by", "approved_by").order_by("-as_at", "-number")
    columns = _columns()
    if request.GET.get("format") in FORMATS:
        return file_response(request, request.GET["format"], columns, list(rows), title="Releases")
    may_ask = request.user.may("create", "releases")
    why = "Figures of the whole partnership are shown from releases: built each quarter, approved by a second person."
    return render(request, "compare/releases.html", {
        "table": Table.for_request(
            request, columns, rows, "Releases", caption_hidden=True, noun=NOUN, downloads=downloads(request),
            empty=EmptyState("No release yet", why, *(ASK if may_ask else ())),
        ),
        "may_ask": may_ask, "answer": _answer(list(rows[:50])),
    })  # fmt: skip


def _answer(rows: list[Release]) -> str:
    newest = next((row for row in rows if row.state == ReleaseState.PUBLISHED), None)
    waiting = [row for row in rows if row.state in (ReleaseState.BUILT, ReleaseState.APPROVED)]
    said = (
        f"The newest figures are of the twelve months to {wording.day(newest.as_at)} ({newest})."
        if newest
        else "Nothing is published yet."
    )
    if waiting:
        said += f" {len(waiting)} {'waits' if len(waiting) == 1 else 'wait'} for somebody to look and decide."
    return said


def _columns() -> list[Column]:
    return [
        Column("number", "Release", value=str, link=lambda row: reverse("release", args=[row.uuid])),
        Column("as_at", "Twelve months to", kind="date"),
        Column("state", "State", value=lambda row: row.get_state_display(), kind="tag"),
        Column("requested_by", "Asked for by", value=lambda row: str(row.requested_by)),
        Column("approved_by", "Approved by", value=lambda row: row.approved_by and str(row.approved_by),
               missing="nobody yet"),
        Column("published_at", "Published", kind="instant", missing="not published"),
        Column("note", "Note", missing=""),
    ]  # fmt: skip


@allowed("releases")
def release(request: HttpRequest, uuid: UUID) -> HttpResponse:
    found = _found(uuid)
    figures = PublishedFigure.objects.filter(release=found)
    counts = _counts(found)
    user = request.user
    built = found.state in (ReleaseState.BUILT, ReleaseState.APPROVED, ReleaseState.PUBLISHED, ReleaseState.WITHDRAWN)
    return render(request, "compare/release.html", {
        "release": found, "progress": _progress(found), "stuck": _stuck(found),
        "steps": _steps(found), "built": built and bool(found.report), "populations": counts,
        "figures": figures.count() if built else 0, "held": found.report.get("held", 0),
        "groups": _groups(found), "rules": _rules(found), "signs": SIGNS,
        "may_approve": found.state == ReleaseState.BUILT and user.may("approve", "releases"),
        "is_own": found.requested_by_id == user.pk,
        "may_publish": found.state == ReleaseState.APPROVED and user.may("change", "releases"),
        "may_withdraw": not found.is_in_progress and found.state not in (ReleaseState.WITHDRAWN, ReleaseState.FAILED)
        and user.may("change", "releases"),
        "may_correct": found.state == ReleaseState.PUBLISHED and user.may("create", "releases"),
        "may_build": (found.state == ReleaseState.FAILED or _stuck(found)) and user.may("change", "releases"),
        "corrections": list(found.corrections.order_by("number")),
        "history": reverse("audit-record", args=["compare_release", found.uuid]) if user.may("read", "audit") else "",
    })  # fmt: skip


@allowed("releases")
def release_progress(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The moving part of the page; when it is done, the page itself."""
    found = _found(uuid)
    response = render(request, "kernel/import_progress.html", {"progress": _progress(found)})
    if not found.is_in_progress:
        response["HX-Refresh"] = "true"
    return response


def _found(uuid: UUID) -> Release:
    return get_object_or_404(
        Release.objects.select_related("requested_by", "approved_by", "published_by", "withdrawn_by", "corrects"),
        uuid=uuid,
    )


def _progress(found: Release) -> dict[str, Any] | None:
    if not found.is_in_progress:
        return {"says": found.get_state_display(), "done": 1, "total": 1}
    return {"says": found.stage or found.get_state_display(), "done": found.done, "total": found.total}


def _stuck(found: Release) -> bool:
    return found.is_in_progress and timezone.now() - found.changed_at > STALLED_AFTER


def _steps(found: Release) -> list[tuple[str, str]]:
    """Who did what, and when."""
    rows = [("Tells of", f"twelve months to {wording.day(found.as_at)}")]
    for label, who, at in (
        ("Asked for", found.requested_by, found.requested_at),
        ("Built", None, found.built_at),
        ("Approved", found.approved_by, found.approved_at),
        ("Published", found.published_by, found.published_at),
        ("Withdrawn", found.withdrawn_by, found.withdrawn_at),
    ):
        if at is not None:
            rows.append((label, f"{wording.instant(at)}{f' by {who}' if who else ''}"))
    if found.withdrawn_why:
        rows.append(("Withdrawn because", found.withdrawn_why))
    if found.corrects:
        rows.append(("Corrects", f"{found.corrects}: {found.note}"))
    elif found.note:
        rows.append(("Note", found.note))
    return rows


def _counts(found: Release) -> Table | None:
    """The audit, population by population. Counts of cells, and nothing that tells of one."""
    told = found.report.get("populations", {})
    rows = [(words, told[name]) for name, words in POPULATIONS.items() if name in told]
    if not rows:
        return None
    columns = [
        Column("what", "Worked out from", value=lambda row: wording.capital(row[0])),
        Column("rows", "Rows", value=lambda row: row[1]["rows_to_nearest_five"], kind="number", unit="to nearest 5"),
        Column("cells", "Cells", value=lambda row: row[1]["cells"], kind="number"),
        Column("shown", "Shown", value=lambda row: row[1]["shown"], kind="number"),
        Column("why", "Withheld because", value=lambda row: _reasons(row[1]["reasons"]), missing="nothing withheld"),
        Column("tried", "Attempts", value=lambda row: row[1]["counts"]["tried"] + row[1]["amounts"]["tried"],
               kind="number"),
        Column("exact", "Recovered", value=lambda row: row[1]["counts"]["exact"] + row[1]["amounts"]["exact"],
               kind="number"),
        Column("narrowest", "Narrowest interval", value=lambda row: row[1]["counts"]["narrowest"], kind="number",
               missing="none found"),
    ]  # fmt: skip
    return Table(columns, rows, "The audit", per_page=None, noun=("population", "populations"))


def _reasons(reasons: dict[str, int]) -> str:
    return "; ".join(
        f"{REASONS.get(name, name)}: {n}" for name, n in sorted(reasons.items(), key=lambda pair: -pair[1])
    )


def _groups(found: Release) -> list[tuple[str, bool]]:
    told = found.report.get("groups", {})
    names = {str(uuid): name for uuid, name in PeerGroup.objects.values_list("uuid", "name")}
    return [(names[uuid], admitted) for uuid, admitted in told.items() if uuid in names]


def _rules(found: Release) -> list[tuple[str, str]]:
    if not found.rules:
        return []
    rules = vars(as_kept(found.rules))
    behind = f"at least {rules['other_authorities']} authorities and {rules['other_children']} children"
    band = f"a band of £{rules['mode_band']} that holds {rules['mode_children']} children"
    part = f"over {rules['largest_percent']}% of one, {rules['two_largest_percent']}% of two"
    return [
        ("Counts", f"1 to {rules['hidden_up_to']} withheld, others to the nearest {rules['nearest']}"),
        ("Behind any figure", f"{behind} besides any {rules['viewers']} authorities"),
        ("Mean and median", f"from {rules['mean_from']} children, to the nearest £{rules['pounds']}"),
        ("Quartiles", f"from {rules['quartiles_from']}; 10th and 90th percentiles from {rules['tails_from']}"),
        ("Most usual price", f"{band} of {rules['mode_authorities']} authorities"),
        ("One part too great", f"{part}, or to be estimated within {rules['p_percent']}%"),
        ("What anybody can tell of a withheld count", f"at best within {rules['width']}, or {rules['width_percent']}%"),
        ("Never shown", "the lowest and the highest of others"),
    ]


# Steps


def _there() -> dict[date, str]:
    """Quarters that have a release which stands or is under way: a second of the same is refused."""
    over = (ReleaseState.WITHDRAWN, ReleaseState.FAILED)
    rows = Release.objects.exclude(state__in=over).order_by("number")
    return {row.as_at: f"{row} is {row.get_state_display().lower()}" for row in rows}


@allowed("releases", "create")
def release_new(request: HttpRequest) -> HttpResponse:
    today = timezone.localdate()
    form = ReleaseForm(request.POST or None, today=today, there=_there())
    if request.method == "POST" and form.is_valid():
        try:
            made = request_release(by=request.user, now=timezone.now(), today=today, **form.cleaned_data)
        except ValidationError as refused:
            form.add_problems(refused)
        else:
            hand_over(made)
            return redirect("release", made.uuid)
    return render(request, "compare/release_form.html", {
        "form": form, "heading": "Ask for a release", "crumb": "Ask",
        "lede": "It is built in the background. Nothing is shown until a second person has approved it. A quarter that "
        "has a published release is corrected from the page of that release.",
    })  # fmt: skip


@allowed("releases", "create")
def release_correct(request: HttpRequest, uuid: UUID) -> HttpResponse:
    found = _found(uuid)
    form = CorrectionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = request_release(
                as_at=found.as_at, by=request.user, now=timezone.now(), today=timezone.localdate(), corrects=found,
                **form.cleaned_data,
            )  # fmt: skip
        except ValidationError as refused:
            form.add_error(None, [words for words in refused.messages])
        else:
            hand_over(made)
            return redirect("release", made.uuid)
    return render(request, "compare/release_form.html", {
        "form": form, "heading": f"Correct {found}", "crumb": "Correct", "release": found,
        "lede": f"The same twelve months are built again. {found} is withdrawn when the correction is published. A "
        "figure that it withheld stays withheld.",
    })  # fmt: skip


@allowed("releases", "change")
def release_withdraw(request: HttpRequest, uuid: UUID) -> HttpResponse:
    found = _found(uuid)
    form = WithdrawForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            withdraw_release(release=found, by=request.user, now=timezone.now(), **form.cleaned_data)
        except ValidationError as refused:
            form.add_problems(refused)
        else:
            messages.success(request, f"{found} is withdrawn.")
            return redirect("release", found.uuid)
    return render(request, "compare/release_form.html", {
        "form": form, "heading": f"Withdraw {found}", "crumb": "Withdraw", "release": found,
        "lede": "Its figures leave every page and the API. They stay on record with the reason.",
    })  # fmt: skip


@allowed("releases", "approve")
@require_POST
def release_approve(request: HttpRequest, uuid: UUID) -> HttpResponse:
    return _step(request, uuid, approve_release, "approved")


@allowed("releases", "change")
@require_POST
def release_publish(request: HttpRequest, uuid: UUID) -> HttpResponse:
    return _step(request, uuid, publish_release, "published: every member sees its figures now")


@allowed("releases", "change")
@require_POST
def release_again(request: HttpRequest, uuid: UUID) -> HttpResponse:
    answered = _step(request, uuid, build_again, "in the queue again")
    found = _found(uuid)
    if found.state == ReleaseState.REQUESTED:
        hand_over(found)
    return answered


def _step(request: HttpRequest, uuid: UUID, step: Callable[..., Release], done: str) -> HttpResponseRedirect:
    found = _found(uuid)
    try:
        step(release=found, by=request.user, now=timezone.now())
    except ValidationError as refused:
        for words in refused.messages:
            messages.error(request, words)
    else:
        messages.success(request, f"{found} is {done}.")
    return redirect("release", found.uuid)
