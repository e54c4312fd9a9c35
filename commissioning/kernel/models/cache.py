"""The table behind Django's database cache: counts of sign-in attempts, shared by every worker. No fact is here."""

from django.db import models

from ..tenancy.visibility import System


class CacheEntry(models.Model):
    visibility = System()

    cache_key = models.CharField(max_length=255, primary_key=True)
    value = models.TextField()
    expires = models.DateTimeField(db_index=True)
