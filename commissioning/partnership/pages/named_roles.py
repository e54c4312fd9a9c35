"""Who is told at once: the people and inboxes that the authority has named, and who is told where it has not."""

from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from commissioning.kernel.forms import PageForm
from commissioning.kernel.pages.allowed import allowed
from commissioning.kernel.tables import Column, EmptyState, Table

from ..actions.name_role import name_role, unname_role
from ..models import NamedRole, User
from ..rules.codes import NAMED_ROLES, TOLD_INSTEAD
from ..rules.roles import ROLES
from .proof import with_proof

TOLD_OF = {
    "safeguarding": "safeguarding findings and concerns, notifiable events and changes at homes",
    "quality": "what concerns the quality of homes",
}


class NameForm(PageForm):
    button = "Name them"

    role = forms.ChoiceField(
        label="As what?", widget=forms.RadioSelect,
        choices=[(key, f"{label}: told of {TOLD_OF[key]}") for key, label in NAMED_ROLES.items()],
        error_messages={"required": "Choose what they are told of"},
    )  # fmt: skip
    name = forms.CharField(
        label="Name of the person or the inbox", max_length=120,
        widget=forms.TextInput(attrs={"class": "govuk-input--width-20", "autocomplete": "off"}),
        error_messages={"required": "Enter the name"},
    )  # fmt: skip
    email = forms.EmailField(
        label="E-mail address",
        widget=forms.EmailInput(attrs={"class": "govuk-input--width-30", "autocomplete": "off"}),
        help_text="One that is read at all hours is best. They need no account here to get the e-mail.",
        error_messages={"required": "Enter the e-mail address", "invalid": "Enter an e-mail address, such as "
                        "name@example.gov.uk"},
    )  # fmt: skip


class RemoveForm(PageForm):
    button = "Tell them no longer"


@allowed("named-roles")
def named_roles(request: HttpRequest) -> HttpResponse:
    rows = list(NamedRole.objects.order_by("role", "name"))
    may = request.user.may("change", "named-roles")
    columns = [
        Column("name", "Who"),
        Column("role", "As", value=lambda row: row.get_role_display()),
        Column("told", "Told of", value=lambda row: TOLD_OF[row.role]),
        Column("email", "E-mail address"),
    ]
    if may:
        columns.append(Column("remove", "Change", value=lambda row: "Remove",
                              link=lambda row: reverse("named-role-remove", args=[row.uuid])))  # fmt: skip
    lacking = [label for key, label in NAMED_ROLES.items() if key not in {row.role for row in rows}]
    return render(request, "partnership/named_roles.html", {
        "rows": rows, "may": may, "instead": _instead(request.user.authority_id, lacking),
        "answer": _answer(rows), "table": Table(
            columns, rows, "Named", per_page=None, caption_hidden=True, noun=("name", "names"),
            empty=EmptyState(
                "Nobody is named", "The person or inbox that is told the moment something cannot wait appears here.",
                *(("Name somebody", reverse("named-role-new")) if may else ()),
            ),
        ),
    })  # fmt: skip


def _answer(rows: list[NamedRole]) -> str:
    leads = [row.name for row in rows if row.role == "safeguarding"]
    if not leads:
        return ""
    return f"{', '.join(leads)}: told by e-mail the moment somebody says that a child may not be safe."


def _instead(authority_id: int | None, lacking: list[str]) -> str:
    """Who is told for a role that nobody is named for."""
    if not lacking:
        return ""
    people = User.objects.filter(authority=authority_id, is_active=True)
    roles = " or ".join(lacking).lower()
    for role in TOLD_INSTEAD:
        found = list(people.filter(role=role).order_by("name").values_list("name", flat=True))
        if found:
            whose = f"{ROLES[role].label.lower()}{' is' if len(found) == 1 else 's are'}"
            return f"Nobody is named as {roles}. Your {whose} told instead: {', '.join(found)}."
    return f"Nobody is named as {roles}, and you have no quality officer: nobody is told by e-mail. Name somebody now."


@allowed("named-roles", "change")
def named_role_new(request: HttpRequest) -> HttpResponse:
    form = with_proof(NameForm(request.POST or None), request)
    if request.method == "POST" and form.is_valid():
        try:
            made = name_role(authority=request.user.authority, by=request.user, **form.cleaned_data)
        except ValidationError as refused:
            form.add_problems(refused)
        else:
            messages.success(request, f"{made.name} is told from now on.")
            return redirect("named-roles")
    return _form(request, form, "Name who is told at once")


@allowed("named-roles", "change")
def named_role_remove(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Takes no right away, but silences an alarm: so it waits for the proof as well."""
    row = get_object_or_404(NamedRole, uuid=uuid)
    form = with_proof(RemoveForm(request.POST if request.method == "POST" else None), request)
    if request.method == "POST" and form.is_valid():
        unname_role(named=row, by=request.user)
        messages.success(request, f"{row.name} is told no longer.")
        return redirect("named-roles")
    return _form(request, form, f"Tell {row.name} no longer?", answer=f"{row.get_role_display()}, {row.email}.")


def _form(request: HttpRequest, form: PageForm, heading: str, answer: str = "") -> HttpResponse:
    return render(request, "partnership/named_role_form.html", {"form": form, "heading": heading, "answer": answer})
