"""What DfE publishes of every English authority: figures, what they mean, and who is like whom."""

from django.db import models
from django.db.models import Q

from commissioning.kernel.models import Fact, FromFile, VisibleManager
from commissioning.kernel.tenancy.visibility import Partnership

from ..rules import national


class NationalMeasure(Fact, FromFile):
    """A measure as DfE's data dictionary describes it. Several topics may give one code different words."""

    visibility = Partnership(writer="members")

    code = models.TextField()
    topic = models.TextField(blank=True, default="")
    title = models.TextField()
    good = models.TextField(
        choices=[(national.LOW, "low is good"), (national.HIGH, "high is good")], blank=True, default=""
    )
    axis = models.TextField(blank=True, default="")  # what DfE writes beside the figure: "% Children Looked After"
    definition = models.TextField(blank=True, default="")
    methodology = models.TextField(blank=True, default="")
    as_at = models.DateField()  # the newest update that the dictionary tells of; an older one never overrules

    objects = VisibleManager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["code", "topic"], name="national_measure_once")]

    def __str__(self) -> str:
        return self.title


class NationalFigure(Fact, FromFile):
    """One published figure of one year: of an authority, or of England or a region (`region_code`), never of both.

    `year` is the one in which the twelve months end; `period` is how DfE writes it. `part` tells figures of one
    measure apart ("Foster placements: over 20 miles"). Without a value, `sign` says why. `edition` is the newest year
    of the measure in the file whose figure stands here: a file that ends earlier never overrules it.
    """

    visibility = Partnership(writer="members")

    measure = models.TextField()
    part = models.TextField(blank=True, default="")
    unit = models.TextField(choices=list(national.UNITS.items()), blank=True, default="")
    year = models.IntegerField()
    period = models.TextField()
    authority = models.ForeignKey(
        "partnership.Authority", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    region_code = models.TextField(blank=True, default="")
    value = models.DecimalField(max_digits=18, decimal_places=4, null=True, blank=True)
    sign = models.TextField(choices=list(national.SIGNS.items()), blank=True, default="")
    edition = models.IntegerField()

    objects = VisibleManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["measure", "part", "year", "authority", "region_code"], nulls_distinct=False,
                name="national_figure_once",
            ),
            models.CheckConstraint(
                condition=Q(authority=None) ^ Q(region_code=""), name="national_figure_is_of_one_area"
            ),
            models.CheckConstraint(
                condition=(Q(value=None) & ~Q(sign="")) | (Q(value__isnull=False) & Q(sign="")),
                name="national_figure_or_a_sign",
            ),
        ]  # fmt: skip


class StatisticalNeighbour(Fact, FromFile):
    """One of the ten authorities that DfE holds most like another, nearest first. `edition` is the year of the list."""

    visibility = Partnership(writer="members")

    authority = models.ForeignKey(
        "partnership.Authority", on_delete=models.PROTECT, related_name="statistical_neighbours"
    )
    neighbour = models.ForeignKey("partnership.Authority", on_delete=models.PROTECT, related_name="+")
    rank = models.IntegerField()
    closeness = models.TextField(blank=True, default="")
    edition = models.IntegerField()

    objects = VisibleManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["authority", "rank"], name="neighbour_of_a_rank_once"),
            models.CheckConstraint(
                condition=~Q(authority=models.F("neighbour")), name="neighbour_is_another_authority"
            ),
        ]
