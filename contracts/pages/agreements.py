"""An Individual Placement Agreement: its versions read, printed, made and amended."""

from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from commissioning.kernel import wording
from commissioning.kernel.money import round_half_up
from commissioning.kernel.pages.allowed import allowed
from commissioning.kernel.tables import Column, EmptyState, Table
from commissioning.partnership.models import Statement

from ..actions.agreements import (
    FOSTERED,
    STATEMENTS,
    STAYING_PUT_FROM,
    AgreedMeanwhile,
    agree,
    line_as_agreed,
    newest_version,
    outcomes_named,
    weekly_total,
)
from ..agreement_pdf import agreement_pdf
from ..forms_agreements import AgreementForm
from ..models import AgreementVersion, CostLine, Outcome, Placement
from .agreement_words import line_label, sections, what_changed
from .placement import crumbs_of
from .who import own_placement

AGAIN = ("notice_days", "provider_signatory", "authority_signatory", "included", "included_note",
         "staying_put_terms", "staying_put_absence")  # fmt: skip


@allowed("agreements")
def agreement(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The newest version, and the list of them all."""
    home = own_placement(uuid)
    versions = _versions(home)
    if not versions:
        may = request.user.may("create", "agreements")
        empty = EmptyState(
            "No agreement yet", "What is agreed with the provider for this home appears here, version by version.",
            "Make the agreement" if may else "", reverse("agreement-new", args=[uuid]) if may else "",
        )  # fmt: skip
        return render(request, "contracts/agreement.html", {
            "home": home, "crumbs": crumbs_of(home), "crumb": "Agreement", "empty": empty,
            "heading": f"Agreement for the home of {home.child}",
        })  # fmt: skip
    return _version_page(request, home, versions, versions[0])


@allowed("agreements")
def agreement_version(request: HttpRequest, uuid: UUID, number: int) -> HttpResponse:
    home = own_placement(uuid)
    versions = _versions(home)
    return _version_page(request, home, versions, _numbered(versions, number))


@allowed("agreements")
def agreement_printed(request: HttpRequest, uuid: UUID, number: int) -> HttpResponse:
    """The version to print and sign. No name, no date of birth and no reference of the child is in it."""
    home = own_placement(uuid)
    versions = _versions(home)
    version = _numbered(versions, number)
    printed = agreement_pdf(version, _before(versions, version))
    name = f"agreement-{home.authority.slug}-placement-{home.number}-version-{number}.pdf"
    return HttpResponse(
        printed, content_type="application/pdf", headers={"Content-Disposition": f'inline; filename="{name}"'}
    )


@allowed("agreements", "create")
def agreement_new(request: HttpRequest, uuid: UUID) -> HttpResponse:
    home = own_placement(uuid)
    if request.method != "POST" and newest_version(home) is not None:
        return redirect("agreement-amend", uuid=uuid)
    return _agree(request, home)


@allowed("agreements", "create")
def agreement_amend(request: HttpRequest, uuid: UUID) -> HttpResponse:
    home = own_placement(uuid)
    if request.method != "POST" and newest_version(home) is None:
        return redirect("agreement-new", uuid=uuid)
    return _agree(request, home)


def _agree(request: HttpRequest, home: Placement) -> HttpResponse:
    """The form of the next version. Whoever is second sees what the first changed, and keeps what was typed."""
    today, posted, stale = timezone.localdate(), None, None
    before = newest_version(home)
    if request.method == "POST":
        posted = request.POST.copy()
        stale = _overtaken(home, posted, before)
    form = _form(home, before, posted, today)
    if posted is not None and stale is None and form.is_valid():
        try:
            version = _save(request, home, form, today)
        except ValidationError as refused:
            form.add_problems(refused)
        except AgreedMeanwhile as refused:
            before = refused.now
            stale = _overtaken(home, posted, before)
            form = _form(home, before, posted, today)
        else:
            messages.success(request, f"Version {version.number} of the agreement is made. It can no longer change.")
            return redirect("agreement-version", uuid=home.uuid, number=version.number)
    return render(request, "contracts/agreement_form.html", {
        "form": form, "home": home, "crumbs": crumbs_of(home), "stale": stale, "before": before,
        "crumb": "Amend the agreement" if before else "Make the agreement",
        "heading": f"{'Amend' if before else 'Make'} the agreement for the home of {home.child}",
        "no_lines": not CostLine.objects.filter(placement=home).exists(),
    })  # fmt: skip


def _save(request: HttpRequest, home: Placement, form: AgreementForm, today: date) -> AgreementVersion:
    given = dict(form.cleaned_data)
    chosen = CostLine.objects.filter(placement=home, uuid__in=given.pop("lines", [])).order_by("starts_on", "pk")
    kept = outcomes_named(home, [UUID(each) for each in given.pop("kept", [])])
    return agree(placement=home, lines=chosen, kept=kept, by=request.user, today=today, **given)


def _overtaken(home: Placement, posted: Any, before: AgreementVersion | None) -> list[tuple[str, str, str]] | None:
    """What was changed since the form was shown: (what, before, now); None where nothing was. `posted` then follows
    the newest version, and keeps the outcomes that it added."""
    read = posted.get("base", "")
    number = int(read) if read.isdecimal() and len(read) < 9 else 0
    if before is None or number == before.number:
        return None
    posted["base"] = str(before.number)
    was = AgreementVersion.objects.filter(placement=home, number=number).first()
    known = {row["id"] for row in was.outcomes} if was else set()
    kept = posted.getlist("kept")
    posted.setlist("kept", [*kept, *(row["id"] for row in before.outcomes if row["id"] not in {*known, *kept})])
    return what_changed(was or AgreementVersion(), before)


def _form(home: Placement, before: AgreementVersion | None, posted: Any, today: date) -> AgreementForm:
    since = before.starts_on if before else home.starts_on
    lines = [
        line
        for line in CostLine.objects.filter(placement=home).order_by("starts_on", "pk")
        if line.ends_before is None or line.ends_before > since
    ]
    age = home.child.age_on(today)
    statements = Statement.objects.filter(statement_set__code=STATEMENTS).order_by("number")
    return AgreementForm(
        posted,
        lines=[(str(line.uuid), line_label(line_as_agreed(line))) for line in lines],
        statements=[(str(each.number), str(each)) for each in statements],
        going_on=[(str(each.uuid), each.sought) for each in _going_on(home)] if before else (),
        amends=before is not None,
        fostered=home.service_type in FOSTERED and (age is None or age >= STAYING_PUT_FROM - 1),
        initial=_initial(home, before, lines, today),
    )


def _initial(home: Placement, before: AgreementVersion | None, lines: list[CostLine], today: date) -> dict[str, Any]:
    starts_on = max(home.starts_on, min(today, home.ends_before or today)) if before else home.starts_on
    running = [line for line in lines if line.starts_on <= starts_on and (line.ends_before or date.max) > starts_on]
    initial: dict[str, Any] = {
        "base": before.number if before else 0, "agreed_on": today, "starts_on": starts_on,
        "planned_end_on": home.planned_end_on, "lines": [str(line.uuid) for line in running],
        "price_agreed": round_half_up(weekly_total(running)) if running else None,
    }  # fmt: skip
    if before:
        initial |= {name: getattr(before, name) for name in AGAIN}
        initial |= {"kept": [str(each.uuid) for each in _going_on(home)], "planned_end_on": before.planned_end_on}
    return initial


def _going_on(home: Placement) -> list[Outcome]:
    return list(Outcome.objects.filter(placement=home, dropped_on=None).order_by("pk"))


def _versions(home: Placement) -> list[AgreementVersion]:
    rows = AgreementVersion.objects.filter(placement=home).select_related(
        "authority", "placement__child", "placement__provider", "placement__establishment", "placement__premises",
        "placement__pathway_place",
    )  # fmt: skip
    return list(rows.order_by("-number"))


def _numbered(versions: list[AgreementVersion], number: int) -> AgreementVersion:
    found = next((each for each in versions if each.number == number), None)
    if found is None:
        raise Http404("This agreement has no such version.")
    return found


def _before(versions: list[AgreementVersion], version: AgreementVersion) -> AgreementVersion | None:
    return next((each for each in versions if each.number == version.number - 1), None)


def _version_page(
    request: HttpRequest, home: Placement, versions: list[AgreementVersion], version: AgreementVersion
) -> HttpResponse:
    before = _before(versions, version)
    newest = versions[0]
    shown = [
        (
            section,
            Table(
                section.columns, section.rows, section.heading, noun=section.noun, per_page=None,
                empty=EmptyState(section.heading, section.nothing), compact=True,
            ) if section.columns else None,
        )
        for section in sections(version)
    ]  # fmt: skip
    return render(request, "contracts/agreement.html", {
        "home": home, "version": version, "newest": newest, "before": before, "sections": shown,
        "changes": _changes_table(before, version) if before else None,
        "versions": Table(
            _version_columns(home), versions, "Versions", noun=("version", "versions"), per_page=None, compact=True
        ),
        "heading": f"Agreement for the home of {home.child}, version {version.number}",
        "answer": _answer(version), "crumbs": crumbs_of(home), "crumb": "Agreement",
        "may_amend": version is newest and request.user.may("create", "agreements"),
        "amend": reverse("agreement-amend", args=[home.uuid]),
        "printed": reverse("agreement-pdf", args=[home.uuid, version.number]),
    })  # fmt: skip


def _changes_table(before: AgreementVersion, version: AgreementVersion) -> Table:
    columns = [
        Column("what", "What", value=lambda row: row[0]),
        Column("before", "Before", value=lambda row: row[1]),
        Column("now", "Now", value=lambda row: row[2]),
    ]
    nothing = EmptyState("Nothing else changed", "Dates, price, lines, payers and outcomes are as they were.")
    return Table(
        columns, what_changed(before, version), f"What changed from version {before.number}", compact=True,
        per_page=None, empty=nothing, noun=("change", "changes"),
    )  # fmt: skip


def _version_columns(home: Placement) -> list[Column]:
    return [
        Column(
            "number", "Version", value=lambda row: f"Version {row.number}",
            link=lambda row: reverse("agreement-version", args=[home.uuid, row.number]),
        ),
        Column("agreed_on", "Agreed on", kind="date"),
        Column("starts_on", "Applies from", kind="date"),
        Column("price_agreed", "Price agreed", kind="money", unit="£ a week"),
        Column("changes", "Why", missing="The first"),
    ]  # fmt: skip


def _answer(version: AgreementVersion) -> str:
    """ "£4,450.00 a week from 2 June 2025: £150.00 less than the provider asked." """
    said = f"{wording.pounds(version.price_agreed)} a week from {wording.day(version.starts_on)}"
    if version.price_asked is None:
        return f"{said}. What the provider asked is not recorded."
    apart = version.price_asked - version.price_agreed
    if not apart:
        return f"{said}, as the provider asked."
    return f"{said}: {wording.pounds(abs(apart))} {'less' if apart > 0 else 'more'} than the provider asked."
