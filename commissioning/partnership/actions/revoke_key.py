"""Revoking a key: from that moment it opens nothing."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction

from ..models import ApiKey, User
from .make_key import ADMINISTRATOR


@transaction.atomic
def revoke_key(*, key: ApiKey, at: datetime, by: User) -> ApiKey:
    """ValidationError where the key is another authority's, or another person's and `by` is no administrator, or where
    it is revoked already."""
    key = ApiKey.objects.select_for_update().get(pk=key.pk)
    if key.authority_id != by.authority_id:
        raise ValidationError("Only an administrator of the key's own authority can revoke it.")
    if by.role != ADMINISTRATOR and key.made_by_id != by.pk:
        raise ValidationError("Only an administrator, or whoever made the key, can revoke it.")
    if key.revoked_at is not None:
        raise ValidationError(f"The key {key.name} was revoked before. Nothing has changed.")
    key.revoked_at = at
    key.save(update_fields=["revoked_at"])
    return key
