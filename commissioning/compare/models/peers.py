"""Groups of authorities that figures are shown for, beside the whole partnership."""

from django.db import models

from commissioning.kernel.models import Fact, VisibleManager
from commissioning.kernel.tenancy.visibility import Partnership


class PeerGroup(Fact):
    """Authorities that somebody compares with. A release says of each group whether its figures may be told apart
    from the rest of the partnership's; a group of few, or one that leaves few outside it, never may."""

    visibility = Partnership(writer="owner", owner="authority_id")
    contributes = True

    name = models.TextField()
    authority = models.ForeignKey("partnership.Authority", on_delete=models.PROTECT, related_name="peer_groups")

    objects = VisibleManager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["authority", "name"], name="peer_group_name_once")]

    def __str__(self) -> str:
        return self.name


class PeerMember(Fact):
    """One authority of a group."""

    visibility = Partnership(writer="owner", owner="authority_id")
    contributes = True
    composite_keys = ((("authority_id", "group_id"), "compare_peergroup", ("authority_id", "id")),)

    group = models.ForeignKey(PeerGroup, on_delete=models.CASCADE, db_constraint=False, related_name="members")
    authority = models.ForeignKey("partnership.Authority", on_delete=models.PROTECT, related_name="+")  # whose group
    member = models.ForeignKey("partnership.Authority", on_delete=models.PROTECT, related_name="+")

    objects = VisibleManager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["group", "member"], name="peer_member_once")]
