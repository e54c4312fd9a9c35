"""Authorities: one body, its dated codes, and the bodies it replaced."""

from datetime import date

from django.db import models
from django.db.models import Q

from commissioning.kernel.models import Fact, VisibleManager, VisibleQuerySet
from commissioning.kernel.tenancy.visibility import Partnership


class AuthorityQuerySet(VisibleQuerySet):
    def current_on(self, day: date) -> "AuthorityQuerySet":
        return self.filter(Q(starts_on=None) | Q(starts_on__lte=day), Q(ends_before=None) | Q(ends_before__gt=day))

    def coded(self, code: str) -> "Authority | None":
        """The authority that has or had this ONS code, or this short name; None where nobody has."""
        return self.filter(Q(codes__ons_code=code.strip().upper()) | Q(slug=code.strip().lower())).first()

    def members_on(self, day: date) -> "AuthorityQuerySet":
        return self.filter(member_from__lte=day).filter(Q(member_until=None) | Q(member_until__gt=day))


class Authority(Fact):
    """An English upper-tier authority, now or once. Members of the partnership carry the dates of membership."""

    visibility = Partnership(writer="service", providers="all")

    slug = models.TextField(unique=True)
    name = models.TextField()
    kind = models.TextField()
    dfe_number = models.TextField(blank=True, default="")
    region_code = models.TextField(blank=True, default="")
    region = models.TextField()
    starts_on = models.DateField(null=True, blank=True)
    ends_before = models.DateField(null=True, blank=True)
    member_from = models.DateField(null=True, blank=True)
    member_until = models.DateField(null=True, blank=True)

    objects = VisibleManager.from_queryset(AuthorityQuerySet)()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_before=None) | Q(starts_on=None) | Q(ends_before__gt=models.F("starts_on")),
                name="authority_ends_after_it_starts",
            ),
            models.CheckConstraint(
                condition=Q(member_until=None) | Q(member_until__gt=models.F("member_from")),
                name="authority_membership_ends_after_it_starts",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class AuthorityCode(Fact):
    """An ONS code of an authority for a period: a boundary change gives the same body a new one."""

    visibility = Partnership(writer="service", providers="all")
    no_overlap = ((("authority_id",), "one_code_at_a_time"),)

    authority = models.ForeignKey(Authority, on_delete=models.CASCADE, related_name="codes")
    ons_code = models.TextField(unique=True)
    starts_on = models.DateField(null=True, blank=True)
    ends_before = models.DateField(null=True, blank=True)

    objects = VisibleManager()

    def __str__(self) -> str:
        return self.ons_code


class AuthoritySuccession(Fact):
    """One abolished authority and one that took its place."""

    visibility = Partnership(writer="service", providers="all")

    predecessor = models.ForeignKey(Authority, on_delete=models.CASCADE, related_name="successions")
    successor = models.ForeignKey(Authority, on_delete=models.CASCADE, related_name="origins")

    objects = VisibleManager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["predecessor", "successor"], name="authority_succession_once")]


class AuthorityNameQuerySet(VisibleQuerySet):
    def known_on(self, day: date) -> dict[str, int]:
        """Folded name -> authority. Two bodies may share a name one after the other (Dorset, Buckinghamshire): the one
        of that day counts, and where neither was there that day, the later one."""
        rows = self.order_by(models.F("authority__starts_on").asc(nulls_first=True)).values_list(
            "folded_name", "authority_id", "authority__starts_on", "authority__ends_before"
        )
        known: dict[str, int] = {}
        there: set[str] = set()
        for name, authority_id, starts_on, ends_before in rows:
            if (starts_on is None or starts_on <= day) and (ends_before is None or ends_before > day):
                known[name] = authority_id
                there.add(name)
            elif name not in there:
                known[name] = authority_id
        return known


class AuthorityName(Fact):
    """A spelling of an authority's name in somebody's files ("Durham" for County Durham), as names are compared."""

    visibility = Partnership(writer="service", providers="all")

    authority = models.ForeignKey(Authority, on_delete=models.CASCADE, related_name="names")
    folded_name = models.TextField()

    objects = VisibleManager.from_queryset(AuthorityNameQuerySet)()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["authority", "folded_name"], name="authority_name_once")]
