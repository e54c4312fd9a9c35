"""Frameworks, who takes part and when, their lots, and the lines that are priced."""

from datetime import date

from django.db import models
from django.db.models import F, Q

from commissioning.kernel.models import Fact, VisibleManager, VisibleQuerySet
from commissioning.kernel.tenancy.visibility import Partnership

from ..rules import codes
from ..rules.terms import runs_until


class FrameworkQuerySet(VisibleQuerySet):
    def joined_by(self, authority_id: int, day: date) -> "FrameworkQuerySet":
        """Frameworks in which the authority takes part on the day."""
        taking_part = Participation.objects.on(day).filter(authority_id=authority_id)
        return self.filter(pk__in=taking_part.values("framework_id"))


class Framework(Fact):
    """An agreement let once, from which members buy. `ends_before` is the end of the initial term."""

    visibility = Partnership(writer="owner", owner="lead_authority_id", providers="all")
    contributes = True

    reference = models.TextField(unique=True)
    name = models.TextField()
    kind = models.TextField(choices=codes.FRAMEWORK_KINDS)
    lead_authority = models.ForeignKey("Authority", on_delete=models.PROTECT, related_name="led_frameworks")
    starts_on = models.DateField()
    ends_before = models.DateField(null=True, blank=True)
    successor = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, blank=True, related_name="predecessors")
    note = models.TextField(blank=True, default="")

    objects = VisibleManager.from_queryset(FrameworkQuerySet)()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_before=None) | Q(ends_before__gt=F("starts_on")), name="framework_ends_after_it_starts"
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def runs_until(self) -> date | None:
        """The day it ends before, with the extensions taken; None for one that has no end."""
        return runs_until(self.ends_before, [e.months for e in self.extensions.all() if e.taken_on])


class FrameworkPart(Fact):
    """A row of a framework: every member reads it, the lead authority writes it."""

    visibility = Partnership(writer="lead", framework="framework_id", providers="all")

    objects = VisibleManager()

    class Meta:
        abstract = True


class Extension(FrameworkPart):
    """An option to extend, and the day it was taken."""

    contributes = True

    framework = models.ForeignKey(Framework, on_delete=models.CASCADE, related_name="extensions")
    position = models.IntegerField()
    months = models.IntegerField()
    taken_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["framework", "position"], name="extension_position_once"),
            models.CheckConstraint(condition=Q(months__gt=0), name="extension_has_months"),
        ]


class ParticipationQuerySet(VisibleQuerySet):
    def on(self, day: date) -> "ParticipationQuerySet":
        return self.filter(starts_on__lte=day).filter(Q(ends_before=None) | Q(ends_before__gt=day))


class Participation(FrameworkPart):
    """An authority taking part in a framework for a period."""

    no_overlap = ((("framework_id", "authority_id"), "takes_part_once"),)

    framework = models.ForeignKey(Framework, on_delete=models.CASCADE, related_name="participations")
    authority = models.ForeignKey("Authority", on_delete=models.PROTECT, related_name="participations")
    starts_on = models.DateField()
    ends_before = models.DateField(null=True, blank=True)

    objects = VisibleManager.from_queryset(ParticipationQuerySet)()

    class Meta:
        verbose_name = "authority taking part"
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_before=None) | Q(ends_before__gt=F("starts_on")),
                name="participation_ends_after_it_starts",
            )
        ]


class FrameworkEvent(FrameworkPart):
    """Something that happened, or is planned, in the framework's life."""

    framework = models.ForeignKey(Framework, on_delete=models.CASCADE, related_name="events")
    kind = models.TextField(choices=codes.FRAMEWORK_EVENTS)
    happens_on = models.DateField()
    note = models.TextField(blank=True, default="")


class Lot(FrameworkPart):
    """What is bought under a framework, and how it is called off."""

    framework = models.ForeignKey(Framework, on_delete=models.CASCADE, related_name="lots")
    number = models.TextField()
    name = models.TextField()
    service_type = models.TextField(choices=codes.SERVICE_TYPES)
    specification = models.TextField(blank=True, default="")
    call_off_method = models.TextField(choices=codes.CALL_OFF_METHODS, default="ranked")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["framework", "number"], name="lot_number_once")]

    def __str__(self) -> str:
        return f"Lot {self.number}: {self.name}"


class PriceLine(FrameworkPart):
    """A line of a lot's pricing schedule: what is priced, in which unit, for whom, and what it includes."""

    composite_keys = ((("lot_id", "framework_id"), "partnership_lot", ("id", "framework_id")),)

    framework = models.ForeignKey(Framework, on_delete=models.CASCADE, related_name="price_lines")
    lot = models.ForeignKey(Lot, on_delete=models.CASCADE, related_name="price_lines")
    position = models.IntegerField()
    code = models.TextField()
    name = models.TextField()
    unit = models.TextField(choices=codes.UNITS, default="week")
    category = models.TextField(choices=codes.CATEGORIES, default="core")
    level = models.TextField(choices=codes.LEVELS, blank=True, default="")
    age_from = models.IntegerField(null=True, blank=True)
    age_to = models.IntegerField(null=True, blank=True)
    includes = models.TextField(blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["lot", "code"], name="price_line_code_once"),
            models.CheckConstraint(
                condition=Q(age_to=None) | Q(age_from=None) | Q(age_to__gte=F("age_from")),
                name="price_line_ages_in_order",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def ages(self) -> str:
        """The age band in words, both ends included; empty where the line is for any age."""
        if self.age_from is None and self.age_to is None:
            return ""
        if self.age_to is None:
            return f"{self.age_from} and over"
        return f"{self.age_from or 0} to {self.age_to}"

    @property
    def title(self) -> str:
        """The line told apart from its neighbours: "Core, standard, age 5 to 10". Words that its name has are not said
        again."""
        parts = [self.name]
        level = self.get_level_display()
        if level and level.lower() not in self.name.lower():
            parts.append(level.lower())
        if self.ages and not any(character.isdigit() for character in self.name):
            parts.append(f"age {self.ages}")
        return ", ".join(parts)
