"""The link by which a person's calendar reads visits and deadlines: signed, and revocable."""

import uuid
from typing import Any

from django.core import signing

from commissioning.partnership.models import User

from ..models import ReminderSetting

SALT = "quality.calendar"


def make_link(*, user: Any) -> str:
    """A new key; one made before no longer works."""
    setting = settings_of(user)
    setting.calendar = uuid.uuid4()
    setting.save(update_fields=["calendar"])
    return key_of(setting)


def revoke_link(*, user: Any) -> None:
    ReminderSetting.objects.filter(user=user).update(calendar=None)


def key_of(setting: ReminderSetting) -> str:
    """The key as the address carries it; "" where there is none."""
    return signing.Signer(salt=SALT).sign(setting.calendar.hex) if setting.calendar else ""


def settings_of(user: Any) -> ReminderSetting:
    found, _ = ReminderSetting.objects.get_or_create(user=user)
    return found


def person_of(key: str) -> User | None:
    """Whose calendar it is; None for a key that was altered or revoked, and for somebody who has left."""
    try:
        name = uuid.UUID(hex=signing.Signer(salt=SALT).unsign(key))
    except (signing.BadSignature, ValueError):
        return None
    found = ReminderSetting.objects.filter(calendar=name).select_related("user").first()
    return found.user if found and found.user.is_active else None
