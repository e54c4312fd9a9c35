"""Who has children where, as every member may know it."""

from django.db import models

from commissioning.kernel.models import Fact, VisibleManager
from commissioning.kernel.tenancy.visibility import Partnership

from ..rules import codes


class Presence(Fact):
    """That an authority has children living at a home now, in a band of how many: derived from its own placements
    (actions/presence.py). The numbers themselves stay its own."""

    visibility = Partnership(writer="owner", owner="authority_id")

    authority = models.ForeignKey("partnership.Authority", on_delete=models.PROTECT, related_name="+")
    establishment = models.ForeignKey("providers.Establishment", on_delete=models.CASCADE, related_name="presences")
    premises = models.ForeignKey(
        "providers.Premises", on_delete=models.CASCADE, null=True, blank=True, related_name="presences"
    )
    band = models.TextField(choices=codes.PRESENCE_BANDS)

    objects = VisibleManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["authority", "establishment", "premises"], nulls_distinct=False, name="presence_once"
            )
        ]
