"""What each person is reminded of, how often, and the key of their calendar."""

from django.conf import settings
from django.db import models

from commissioning.kernel.tenancy.visibility import System

from ..rules.reminders import OFTEN


class ReminderSetting(models.Model):
    """One person's choices; who has none is reminded daily of everything. `calendar` is the key that the calendar's
    link is signed with: another one, or none, and the old link no longer works."""

    visibility = System()

    id = models.BigAutoField(primary_key=True)
    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    draft = models.TextField(choices=OFTEN, default="daily")
    reply = models.TextField(choices=OFTEN, default="daily")
    plan = models.TextField(choices=OFTEN, default="daily")
    action = models.TextField(choices=OFTEN, default="daily")
    revisit = models.TextField(choices=OFTEN, default="daily")
    kpis = models.TextField(choices=OFTEN, default="daily")
    meetings = models.TextField(choices=OFTEN, default="daily")
    sent_on = models.DateField(null=True, blank=True)
    calendar = models.UUIDField(null=True, blank=True)
