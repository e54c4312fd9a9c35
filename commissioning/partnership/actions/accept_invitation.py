"""Accepting an invitation: the person names themselves, chooses a password, and has an account."""

from datetime import datetime

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from commissioning.kernel.tenancy.viewer import acting_as, current_viewer

from ..models import Invitation, User
from .make_key import digest


class InvitationOver(Exception):
    """The link was used, withdrawn or has expired; or there never was such a link."""


def open_invitation(secret: str, at: datetime) -> Invitation:
    """The invitation that the link's secret opens at `at`; InvitationOver where there is none."""
    found = Invitation.objects.filter(
        digest=digest(secret), accepted_at=None, withdrawn_at=None, expires_at__gt=at
    ).first()
    if found is None:
        raise InvitationOver
    return found


def accept_invitation(*, secret: str, name: str, password: str, at: datetime) -> User:
    """Makes the account. Two clicks at once make one: the second raises InvitationOver.

    ValidationError as {"name": ..., "password": ...} where either will not do.
    """
    with acting_as(current_viewer(), by="service:invitation", reason="accepted an invitation"):
        invitation = open_invitation(secret, at)
        Invitation.objects.select_for_update().get(pk=invitation.pk)
        invitation = open_invitation(secret, at)
        user = User(
            email=invitation.email,
            name=" ".join(name.split()),
            role=invitation.role,
            authority_id=invitation.authority_id,
            provider_id=invitation.provider_id,
        )
        _refuse(user, password)
        user.set_password(password)
        try:
            with transaction.atomic():
                user.save()
        except IntegrityError:
            raise InvitationOver from None  # the address has had an account since the invitation was sent
        invitation.accepted_at = at
        invitation.save(update_fields=["accepted_at"])
        return user


def _refuse(user: User, password: str) -> None:
    problems: dict[str, list[str]] = {}
    if not user.name:
        problems["name"] = ["Enter your name, as colleagues know you."]
    try:
        validate_password(password, user)
    except ValidationError as weak:
        problems["password"] = weak.messages
    if problems:
        raise ValidationError(problems)
