"""Rows that belong to one authority's work with a provider, and become others' to read as that work goes on."""

from django.db import models

from commissioning.kernel.models import Fact, VisibleManager
from commissioning.kernel.tenancy.visibility import Staged


class StagedFact(Fact):
    """A row of one authority about one provider. The two flags say who else reads it; actions set them, and they
    move one way."""

    visibility = Staged()

    authority = models.ForeignKey("partnership.Authority", on_delete=models.PROTECT, related_name="+")
    provider = models.ForeignKey("providers.Provider", on_delete=models.PROTECT, related_name="%(class)ss")
    to_provider = models.BooleanField(default=False)
    to_members = models.BooleanField(default=False)

    objects = VisibleManager()

    class Meta:
        abstract = True


def of_same_work(column: str, table: str) -> tuple[tuple[str, str, str], str, tuple[str, str, str]]:
    """The composite key by which a row points only at rows of its own authority and provider."""
    return (("authority_id", "provider_id", column), table, ("authority_id", "provider_id", "id"))
