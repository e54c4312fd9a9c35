"""Children, known by a number of the authority's own. No name is kept anywhere."""

from datetime import date

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from commissioning.kernel.models import Fact, FromFile, VisibleManager, VisibleQuerySet
from commissioning.kernel.tenancy.visibility import Own

from ..rules import codes
from ..rules.ages import age_on


class OwnFact(Fact):
    """A row of one authority, which alone reads and writes it."""

    visibility = Own("authority_id")

    authority = models.ForeignKey("partnership.Authority", on_delete=models.PROTECT, related_name="+")

    objects = VisibleManager()

    class Meta:
        abstract = True


def of_same_authority(column: str, table: str) -> tuple[tuple[str, str], str, tuple[str, str]]:
    """The composite key by which a row points only at rows of its own authority."""
    return (("authority_id", column), table, ("authority_id", "id"))


class SiblingGroup(OwnFact):
    """Brothers and sisters who are to be thought of together."""

    number = models.IntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["authority", "number"], name="sibling_group_number_once")]

    def __str__(self) -> str:
        return f"Sibling group {self.number}"


class Child(OwnFact, FromFile):
    """A child or young person. `number` counts within the authority and is what pages call them by.

    `born_on` is restricted: no page, export or API resource shows it; they say the age, or the month of birth. It
    goes out in one place, the authority's own statutory return. A census that gives only an age leaves it empty and
    fills `age_recorded` with the day it was true.
    """

    composite_keys = (of_same_authority("sibling_group_id", "contracts_siblinggroup"),)
    restricted = ("born_on",)
    contributes = ("id", "authority_id", "born_on", "age_recorded", "age_recorded_on")  # for the age alone

    number = models.IntegerField()
    born_on = models.DateField(null=True, blank=True, verbose_name="date of birth")
    age_recorded = models.IntegerField(null=True, blank=True)
    age_recorded_on = models.DateField(null=True, blank=True)
    sex = models.TextField(choices=codes.SEXES, blank=True, default="")
    ethnicity = models.TextField(choices=codes.ETHNICITIES, blank=True, default="")
    disabilities = ArrayField(models.TextField(), blank=True, default=list)  # codes.DISABILITIES
    ehcp = models.BooleanField(null=True, blank=True, verbose_name="education, health and care plan")
    unaccompanied = models.BooleanField(null=True, blank=True)
    sibling_group = models.ForeignKey(
        SiblingGroup, on_delete=models.SET_NULL, null=True, blank=True, db_constraint=False, related_name="children"
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["authority", "number"], name="child_number_once")]

    def __str__(self) -> str:
        return f"Child {self.number}"

    def age_on(self, day: date) -> int | None:
        """Whole years on the day; None where neither a birth nor an age was recorded."""
        return age_on(day, self.born_on, self.age_recorded, self.age_recorded_on)

    @property
    def birth_month(self) -> date | None:
        """The first of the month of birth: what may be shown."""
        return self.born_on.replace(day=1) if self.born_on else None


class ChildReference(OwnFact, FromFile):
    """What another system calls a child: kept as a keyed digest, by which it is found, and sealed, so that only the
    installation's own key can open it again for the authority's own pages and returns (rules/references.py)."""

    composite_keys = (of_same_authority("child_id", "contracts_child"),)
    restricted = ("digest", "sealed")

    child = models.ForeignKey(Child, on_delete=models.CASCADE, db_constraint=False, related_name="references")
    scheme = models.TextField(choices=codes.REFERENCE_SCHEMES)
    digest = models.TextField()
    sealed = models.TextField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["authority", "scheme", "digest"], name="child_reference_once"),
        ]


class DatedQuerySet(VisibleQuerySet):
    def on(self, day: date) -> "DatedQuerySet":
        return self.filter(starts_on__lte=day).filter(Q(ends_before=None) | Q(ends_before__gt=day))

    def overlapping(self, starts_on: date, ends_before: date | None) -> "DatedQuerySet":
        """Sharing at least one day with the period."""
        rows = self.filter(Q(ends_before=None) | Q(ends_before__gt=starts_on))
        return rows if ends_before is None else rows.filter(starts_on__lt=ends_before)


class CareStatus(OwnFact, FromFile):
    """Why the authority has a duty to a child, for a period; a child has one status at a time."""

    composite_keys = (of_same_authority("child_id", "contracts_child"),)
    no_overlap = ((("authority_id", "child_id"), "one_care_status_at_a_time"),)

    child = models.ForeignKey(Child, on_delete=models.CASCADE, db_constraint=False, related_name="care_statuses")
    status = models.TextField(choices=codes.CARE_STATUSES)
    legal_status = models.TextField(choices=codes.LEGAL_STATUSES, blank=True, default="")
    starts_on = models.DateField()
    ends_before = models.DateField(null=True, blank=True)

    objects = VisibleManager.from_queryset(DatedQuerySet)()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_before=None) | Q(ends_before__gt=F("starts_on")),
                name="care_status_ends_after_it_starts",
            )
        ]
