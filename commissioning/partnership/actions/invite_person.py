"""Inviting a person: the only way in. The link's secret is returned once and kept only as a digest."""

import secrets
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from ..models import Authority, Invitation, User
from ..rules.roles import AUTHORITY_ROLES, PROVIDER_ROLES, ROLES
from .make_key import digest

LASTS = timedelta(days=7)


@transaction.atomic
def invite_person(
    *, email: str, role: str, authority: Authority | None = None, provider: Any = None, at: datetime, by: User
) -> tuple[Invitation, str]:
    """An invitation that lasts seven days, and its secret. An open one of the same body to the address is replaced.

    An authority administrator invites to the own authority, in an authority's role; a partnership administrator
    anybody. ValidationError, with a sentence for the person, where that does not hold or the address has an account.
    """
    email = email.strip().lower()
    _refuse_role(role, authority, provider, by)
    known = User.objects.filter(email__iexact=email).first()
    if known is not None:
        if by.role == "partnership_administrator" or known.authority_id == by.authority_id:
            raise ValidationError(f"{email} has an account already. Change its role on the People page instead.")
        raise ValidationError(f"{email} cannot be invited here. Ask the partnership administrator.")
    Invitation.objects.filter(
        email=email, authority=authority, provider=provider, accepted_at=None, withdrawn_at=None
    ).update(withdrawn_at=at)
    secret = secrets.token_urlsafe(32)
    invitation = Invitation.objects.create(
        email=email, role=role, authority=authority, provider=provider, digest=digest(secret), invited_by=by,
        expires_at=at + LASTS,
    )  # fmt: skip
    return invitation, secret


@transaction.atomic
def withdraw_invitation(*, invitation: Invitation, at: datetime, by: User) -> None:
    """The link opens nothing from now on. ValidationError where it was used, or is another authority's."""
    invitation = Invitation.objects.select_for_update().get(pk=invitation.pk)
    if by.role != "partnership_administrator" and invitation.authority_id != by.authority_id:
        raise ValidationError("Only an administrator of the authority that invites can withdraw this invitation.")
    if invitation.accepted_at is not None:
        raise ValidationError(f"{invitation.email} has accepted the invitation already. Switch the person off instead.")
    invitation.withdrawn_at = at
    invitation.save(update_fields=["withdrawn_at"])


def _refuse_role(role: str, authority: Authority | None, provider: Any, by: User) -> None:
    if role not in ROLES:
        raise ValidationError("Choose a role.")
    if by.role == "authority_administrator":
        if role not in AUTHORITY_ROLES or authority is None or authority.pk != by.authority_id:
            raise ValidationError("You can invite people to your own authority, in one of an authority's roles.")
    elif by.role != "partnership_administrator":
        raise ValidationError("Only an administrator can invite people.")
    label = ROLES[role].label
    if role in AUTHORITY_ROLES and (authority is None or provider is not None):
        raise ValidationError(f"{label} is a role in an authority: choose the authority, and no provider.")
    if role in PROVIDER_ROLES and (provider is None or authority is not None):
        raise ValidationError(f"{label} belongs to a provider: name the provider, and choose no authority.")
    if role not in (*AUTHORITY_ROLES, *PROVIDER_ROLES) and (authority is not None or provider is not None):
        raise ValidationError(f"{label} belongs to the whole partnership: choose no authority and name no provider.")
