"""Who in an authority is told at once."""

from django.db import models

from commissioning.kernel.models import Fact, VisibleManager
from commissioning.kernel.tenancy.visibility import Own

from ..rules.codes import NAMED_ROLES


class NamedRole(Fact):
    """The person, or the watched inbox, that an authority has named for something that cannot wait."""

    visibility = Own("authority_id")

    authority = models.ForeignKey("Authority", on_delete=models.PROTECT, related_name="+")
    role = models.TextField(choices=NAMED_ROLES)
    name = models.TextField()
    email = models.EmailField()

    objects = VisibleManager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["authority", "role", "email"], name="named_role_once")]
