"""One concern: what was raised, who may read it, our own notes, and what came of it."""

from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone

from commissioning.kernel import wording
from commissioning.kernel.audit.history import history_of
from commissioning.kernel.pages.allowed import allowed
from commissioning.partnership.models import Authority
from providers.models import Establishment, Provider
from providers.pages.saving import saved

from ..actions.alerts import recipients
from ..actions.concerns import add_note, close_concern, mark_concern, raise_concern
from ..forms_concerns import CloseForm, ConcernForm, MarkForm, NoteForm
from ..models import Concern, ConcernNote
from .concerns import called

DANGER = "If a child is in danger now, call 999 first."


def safeguarding_says(authority: Authority) -> str:
    """Who is told at once, before anybody chooses it."""
    people = recipients(authority.pk, "safeguarding")
    told = ", ".join(people) if people else "nobody yet, as your authority has named nobody"
    return (
        f"Safeguarding now is told at once by e-mail to your safeguarding lead ({told}) and to that of every authority "
        f"with children at the home; the e-mail holds none of your words. {DANGER}"
    )


def found_concern(uuid: UUID) -> Concern:
    rows = Concern.objects.select_related("authority", "provider", "establishment", "about", "recorded_by")
    return get_object_or_404(rows, uuid=uuid)


def _own(request: HttpRequest, uuid: UUID) -> Concern:
    row = found_concern(uuid)
    if row.authority_id != request.user.authority_id:
        raise PermissionDenied("Only the authority that recorded a concern changes it.")
    return row


@allowed("concerns")
def concern(request: HttpRequest, uuid: UUID) -> HttpResponse:
    row, mine = found_concern(uuid), request.user.authority_id
    own = row.authority_id == mine
    return render(request, "quality/concern.html", {
        "row": row, "called": called(row, mine), "own": own, "answer": _answer(row), "facts": _facts(row),
        "notes": ConcernNote.objects.filter(concern=row).select_related("noted_by").order_by("noted_at", "pk"),
        "may_change": own and request.user.may("change", "concerns"),
        "may_mark": own and row.marking == "placing" and request.user.may("change", "concerns"),
        "said": row.answers.first() if own and request.user.may("read", "unsafe-answers") else None,
        "history": history_of(Concern, row_uuid=row.uuid) if own else None,
    })  # fmt: skip


def _answer(row: Concern) -> str:
    where = row.establishment.shown_name if row.establishment_id else row.provider.name
    said = f"{row.get_theme_display()} at {where}: raised on {wording.day(row.raised_on)} by "
    said += f"{row.get_source_display()[0].lower()}{row.get_source_display()[1:]}"
    if row.closed_on:
        days = (row.closed_on - row.raised_on).days
        return f"{said}, closed on {wording.day(row.closed_on)} after {days:,} {'day' if days == 1 else 'days'}."
    return f"{said}, still open."


def _facts(row: Concern) -> list[tuple[str, Any]]:
    return [
        ("What it is", row.words),
        ("Who reads it", _readers(row)),
        ("Provider", row.provider.name),
        ("Home", row.establishment.shown_name if row.establishment_id else "The provider as a whole"),
        ("Theme", row.get_theme_display()),
        ("Raised by", row.get_source_display()),
        ("Recorded by", f"{row.recorded_by.name}, {row.authority.name}" if row.recorded_by_id else row.authority.name),
        ("What came of it", row.outcome or "Still open"),
    ]


def _readers(row: Concern) -> str:
    also = f", and {row.about.name}, whose child it is about" if row.about_id else ""
    if row.to_members:
        return "Every member authority"
    if row.marking == "safeguarding":
        return f"{row.authority.name}{also}. Everybody with children there was told at once that it was raised"
    return f"{row.authority.name} alone" if not also else f"{row.authority.name}{also}"


@allowed("concerns", "create")
def concern_new(request: HttpRequest) -> HttpResponse:
    authority = request.user.authority
    form = ConcernForm(
        request.POST or None, authority=authority, says=safeguarding_says(authority),
        initial={"raised_on": timezone.localdate(), **_named(request)},
    )  # fmt: skip

    def save() -> tuple[str, str]:
        given = dict(form.cleaned_data)
        home = given.pop("home")
        made = raise_concern(authority=authority, establishment=home, by=request.user, now=timezone.now(), **given)
        told = {
            "shareable": "Every member reads it.", "placing": "Your authority alone reads it.",
            "safeguarding": "Everybody with children there is told now.",
        }[made.marking]  # fmt: skip
        return f"{called(made, authority.pk)} is recorded. {told}", reverse("concern", args=[made.uuid])

    return saved(
        request, form, save, heading="Record a concern or a complaint", crumb="Record", crumbs=_crumbs(),
        answer="Write nothing about a child in the words that may be shared: there is a place for it that only your "
        "authority reads.",
    )  # fmt: skip


def _named(request: HttpRequest) -> dict[str, str]:
    """The home or provider whose page led here."""
    found: dict[str, str] = {}
    for name, model, column in (("home", Establishment, "urn"), ("provider", Provider, "name")):
        try:
            row = model.objects.filter(uuid=UUID(request.GET.get(name, ""))).first()
        except ValueError:
            continue
        if row is not None:
            found[name] = getattr(row, column)
    return found


@allowed("concerns", "change")
def concern_note(request: HttpRequest, uuid: UUID) -> HttpResponse:
    row = _own(request, uuid)
    form = NoteForm(request.POST or None)

    def save() -> tuple[str, str]:
        add_note(concern=row, by=request.user, now=timezone.now(), **form.cleaned_data)
        return "The note is added. Nobody outside your authority reads it.", reverse("concern", args=[uuid])

    return saved(request, form, save, heading=f"{called(row, row.authority_id)}: add a note", crumb="Note",
                 crumbs=_of(row), answer=_answer(row))  # fmt: skip


@allowed("concerns", "change")
def concern_mark(request: HttpRequest, uuid: UUID) -> HttpResponse:
    row = _own(request, uuid)
    form = MarkForm(
        request.POST or None, says=safeguarding_says(request.user.authority), initial={"version": row.version}
    )

    def save() -> tuple[str, str]:
        mark_concern(concern=row, by=request.user, **form.cleaned_data)
        return f"{called(row, row.authority_id)} is marked.", reverse("concern", args=[uuid])

    return saved(
        request, form, save, heading=f"{called(row, row.authority_id)}: who may read it", crumb="Who may read it",
        crumbs=_of(row),
        answer=f"Others would read these words: “{row.words}” Check that nothing in them is about a child. This cannot "
        "be taken back.",
    )  # fmt: skip


@allowed("concerns", "change")
def concern_close(request: HttpRequest, uuid: UUID) -> HttpResponse:
    row = _own(request, uuid)
    form = CloseForm(request.POST or None, initial={"version": row.version, "closed_on": timezone.localdate()})

    def save() -> tuple[str, str]:
        close_concern(concern=row, by=request.user, today=timezone.localdate(), **form.cleaned_data)
        return f"{called(row, row.authority_id)} is closed.", reverse("concern", args=[uuid])

    return saved(request, form, save, heading=f"{called(row, row.authority_id)}: close it", crumb="Close",
                 crumbs=_of(row), answer=_answer(row))  # fmt: skip


def _crumbs() -> list[tuple[str, str]]:
    return [("Concerns", reverse("concerns"))]


def _of(row: Concern) -> list[tuple[str, str]]:
    return [*_crumbs(), (called(row, row.authority_id), reverse("concern", args=[row.uuid]))]
