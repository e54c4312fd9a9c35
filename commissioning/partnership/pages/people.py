"""People: an authority administrator's own, the partnership administrator's all. Invite, change role, switch off."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.mail import send_mail
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from commissioning.kernel.pages.allowed import allowed
from commissioning.kernel.tables import Column, EmptyState, Table, ordering
from commissioning.kernel.wording import instant

from ..actions import change_person
from ..actions.invite_person import invite_person, withdraw_invitation
from ..forms_people import InviteForm, RoleForm
from ..models import Invitation, User
from ..rules.roles import ROLES
from .proof import proof_first, with_proof

BODY = Column("body", "Works for", value=lambda row: str(row.authority or row.provider or "The partnership"))
COLUMNS = (
    Column("email", "E-mail address", link=lambda person: f"/accounts/people/{person.uuid}/", sort="email"),
    Column("name", "Name", sort="name"),
    Column("role", "Role", value=lambda row: ROLES[row.role].label, sort="role"),
    Column("second_factor", "Second factor", value=lambda person: "Set up" if person.protected else "Not set up"),
    Column("last_login", "Last signed in", kind="instant", missing="never", sort="last_login"),
    Column("state", "State", kind="tag", value=lambda person: "Active" if person.is_active else "Switched off"),
)
INVITED = (
    Column("email", "E-mail address", link=lambda row: f"/accounts/people/invitations/{row.uuid}/withdraw/"),
    Column("role", "Role", value=lambda row: ROLES[row.role].label),
    Column("invited_by", "Invited by", value=lambda row: row.invited_by and row.invited_by.email),
    Column("expires_at", "Link works until", kind="instant"),
)


@allowed("people")
def people(request: HttpRequest) -> HttpResponse:
    user, everybody = request.user, request.user.role == "partnership_administrator"
    columns = (*COLUMNS[:2], BODY, *COLUMNS[2:]) if everybody else COLUMNS
    order = ordering(columns, request.GET.get("sort", ""), "email")
    rows = _people(user).order_by(order, "email")
    whose = "every authority and provider" if everybody else user.body_name
    table = Table.for_request(
        request,
        columns,
        rows,
        f"People of {whose}",
        default_sort="email",
        noun=("person", "people"),
        caption_hidden=True,
    )
    waiting = Table(
        (*INVITED[:1], BODY, *INVITED[1:]) if everybody else INVITED,
        list(_invitations(user)),
        "Invitations not yet accepted",
        noun=("invitation", "invitations"),
        empty=EmptyState("No invitation is waiting", "Somebody you invite stands here until the link is used."),
    )
    active = _people(user).filter(is_active=True).count()
    return render(
        request, "partnership/people.html", {"table": table, "waiting": waiting, "whose": whose, "active": active}
    )


@allowed("people", "create")
@never_cache
def invite(request: HttpRequest) -> HttpResponse:
    """The link is in this one answer and in the e-mail, and nowhere else."""
    now = timezone.now()
    form = InviteForm(request.POST or None, by=request.user, today=timezone.localdate(), initial=request.GET.dict())
    form = with_proof(form, request)
    if request.method == "POST" and form.is_valid():
        try:
            invitation, secret = invite_person(**form.cleaned_data, at=now, by=request.user)
        except ValidationError as problem:
            form.add_error(None, problem.messages)
        else:
            link = request.build_absolute_uri(f"/accounts/invitations/{secret}/")
            told = {"invitation": invitation, "link": link, "invited_role": ROLES[invitation.role], "by": request.user}
            _send(told | {"partnership_name": settings.PARTNERSHIP_NAME})
            return render(request, "partnership/invited.html", told)
    return render(request, "partnership/invite.html", {"form": form})


@allowed("people", "change")
def withdraw(request: HttpRequest, uuid: UUID) -> HttpResponse:
    invitation = get_object_or_404(_invitations(request.user), uuid=uuid)
    if request.method == "POST":
        withdrawn = f"The invitation of {invitation.email} is withdrawn. Its link opens nothing now."
        return _done(
            request, lambda: withdraw_invitation(invitation=invitation, at=timezone.now(), by=request.user), withdrawn
        )
    return render(
        request, "partnership/withdraw.html", {"invitation": invitation, "invited_role": ROLES[invitation.role]}
    )


@allowed("people")
def person(request: HttpRequest, uuid: UUID) -> HttpResponse:
    shown = get_object_or_404(_people(request.user), uuid=uuid)
    last = shown.last_login
    rows = [
        ("Name", shown.name),
        ("E-mail address", shown.email),
        ("Works for", shown.body_name),
        ("Role", f"{ROLES[shown.role].label}. {ROLES[shown.role].says}"),
        ("Second factor", "Set up" if shown.protected else "Not set up"),
        ("Last signed in", instant(last) if last else "never"),
    ]
    form = RoleForm(initial={"role": shown.role}) if shown.authority_id else None
    if form:
        form.helper.form_action = f"/accounts/people/{shown.uuid}/role/"
    return render(
        request, "partnership/person.html", {"person": shown, "rows": rows, "form": form, "self": shown == request.user}
    )


@allowed("people", "change")
@require_POST
def change(request: HttpRequest, uuid: UUID, what: str) -> HttpResponse:
    """`what` is one of role, off, on, second-factor. All but off hands out rights."""
    person, by = get_object_or_404(_people(request.user), uuid=uuid), request.user
    role = request.POST.get("role", "")
    jobs: dict[str, tuple[Callable[[], object], str]] = {
        "role": (
            lambda: change_person.change_role(person=person, role=role, by=by),
            f"{person.email} is now {ROLES[role].label.lower() if role in ROLES else role}.",
        ),
        "off": (
            lambda: change_person.switch_off(person=person, at=timezone.now(), by=by),
            f"{person.email} is switched off and can no longer sign in.",
        ),
        "on": (lambda: change_person.switch_on(person=person, by=by), f"{person.email} can sign in again."),
        "second-factor": (
            lambda: change_person.remove_second_factor(person=person, by=by),
            f"The second factor of {person.email} is removed. Ask them to set up a new one.",
        ),
    }
    if what not in jobs:
        raise Http404
    if what != "off" and (asks := proof_first(request, reverse("person", args=[person.uuid]))) is not None:
        return asks
    return _done(request, *jobs[what])


def _done(request: HttpRequest, job: Callable[[], object], words: str) -> HttpResponse:
    """Does it and says so, or says why not; then back to the list."""
    try:
        with transaction.atomic():
            job()
        messages.success(request, words)
    except ValidationError as problem:
        messages.error(request, " ".join(problem.messages))
    return redirect("people")


def _people(user: User) -> QuerySet[User]:
    """Those whom this administrator looks after."""
    factors = Authenticator.objects.filter(user=OuterRef("pk")).exclude(type=Authenticator.Type.RECOVERY_CODES)
    rows = User.objects.select_related("authority", "provider").annotate(protected=Exists(factors))
    return rows if user.role == "partnership_administrator" else rows.filter(authority_id=user.authority_id)


def _invitations(user: User) -> QuerySet[Invitation]:
    rows = Invitation.objects.filter(accepted_at=None, withdrawn_at=None, expires_at__gt=timezone.now())
    if user.role != "partnership_administrator":
        rows = rows.filter(authority_id=user.authority_id)
    return rows.select_related("authority", "provider", "invited_by").order_by("email")


def _send(told: dict[str, Any]) -> None:
    """After the commit, so that no link is sent that opens nothing; the page shows the link whatever the post does."""
    text = render_to_string("partnership/invitation_email.txt", told)
    subject = f"{settings.PARTNERSHIP_NAME}: you are invited"
    transaction.on_commit(
        lambda: send_mail(subject, text, settings.DEFAULT_FROM_EMAIL, [told["invitation"].email]), robust=True
    )
