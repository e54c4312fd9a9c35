"""Establishments as the regulator registers them, what each file said of them, and the premises behind them."""

from datetime import date

from django.db import models
from django.db.models import Q

from commissioning.kernel.models import Fact, FromFile, VisibleManager, VisibleQuerySet
from commissioning.kernel.tenancy.visibility import Own, Partnership

from ..rules import codes
from .organisations import Provider


class EstablishmentQuerySet(VisibleQuerySet):
    def listed(self) -> "EstablishmentQuerySet":
        """In the newest file of the regulator."""
        newest = EstablishmentRecord.objects.aggregate(day=models.Max("as_at"))["day"]
        return self.filter(listed_at=newest)

    def of_kinds(self, kinds: tuple[str, ...]) -> "EstablishmentQuerySet":
        return self.filter(kind__in=kinds)


class RegisteredAttributes(models.Model):
    """What the regulator's file says of a registration, at one date."""

    kind = models.TextField(choices=codes.ESTABLISHMENT_KINDS)
    status = models.TextField(blank=True, default="")
    name = models.TextField(blank=True, default="")  # empty where the file withholds it
    address = models.TextField(blank=True, default="")
    postcode = models.TextField(blank=True, default="")
    area_name = models.TextField(blank=True, default="")  # the local authority's name as the file has it
    area = models.ForeignKey("partnership.Authority", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    region = models.TextField(blank=True, default="")
    constituency = models.TextField(blank=True, default="")
    sector = models.TextField(choices=codes.SECTORS, blank=True, default="")
    places = models.IntegerField(null=True, blank=True)
    registered_on = models.DateField(null=True, blank=True)
    short_breaks_only = models.BooleanField(null=True, blank=True)
    education_urn = models.TextField(blank=True, default="")
    provider = models.ForeignKey(Provider, on_delete=models.PROTECT, null=True, blank=True, related_name="%(class)ss")

    class Meta:
        abstract = True


class Establishment(Fact, FromFile, RegisteredAttributes):
    """A registration (URN): what the newest file that lists it says. Derived from its records alone, so that files
    may come in any order. `listed_at` is the date of that file; `closed_on` comes from a list of leavers."""

    visibility = Partnership(writer="members", providers="provider_id")

    urn = models.TextField(unique=True)
    regulator = models.TextField(choices=codes.REGULATORS, default="ofsted")
    listed_at = models.DateField(null=True, blank=True)
    closed_on = models.DateField(null=True, blank=True)
    predecessor = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, blank=True, related_name="successors")

    objects = VisibleManager.from_queryset(EstablishmentQuerySet)()

    def __str__(self) -> str:
        return self.shown_name

    @property
    def shown_name(self) -> str:
        """The published name; where it is withheld, what may honestly be said instead."""
        if self.name:
            return self.name
        where = f", {self.area_name}" if self.area_name else ""
        return f"{self.get_kind_display()}{where}, URN {self.urn}"


class EstablishmentRecord(Fact, FromFile, RegisteredAttributes):
    """What one file said of a registration at its date. Never changed by a later file."""

    visibility = Partnership(writer="members", providers="provider_id")

    establishment = models.ForeignKey(Establishment, on_delete=models.CASCADE, related_name="records")
    as_at = models.DateField()
    listed = models.BooleanField(default=True)  # False: only in a list of inspections or of leavers
    closed_on = models.DateField(null=True, blank=True)
    owner_name = models.TextField(blank=True, default="")

    objects = VisibleManager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["establishment", "as_at"], name="establishment_record_once")]


class WorkingName(Fact):
    """What an authority's own officers call a home whose published name is withheld. Seen by that authority only."""

    visibility = Own("authority_id")

    authority = models.ForeignKey("partnership.Authority", on_delete=models.PROTECT, related_name="+")
    establishment = models.ForeignKey(Establishment, on_delete=models.CASCADE, related_name="working_names")
    name = models.TextField()

    objects = VisibleManager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["authority", "establishment"], name="working_name_once")]


class PremisesQuerySet(VisibleQuerySet):
    def lived_in(self, day: date) -> "PremisesQuerySet":
        """Children may live there on the day: not given up by then, and not dropped from the list that names the
        registration's other premises."""
        newer = Premises.objects.filter(
            establishment=models.OuterRef("establishment"), listed_at__gt=models.OuterRef("listed_at")
        )
        return self.filter(Q(left_on=None) | Q(left_on__gt=day)).exclude(models.Exists(newer))


class Premises(Fact, FromFile):
    """An address where children live. The published list gives no address: like premises of one registration are
    told apart by `ordinal`, their place among those alike. `name` and `address` are what people who go there recorded;
    one that they recorded before any list held it has no `listed_at`."""

    visibility = Partnership(writer="members", providers="provider_id")

    establishment = models.ForeignKey(Establishment, on_delete=models.CASCADE, related_name="premises")
    provider = models.ForeignKey(Provider, on_delete=models.PROTECT, null=True, blank=True, related_name="premises")
    category = models.IntegerField(null=True, blank=True, choices=codes.PREMISES_CATEGORIES)
    places = models.IntegerField(null=True, blank=True)
    area_name = models.TextField(blank=True, default="")
    area = models.ForeignKey("partnership.Authority", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    region = models.TextField(blank=True, default="")
    constituency = models.TextField(blank=True, default="")
    ordinal = models.IntegerField(default=1)
    listed_at = models.DateField(null=True, blank=True)
    name = models.TextField(blank=True, default="", db_default="")
    address = models.TextField(blank=True, default="", db_default="")
    left_on = models.DateField(null=True, blank=True)  # nobody lives there any more

    objects = VisibleManager.from_queryset(PremisesQuerySet)()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["establishment", "category", "places", "area_name", "constituency", "ordinal"],
                nulls_distinct=False,
                name="premises_once",
            ),
            models.CheckConstraint(condition=Q(ordinal__gte=1), name="premises_ordinal_counts_from_one"),
        ]

    @property
    def shown_name(self) -> str:
        """Its name; where nobody has recorded one, what the list says of it."""
        if self.name:
            return self.name
        where = ", ".join(filter(None, (self.area_name, self.constituency)))
        places = f", {self.places} {'place' if self.places == 1 else 'places'}" if self.places else ""
        return f"Premises {self.ordinal} in {where or 'an area not recorded'}{places}"
