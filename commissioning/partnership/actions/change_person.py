"""Changing a person's role, switching an account off or on, removing a lost second factor."""

from datetime import datetime

from allauth.mfa.models import Authenticator
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now

from ..models import Invitation, User
from ..rules.roles import AUTHORITY_ROLES, ROLES

ADMINISTRATORS = ("authority_administrator", "partnership_administrator")


@transaction.atomic
def change_role(*, person: User, role: str, by: User) -> User:
    """Another role in the same authority; the open invitations of one who is no administrator now are withdrawn.

    ValidationError where `by` may not, or no administrator would be left.
    """
    person = _held(person, by)
    if person.authority_id is None or role not in AUTHORITY_ROLES:
        raise ValidationError(f"{person.email} cannot be given that role: it belongs to another kind of organisation.")
    if person.role == "authority_administrator" and role != person.role:
        _refuse_last(person)
        _withdraw_invitations(person, Now())
    person.role = role
    person.save(update_fields=["role"])
    return person


@transaction.atomic
def switch_off(*, person: User, at: datetime, by: User) -> User:
    """The account signs in no more; its sessions end with their next request; its open invitations are withdrawn."""
    person = _held(person, by)
    if person.role in ADMINISTRATORS:
        _refuse_last(person)
    person.is_active = False
    person.save(update_fields=["is_active"])
    _withdraw_invitations(person, at)
    return person


@transaction.atomic
def switch_on(*, person: User, by: User) -> User:
    person = _held(person, by)
    person.is_active = True
    person.save(update_fields=["is_active"])
    return person


@transaction.atomic
def remove_second_factor(*, person: User, by: User) -> User:
    """For somebody who has lost phone and recovery codes: the next sign-in needs the password alone."""
    person = _held(person, by)
    Authenticator.objects.filter(user=person).delete()
    return person


def _withdraw_invitations(person: User, at: datetime | Now) -> None:
    Invitation.objects.filter(invited_by=person, accepted_at=None, withdrawn_at=None).update(withdrawn_at=at)


def _held(person: User, by: User) -> User:
    """The person's row, locked with `by` and every administrator of the same body, so that two cannot remove each
    other. What `by` may do is asked of the locked row: somebody may have changed it since the request began."""
    if by.pk == person.pk:
        raise ValidationError("You cannot change your own account here. Ask another administrator.")
    same = Q(authority_id=person.authority_id, provider_id=person.provider_id) | Q(pk=by.pk)
    rows = {row.pk: row for row in User.objects.filter(same).select_for_update(of=("self",)).order_by("pk")}
    now = rows[by.pk]
    if not now.is_active:
        raise ValidationError("Your own account has just been switched off.")
    if now.role not in ADMINISTRATORS or (
        now.role == "authority_administrator" and now.authority_id != person.authority_id
    ):
        raise ValidationError("Only an administrator of the same authority, or of the partnership, can do this.")
    return rows[person.pk]


def _refuse_last(person: User) -> None:
    others = User.objects.filter(
        role=person.role, authority_id=person.authority_id, provider_id=person.provider_id, is_active=True
    ).exclude(pk=person.pk)
    if person.is_active and not others.exists():
        label = ROLES[person.role].label.lower()
        raise ValidationError(
            f"{person.email} is the last {label} of {person.body_name}. Make somebody else {label} first."
        )
