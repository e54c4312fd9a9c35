"""What was agreed for a placement: versions of the agreement, what it costs and who pays, and what it is for."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from commissioning.kernel.models import FromFile, VisibleManager

from ..rules import codes
from .children import DatedQuerySet, of_same_authority
from .placements import ENDS_AFTER, OfPlacement


class AgreementVersion(OfPlacement):
    """One version of an Individual Placement Agreement, as it was signed: never changed or removed, by anybody.

    `lines`, `funding` and `outcomes` are what the agreement says of them that day; the rows themselves go on.
    """

    immutable = True

    number = models.IntegerField()
    agreed_on = models.DateField()
    starts_on = models.DateField()
    planned_end_on = models.DateField(null=True, blank=True)
    provider_signatory = models.TextField(blank=True, default="")
    authority_signatory = models.TextField(blank=True, default="")
    notice_days = models.IntegerField()
    price_asked = models.DecimalField(max_digits=12, decimal_places=4, null=True, blank=True)  # pounds a week
    price_agreed = models.DecimalField(max_digits=12, decimal_places=4)  # pounds a week, additional services included
    negotiated_by = models.TextField(blank=True, default="")
    negotiation = models.TextField(blank=True, default="")
    included = ArrayField(models.TextField(), blank=True, default=list)  # codes.INCLUDED
    included_note = models.TextField(blank=True, default="")
    staying_put_terms = models.TextField(blank=True, default="")
    staying_put_absence = models.TextField(blank=True, default="")  # why there are none
    changes = models.TextField(blank=True, default="")  # why this version was made
    lines = models.JSONField(default=list, blank=True)
    funding = models.JSONField(default=list, blank=True)
    outcomes = models.JSONField(default=list, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["authority", "placement", "number"], name="agreement_version_once"),
            models.CheckConstraint(condition=Q(number__gte=1), name="agreement_versions_count_from_one"),
            models.CheckConstraint(condition=Q(notice_days__gte=0), name="agreement_notice_is_not_negative"),
            models.CheckConstraint(
                condition=Q(price_agreed__gte=0) & (Q(price_asked=None) | Q(price_asked__gte=0)),
                name="agreement_price_is_not_negative",
            ),
        ]

    def __str__(self) -> str:
        return f"Agreement, version {self.number}"


class CostLine(OfPlacement, FromFile):
    """What is paid for a placement over a period: `quantity` units a week at `amount` each, or once.

    `weekly_amount` is what accrues (kernel/money.py); it is nought for a line paid once, whose `once_amount` falls on
    its first day. A discount is negative. Additional services say who approved them, and when they
    are looked at again.
    """

    contributes = (
        "id", "authority_id", "placement_id", "category", "price_line_id", "weekly_amount", "once_amount", "starts_on",
        "ends_before",
    )  # fmt: skip

    category = models.TextField(choices=codes.COST_CATEGORIES, default="core")
    service = models.TextField(choices=codes.SERVICES, blank=True, default="")
    description = models.TextField(blank=True, default="")
    price_line = models.ForeignKey(
        "partnership.PriceLine", on_delete=models.PROTECT, null=True, blank=True, related_name="cost_lines"
    )
    amount = models.DecimalField(max_digits=12, decimal_places=4)
    unit = models.TextField(choices=codes.COST_UNITS, default="week")
    quantity = models.DecimalField(max_digits=10, decimal_places=2, default=1)
    weekly_amount = models.DecimalField(max_digits=12, decimal_places=4)
    once_amount = models.DecimalField(max_digits=12, decimal_places=2, default=0)
    starts_on = models.DateField()
    ends_before = models.DateField(null=True, blank=True)
    approved_by = models.TextField(blank=True, default="")
    approved_on = models.DateField(null=True, blank=True)
    review_on = models.DateField(null=True, blank=True)
    review_note = models.TextField(blank=True, default="")

    objects = VisibleManager.from_queryset(DatedQuerySet)()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=ENDS_AFTER, name="cost_line_ends_after_it_starts"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="cost_line_has_a_quantity"),
            models.CheckConstraint(
                condition=Q(unit="one_off", weekly_amount=0) | (~Q(unit="one_off") & Q(once_amount=0)),
                name="cost_line_is_weekly_or_once",
            ),
            models.CheckConstraint(
                condition=Q(category="discount", weekly_amount__lte=0, once_amount__lte=0)
                | (~Q(category="discount") & Q(weekly_amount__gte=0, once_amount__gte=0)),
                name="cost_line_has_its_sign",
            ),
            models.CheckConstraint(
                condition=~Q(category="additional") | (~Q(approved_by="") & Q(approved_on__isnull=False)),
                name="additional_service_is_approved",
            ),
        ]


class FundingSplit(OfPlacement, FromFile):
    """What one funder pays of a cost line a week. The splits of a line add up to the line (actions check it)."""

    composite_keys = (
        of_same_authority("placement_id", "contracts_placement"),
        (
            ("authority_id", "cost_line_id", "placement_id"),
            "contracts_costline",
            ("authority_id", "id", "placement_id"),
        ),
    )

    contributes = ("id", "authority_id", "placement_id", "cost_line_id", "funder", "weekly_amount", "once_amount")

    cost_line = models.ForeignKey(CostLine, on_delete=models.CASCADE, db_constraint=False, related_name="splits")
    funder = models.TextField(choices=codes.FUNDERS)
    weekly_amount = models.DecimalField(max_digits=12, decimal_places=4)
    once_amount = models.DecimalField(max_digits=12, decimal_places=2, default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["authority", "cost_line", "funder"], name="funder_once_for_a_line")
        ]


class Outcome(OfPlacement):
    """An outcome sought for the child, the I statements it serves, and where things stood at the beginning."""

    statement_set = models.ForeignKey("partnership.StatementSet", on_delete=models.PROTECT, related_name="+")
    statements = ArrayField(models.IntegerField(), default=list)  # numbers within the set
    sought = models.TextField()
    baseline = models.IntegerField(choices=list(codes.PROGRESS.items()))
    agreed_on = models.DateField()
    dropped_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(baseline__gte=1, baseline__lte=5), name="outcome_baseline_on_the_scale")
        ]


class OutcomeReview(OfPlacement):
    """How far an outcome has come, and what the child says."""

    composite_keys = (
        of_same_authority("placement_id", "contracts_placement"),
        (("authority_id", "outcome_id", "placement_id"), "contracts_outcome", ("authority_id", "id", "placement_id")),
    )

    outcome = models.ForeignKey(Outcome, on_delete=models.CASCADE, db_constraint=False, related_name="reviews")
    kind = models.TextField(choices=codes.REVIEW_KINDS)
    reviewed_on = models.DateField()
    now = models.IntegerField(choices=list(codes.PROGRESS.items()))
    evidence = models.TextField()
    child_view = models.TextField(blank=True, default="")
    reviewer = models.TextField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(now__gte=1, now__lte=5), name="outcome_review_on_the_scale")]


class Benefit(OfPlacement):
    """A difference between a price asked and the price agreed, in pounds a week for a period. Cashable: less than was
    being paid. Avoided: less than was asked. (rules/benefits.py)"""

    composite_keys = (
        of_same_authority("placement_id", "contracts_placement"),
        (
            ("authority_id", "agreement_id", "placement_id"),
            "contracts_agreementversion",
            ("authority_id", "id", "placement_id"),
        ),
    )

    agreement = models.ForeignKey(
        AgreementVersion, on_delete=models.PROTECT, db_constraint=False, related_name="benefits"
    )
    kind = models.TextField(choices=codes.BENEFIT_KINDS)
    weekly_amount = models.DecimalField(max_digits=12, decimal_places=4)
    starts_on = models.DateField()
    ends_before = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["authority", "agreement", "kind"], name="benefit_kind_once"),
            models.CheckConstraint(condition=Q(weekly_amount__gt=0), name="benefit_is_a_saving"),
            models.CheckConstraint(
                condition=Q(ends_before=None) | Q(ends_before__gt=F("starts_on")), name="benefit_ends_after_it_starts"
            ),
        ]
