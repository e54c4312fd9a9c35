"""What may be changed of a child: facts, references, care statuses, brothers and sisters; two records joined, one
split."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone

from commissioning.kernel import wording
from commissioning.kernel.pages.allowed import allowed
from commissioning.partnership.actions.leading import ChangedMeanwhile
from commissioning.partnership.pages.stale import difference

from ..actions.change_child import add_care_status, change_child, end_care_status
from ..actions.children import add_reference, group_siblings, join_children, split_child
from ..forms_children import (
    CareStatusForm,
    ChildForm,
    EndStatusForm,
    JoinForm,
    OtherChildForm,
    ReferenceForm,
    SiblingForm,
    SplitForm,
)
from ..models import CareStatus, Child, ChildReference, Placement
from .children import said_reference
from .placement_words import home_of, last_day_of
from .who import child_called, own_child

FACTS = ("sex", "ethnicity", "disabilities", "version")


@allowed("children", "change")
def child_change(request: HttpRequest, uuid: UUID) -> HttpResponse:
    found = own_child(uuid)
    initial: dict[str, Any] = {name: getattr(found, name) for name in FACTS}
    for name in ("ehcp", "unaccompanied"):
        initial[name] = "" if getattr(found, name) is None else str(getattr(found, name))
    form = ChildForm(request.POST or None, initial=initial, birth_recorded=found.birth_month is not None)
    return _saved(
        request, found, form, "Change",
        lambda: change_child(child=found, by=request.user, today=timezone.localdate(), **form.cleaned_data),
        lambda made: f"{found} is changed.",
    )  # fmt: skip


@allowed("children", "change")
def reference_new(request: HttpRequest, uuid: UUID) -> HttpResponse:
    found = own_child(uuid)
    form = ReferenceForm(request.POST or None)
    return _saved(
        request, found, form, "Add a reference",
        lambda: add_reference(
            child=found, scheme=form.cleaned_data["scheme"], reference=form.cleaned_data["case_reference"],
            by=request.user,
        ),
        lambda made: f"{found} is found by that reference from now on.",
    )  # fmt: skip


@allowed("children", "change")
def status_new(request: HttpRequest, uuid: UUID) -> HttpResponse:
    found = own_child(uuid)
    form = CareStatusForm(request.POST or None, initial={"starts_on": timezone.localdate()})
    return _saved(
        request, found, form, "Add a care status",
        lambda: add_care_status(child=found, by=request.user, **form.cleaned_data),
        lambda made: f"{found} is {made.get_status_display().lower()} from {wording.day(made.starts_on)}.",
    )  # fmt: skip


@allowed("children", "change")
def status_end(request: HttpRequest, uuid: UUID, status: UUID) -> HttpResponse:
    found = own_child(uuid)
    row = get_object_or_404(CareStatus, child=found, uuid=status)
    form = EndStatusForm(request.POST or None, initial={"version": row.version})
    words = f"{row.get_status_display()} since {wording.day(row.starts_on)}"
    return _saved(
        request, found, form, "End a care status",
        lambda: end_care_status(status=row, by=request.user, **form.cleaned_data),
        lambda made: f"{row.get_status_display()} ends on {last_day_of(form.cleaned_data['ends_before'])}.",
        answer=f"{words}.",
    )  # fmt: skip


@allowed("children", "change")
def sibling_new(request: HttpRequest, uuid: UUID) -> HttpResponse:
    found = own_child(uuid)
    form = SiblingForm(request.POST or None)

    def save() -> Any:
        other = _other(request, found, form.cleaned_data["other"])
        return group_siblings(children=[found, other], by=request.user)

    return _saved(
        request, found, form, "Add a brother or sister", save, lambda made: f"{found} is in {made} now.",
        answer="Both will stand in one sibling group, with whoever is in it already.",
    )  # fmt: skip


@allowed("children", "change")
def child_join(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """First names the other record, then shows what will move, and asks why."""
    kept = own_child(uuid)
    if "reason" in request.POST:
        form = JoinForm(request.POST)
        other = Child.objects.filter(uuid=request.POST["other"]).first() if form.is_valid() else None
        if form.is_valid() and other is None:
            messages.error(request, "That record is no longer there: somebody may have joined it already.")
            return redirect("child", uuid=kept.uuid)
        if other is not None:
            try:
                join_children(
                    kept=kept, other=other, reason=form.cleaned_data["reason"], by=request.user,
                    today=timezone.localdate(),
                )  # fmt: skip
            except ValidationError as refused:
                form.add_problems(refused)
            else:
                messages.success(request, f"{other} is part of {kept} now.")
                return redirect("child", uuid=kept.uuid)
        other = other or _named(request.POST.get("other", ""))
        return _page(request, kept, form, "Join two records", **_moving(kept, other))
    form = OtherChildForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            other = _other(request, kept, form.cleaned_data["other"])
        except ValidationError as refused:
            form.add_problems(refused)
        else:
            asked = JoinForm(initial={"other": other.uuid})
            return _page(request, kept, asked, "Join two records", **_moving(kept, other))
    return _page(
        request, kept, form, "Join two records",
        answer=f"For two records of one child. {kept} stays, and the other becomes part of it.",
    )  # fmt: skip


def _named(text: str) -> Child | None:
    try:
        return Child.objects.filter(uuid=UUID(text)).first()
    except ValueError:
        return None


def _moving(kept: Child, other: Child | None) -> dict[str, Any]:
    """What will change, shown before anybody is asked to confirm it."""
    if other is None:
        return {"answer": ""}
    facts = (
        ("References", other.references.count()),
        ("Homes", other.placements.count()),
        ("Referrals", other.referrals.count()),
        ("Care statuses", other.care_statuses.count()),
    )
    return {
        "answer": f"{other} becomes part of {kept}, and its record is removed. Facts that {kept} lacks are taken over.",
        "moves": [(f"{label} that move to {kept}", count) for label, count in facts],
    }


@allowed("children", "change")
def child_split(request: HttpRequest, uuid: UUID) -> HttpResponse:
    found = own_child(uuid)
    references = list(ChildReference.objects.filter(child=found).order_by("scheme", "pk"))
    homes = list(
        Placement.objects.filter(child=found).select_related("provider", "pathway_place").order_by("starts_on")
    )
    form = SplitForm(
        request.POST or None,
        references=[(str(row.uuid), f"{row.get_scheme_display()}: {said_reference(row, found)}") for row in references],
        homes=[(str(row.uuid), f"{row}: {home_of(row)}, from {wording.day(row.starts_on)}") for row in homes],
    )

    def save() -> Child:
        given = form.cleaned_data
        return split_child(
            child=found, references_moved=[row for row in references if str(row.uuid) in given["references"]],
            placements_moved=[row for row in homes if str(row.uuid) in given.get("placements", [])],
            reason=given["reason"], by=request.user, today=timezone.localdate(),
        )  # fmt: skip

    return _saved(
        request, found, form, "Split into two", save,
        lambda made: f"{made} has its own record now. Add what is known of that child.",
        answer=f"For two children under one record. What you choose goes to a new child; the rest stays with {found}.",
    )  # fmt: skip


def _other(request: HttpRequest, found: Child, words: str) -> Child:
    """The other child that was named. ValidationError where there is none, or it is the same."""
    other = child_called(request, words)
    if other is None:
        raise ValidationError({"other": "No child of yours has that number or reference."})
    if other.pk == found.pk:
        raise ValidationError({"other": f"That is {found} itself. Enter the other child’s."})
    return other


def _saved(
    request: HttpRequest, found: Child, form: Any, crumb: str, save: Any, says: Any, *, answer: str = ""
) -> HttpResponse:
    stale = None
    if request.method == "POST" and form.is_valid():
        try:
            made = save()
        except ValidationError as refused:
            form.add_problems(refused)
        except ChangedMeanwhile as refused:
            stale = _unshown(form, difference(form, refused))
        else:
            messages.success(request, says(made))
            return redirect("child", uuid=found.uuid)
    return _page(request, found, form, crumb, answer=answer, stale=stale)


def _unshown(form: Any, rows: list[tuple[str, str, str]]) -> list[tuple[str, str, str]]:
    """What differs, but for restricted columns: what is stored of them is not shown, and empty means as it is."""
    hidden = {str(field.label): name for name, field in form.fields.items() if name in Child.restricted}
    kept = [row for row in rows if row[0] not in hidden]
    typed = [label for label, name in hidden.items() if form.cleaned_data.get(name)]
    return [*kept, *((label, "not shown", "a new one") for label in typed)]


def _page(request: HttpRequest, found: Child, form: Any, crumb: str, **more: Any) -> HttpResponse:
    return render(request, "contracts/placement_form.html", {
        "form": form, "heading": f"{found}: {crumb[0].lower()}{crumb[1:]}", "crumb": crumb,
        "crumbs": [("Children", reverse("children")), (str(found), reverse("child", args=[found.uuid]))], **more,
    })  # fmt: skip
