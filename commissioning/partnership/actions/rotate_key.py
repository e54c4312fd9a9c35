"""Replacing a key by a new one of the same name and rights, with both live for a time."""

from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from commissioning.kernel.wording import day

from ..models import ApiKey
from .make_key import LONGEST_DAYS, make_key

LONGEST_BESIDE = 30  # days that the old key goes on beside the new one


@transaction.atomic
def rotate_key(*, key: ApiKey, days: int, beside: int, at: datetime, by: Any) -> tuple[ApiKey, str]:
    """A new key for `days` days with the rights of `key`, which goes on for `beside` days (0: it ends now) and never
    longer than it would have. Returns the row and the key itself, as make_key does.

    ValidationError where the key is another authority's, ended already, or replaced already, where the key that it
    replaced is still live (two at most are), and as make_key: a key that takes steps acts for whoever makes it.
    """
    key = ApiKey.objects.select_for_update(of=("self",)).select_related("authority", "replaces").get(pk=key.pk)
    if by is not None and key.authority_id != by.authority_id:
        raise ValidationError("Only somebody of the key's own authority can replace it.")
    if not is_live(key, at):
        raise ValidationError(f"The key {key.name} has ended: make a new one.")
    if ApiKey.objects.filter(replaces=key).exists():
        raise ValidationError(f"The key {key.name} is replaced already: revoke the new one first, or use it.")
    if key.replaces is not None and is_live(key.replaces, at):
        until = day(key.replaces.expires_at.date())
        raise ValidationError(f"Two keys {key.name} are live until {until}. Revoke the older one first.")
    if not 0 <= beside <= LONGEST_BESIDE:
        raise ValidationError(f"The old key goes on for {LONGEST_BESIDE} days at most.")
    made, presented = make_key(
        authority=key.authority, name=key.name, scopes=key.scopes.split(), networks=key.networks,
        days=min(days, LONGEST_DAYS), at=at, by=by,
    )  # fmt: skip
    made.replaces = key
    made.save(update_fields=["replaces"])
    key.expires_at = min(key.expires_at, at + timedelta(days=beside))
    key.save(update_fields=["expires_at"])
    return made, presented


def is_live(key: ApiKey, at: datetime) -> bool:
    return key.revoked_at is None and key.expires_at > at
