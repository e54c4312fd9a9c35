"""Releases: figures of the whole partnership, frozen, in one pattern that is safe for every member.

The role `release` reads what contributes and writes the figures; web asks for a release, approves and publishes it.
"""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from commissioning.kernel.models import Fact, VisibleManager, VisibleQuerySet
from commissioning.kernel.tenancy.visibility import Partnership, Sealed


class ReleaseState(models.TextChoices):
    REQUESTED = "requested", "Waiting to be built"
    BUILDING = "building", "Being built"
    FAILED = "failed", "Could not be built"
    BUILT = "built", "Built, waiting for approval"
    APPROVED = "approved", "Approved, not published"
    PUBLISHED = "published", "Published"
    WITHDRAWN = "withdrawn", "Withdrawn"


IN_PROGRESS = (ReleaseState.REQUESTED, ReleaseState.BUILDING)


class ReleaseQuerySet(VisibleQuerySet):
    def published(self) -> "ReleaseQuerySet":
        """Newest first: by the day they tell of, and of two for one day the later."""
        return self.filter(state=ReleaseState.PUBLISHED).order_by("-as_at", "-number")


class Release(Fact):
    """Figures of the twelve months to the end of `as_at`. Built, approved by a second person, published; never changed
    afterwards: a correction is a release of its own, which names what it `corrects`.

    `rules` are the thresholds, `definitions` the measures as they read then, `report` the audit.
    """

    visibility = Partnership(writer="members")
    of_release = True

    number = models.IntegerField(unique=True)
    as_at = models.DateField()
    note = models.TextField(blank=True, default="")
    corrects = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="corrections")
    state = models.TextField(choices=ReleaseState, default=ReleaseState.REQUESTED)
    stage = models.TextField(blank=True, default="")
    done = models.IntegerField(default=0)
    total = models.IntegerField(default=0)
    message = models.TextField(blank=True, default="")
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    requested_at = models.DateTimeField()
    built_at = models.DateTimeField(null=True, blank=True)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    approved_at = models.DateTimeField(null=True, blank=True)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    published_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_why = models.TextField(blank=True, default="")
    rules = models.JSONField(default=dict, blank=True)
    definitions = models.JSONField(default=dict, blank=True)
    report = models.JSONField(default=dict, blank=True)

    objects = VisibleManager.from_queryset(ReleaseQuerySet)()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(approved_by=None) | ~Q(approved_by=F("requested_by")), name="release_has_a_second_person"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=("approved", "published")) | Q(approved_by__isnull=False),
                name="release_is_approved_before_it_is_published",
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at=None) | ~Q(withdrawn_why=""), name="release_is_withdrawn_for_a_reason"
            ),
        ]

    def __str__(self) -> str:
        return f"Release {self.number}"

    @property
    def is_in_progress(self) -> bool:
        return self.state in IN_PROGRESS


class OfRelease(models.Model):
    """A row that the role `release` alone writes."""

    of_release = True

    release = models.ForeignKey(Release, on_delete=models.CASCADE, related_name="%(class)ss")

    class Meta:
        abstract = True


def _copied(what: str, *, null: bool = False) -> models.ForeignKey:
    """An id as it was. It keeps nothing from being removed, and nothing looks for it then: the web may not read this
    table, and every removal of a lot would fail on the asking."""
    return models.ForeignKey(what, on_delete=models.DO_NOTHING, db_constraint=False, null=null, related_name="+")


class Contribution(OfRelease):
    """One home of one child as it went into a release, one provider asked in a search, or one answer of a young person
    to a statement: what the figures are worked out from, kept so that the next release can tell what changed. Children
    are keyed digests; no viewer reads it."""

    visibility = Sealed()
    no_history = "a copy that no viewer reads, thrown away when no later release can be held against it"

    id = models.BigAutoField(primary_key=True)
    population = models.TextField()  # rules/catalogue.py POPULATIONS
    row_key = models.TextField()
    child_key = models.TextField()
    authority = _copied("partnership.Authority")
    provider_key = models.TextField(blank=True, default="")  # where no provider is recorded: the name, digested
    provider = _copied("providers.Provider", null=True)
    lot = _copied("partnership.Lot", null=True)
    price_line = _copied("partnership.PriceLine", null=True)
    service_type = models.TextField()
    route = models.TextField(blank=True, default="")
    age_band = models.TextField(blank=True, default="")
    level = models.TextField(blank=True, default="")
    judgement = models.TextField(blank=True, default="")
    statement = _copied("partnership.Statement", null=True)
    owner = _copied("providers.Provider", null=True)  # who stands at the top of the provider's group
    amount = models.DecimalField(max_digits=14, decimal_places=4, null=True)  # a week; hours for a search
    parts = models.JSONField(default=dict)  # what shares are made of, in whole numbers (pence, nights, ones)

    objects = VisibleManager()


class PublishedFigure(Fact, OfRelease):
    """One measure for one cell of a release: shown, or withheld with a sign. One pattern for every member; a figure
    that names a provider is read only by authorities that take part in the framework, as its rates are."""

    visibility = Partnership(writer="nobody", framework="framework_id", shown_on="as_at")

    measure = models.TextField()
    cut = models.TextField()  # rules/catalogue.py CUTS
    as_at = models.DateField()
    group = models.ForeignKey("compare.PeerGroup", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    service_type = models.TextField(blank=True, default="")
    lot = models.ForeignKey("partnership.Lot", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    price_line = models.ForeignKey(
        "partnership.PriceLine", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    route = models.TextField(blank=True, default="")
    age_band = models.TextField(blank=True, default="")
    level = models.TextField(blank=True, default="")
    judgement = models.TextField(blank=True, default="")
    provider = models.ForeignKey(
        "providers.Provider", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    framework = models.ForeignKey(
        "partnership.Framework", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    statement = models.ForeignKey(
        "partnership.Statement", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    owner = models.ForeignKey("providers.Provider", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    n = models.IntegerField(null=True, blank=True)  # rounded
    mean = models.DecimalField(max_digits=12, decimal_places=2, null=True, blank=True)
    median = models.DecimalField(max_digits=12, decimal_places=2, null=True, blank=True)
    lower_quartile = models.DecimalField(max_digits=12, decimal_places=2, null=True, blank=True)
    upper_quartile = models.DecimalField(max_digits=12, decimal_places=2, null=True, blank=True)
    tenth = models.DecimalField(max_digits=12, decimal_places=2, null=True, blank=True)
    ninetieth = models.DecimalField(max_digits=12, decimal_places=2, null=True, blank=True)
    mode_from = models.IntegerField(null=True, blank=True)  # of a band as wide as the rules say
    percent = models.IntegerField(null=True, blank=True)
    sign = models.TextField(blank=True, default="")  # of the whole figure (rules/disclosure.py SIGNS)
    held_from = models.ForeignKey(
        Release, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )  # too little has changed since that release, so its figure stands

    objects = VisibleManager()

    class Meta:
        indexes = [models.Index(fields=["release", "measure", "cut"], name="figure_by_measure")]
        constraints = [
            models.CheckConstraint(
                condition=Q(sign="") | Q(n=None, mean=None, median=None, percent=None), name="withheld_figure_is_empty"
            ),
        ]
