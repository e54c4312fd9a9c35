"""Quality assurance visits: planned where every member sees it, recorded where nobody else does, and shared when
published. A visit is to premises; where a registration is one address, the establishment is the premises."""

from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from commissioning.kernel.models import Fact, VisibleManager, VisibleQuerySet
from commissioning.kernel.tenancy.visibility import Own, Partnership, ProviderSets, Staged

from ..rules import codes
from .stages import StagedFact, of_same_work
from .templates import TemplateQuestion, VisitTemplate

# What a provider fills in a row of its own about a visit, beside what it says there.
OF_ITS_VISIT = ("authority_id", "provider_id", "to_provider", "visit_id", "finding_id")


class VisitQuerySet(VisibleQuerySet):
    def done(self) -> "VisitQuerySet":
        """They took place."""
        return self.filter(state__in=codes.DONE_STATES)

    def to_come(self) -> "VisitQuerySet":
        return self.filter(state="planned")

    def since(self, day: date) -> "VisitQuerySet":
        return self.filter(visited_on__gte=day)


class Visit(StagedFact):
    """One visit, review or report: when, where, by which template, and how far it has come. Members read this from
    the day it is planned, so that no two go the same month; what was found is in the rows below. The provider reads
    it once it is announced to it or sent."""

    number = models.IntegerField()
    establishment = models.ForeignKey("providers.Establishment", on_delete=models.PROTECT, related_name="visits")
    premises = models.ForeignKey(
        "providers.Premises", on_delete=models.PROTECT, null=True, blank=True, related_name="visits"
    )
    template = models.ForeignKey(VisitTemplate, on_delete=models.PROTECT, related_name="visits")
    kind = models.TextField(choices=codes.VISIT_KINDS)
    announced = models.BooleanField(default=True)
    young_inspectors = models.BooleanField(default=False)
    state = models.TextField(choices=codes.VISIT_STATES, default="planned")
    planned_on = models.DateField()
    visited_on = models.DateField(null=True, blank=True)
    lead = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    follows = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, blank=True, related_name="revisits")
    sent_at = models.DateTimeField(null=True, blank=True)
    reply_due_on = models.DateField(null=True, blank=True)
    replied_at = models.DateTimeField(null=True, blank=True)
    published_at = models.DateTimeField(null=True, blank=True)
    plan_due_on = models.DateField(null=True, blank=True)
    revisit_due_on = models.DateField(null=True, blank=True)
    cancelled_why = models.TextField(blank=True, default="")

    objects = VisibleManager.from_queryset(VisitQuerySet)()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["authority", "number"], name="visit_number_once"),
            models.CheckConstraint(
                condition=~Q(state__in=codes.DONE_STATES) | Q(visited_on__isnull=False), name="visit_done_has_its_day"
            ),
            models.CheckConstraint(
                condition=~Q(state="with_provider") | Q(sent_at__isnull=False, reply_due_on__isnull=False),
                name="visit_with_provider_has_its_clock",
            ),
            models.CheckConstraint(
                condition=~Q(state="published") | Q(published_at__isnull=False), name="visit_published_says_when"
            ),
        ]
        indexes = [models.Index(fields=["establishment", "visited_on"], name="visit_by_place")]

    def __str__(self) -> str:
        return f"Visit {self.number}"


class OfVisit(StagedFact):
    """A row about one visit."""

    visibility = Staged(in_confidence=True)
    composite_keys = (of_same_work("visit_id", "quality_visit"),)

    visit = models.ForeignKey(Visit, on_delete=models.CASCADE, db_constraint=False, related_name="%(class)ss")

    class Meta:
        abstract = True


class VisitReport(OfVisit):
    """What the visit came to. `rule_rating` follows from the answers by the template's rule; where `rating` differs,
    `rating_why` says why. `signed_name` is who signed on the day."""

    summary = models.TextField(blank=True, default="")
    rule_rating = models.TextField(choices=codes.RATINGS, blank=True, default="")
    rating = models.TextField(choices=codes.RATINGS, blank=True, default="")
    rating_why = models.TextField(blank=True, default="")
    people_seen = models.TextField(blank=True, default="")
    signed_name = models.TextField(blank=True, default="")
    signed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["visit"], name="visit_report_once"),
            models.CheckConstraint(
                condition=Q(rating=F("rule_rating")) | ~Q(rating_why=""), name="visit_rating_overridden_says_why"
            ),
        ]


class Answer(OfVisit):
    """The answer to one question on one visit."""

    question = models.ForeignKey(TemplateQuestion, on_delete=models.PROTECT, related_name="answers")
    value = models.TextField(blank=True, default="")
    note = models.TextField(blank=True, default="")
    answered_at = models.DateTimeField()  # by the device's clock

    class Meta:
        constraints = [models.UniqueConstraint(fields=["visit", "question"], name="answer_once")]


class Finding(OfVisit):
    """What the visitor found. `about` is the authority whose child it is about, where that is not the visitor's own.
    `asks_action`: the provider's plan must hold at least one action for it."""

    visibility = Staged(also="about_id", in_confidence=True)

    question = models.ForeignKey(
        TemplateQuestion, on_delete=models.PROTECT, null=True, blank=True, related_name="findings"
    )
    words = models.TextField()
    marking = models.TextField(choices=codes.MARKINGS, default="shareable")
    about = models.ForeignKey(
        "partnership.Authority", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    asks_action = models.BooleanField(default=False)
    found_at = models.DateTimeField()
    device_key = models.UUIDField(null=True, blank=True)  # the draft's own name of it, so that it comes in once
    taken_out_on = models.DateField(null=True, blank=True)  # after a dispute

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["visit", "device_key"], name="finding_comes_in_once"),
            models.CheckConstraint(
                condition=Q(marking="shareable") | Q(to_provider=False, to_members=False),
                name="finding_that_is_not_shareable_stays",
            ),
        ]


class FindingReply(OfVisit):
    """The provider's word on one finding (factual accuracy), and what somebody uninvolved decided of a dispute."""

    visibility = Staged(in_confidence=True, provider_writes=ProviderSets(
        adds=(*OF_ITS_VISIT, "says", "words", "replied_by_id", "replied_at"),
        changes=("says", "words", "replied_by_id", "replied_at"),
        while_="OLD.outcome = '' AND NOT OLD.to_members",
    ))  # fmt: skip
    composite_keys = (*OfVisit.composite_keys, of_same_work("finding_id", "quality_finding"))

    finding = models.ForeignKey(Finding, on_delete=models.CASCADE, db_constraint=False, related_name="replies")
    says = models.TextField(choices=codes.REPLIES)
    words = models.TextField(blank=True, default="")
    replied_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    replied_at = models.DateTimeField()
    outcome = models.TextField(choices=codes.DISPUTE_OUTCOMES, blank=True, default="")
    outcome_words = models.TextField(blank=True, default="")
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["finding"], name="finding_reply_once"),
            models.CheckConstraint(
                condition=Q(says="accurate") | ~Q(words=""), name="dispute_says_what_is_not_accurate"
            ),
        ]


class ImprovementAction(StagedFact):
    """What the provider will do about a visit's finding, or what a contract meeting asked for: owner, date, and how it
    is known to be done."""

    visibility = Staged(in_confidence=True, provider_writes=ProviderSets(
        adds=(*OF_ITS_VISIT, "words", "owner", "due_on"),
        changes=("words", "owner", "due_on", "state", "evidence_words", "done_on", "sent_back_why"),
        # Put differently until it is agreed; said to be done afterwards, of what was agreed.
        while_="""(OLD.state IN ('proposed', 'sent_back') AND OLD.evidence_words = '' AND NEW.state = 'proposed'
                AND NEW.evidence_words = '' AND NEW.done_on IS NULL)
            OR ((OLD.state = 'agreed' OR (OLD.state = 'sent_back' AND OLD.evidence_words <> ''))
                AND NEW.state = 'done' AND (OLD.words, OLD.owner, OLD.due_on) = (NEW.words, NEW.owner, NEW.due_on))""",
    ))  # fmt: skip
    composite_keys = (
        of_same_work("visit_id", "quality_visit"),
        of_same_work("finding_id", "quality_finding"),
        of_same_work("meeting_id", "quality_contractmeeting"),
    )

    visit = models.ForeignKey(
        Visit, on_delete=models.CASCADE, null=True, blank=True, db_constraint=False, related_name="improvementactions"
    )
    finding = models.ForeignKey(
        Finding, on_delete=models.CASCADE, null=True, blank=True, db_constraint=False, related_name="actions"
    )
    meeting = models.ForeignKey(
        "quality.ContractMeeting", on_delete=models.CASCADE, null=True, blank=True, db_constraint=False,
        related_name="actions",
    )  # fmt: skip
    words = models.TextField()
    owner = models.TextField()
    due_on = models.DateField()
    state = models.TextField(choices=codes.ACTION_STATES, default="proposed")
    evidence_words = models.TextField(blank=True, default="")
    done_on = models.DateField(null=True, blank=True)
    sent_back_why = models.TextField(blank=True, default="")
    verified_on = models.DateField(null=True, blank=True)
    verified_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    verified_how = models.TextField(blank=True, default="")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(meeting=None, visit__isnull=False, finding__isnull=False)
                | Q(meeting__isnull=False, visit=None, finding=None),
                name="action_follows_a_finding_or_a_meeting",
            )
        ]


class Reliance(Fact):
    """One authority's formal word that it relies on another's visit instead of making its own."""

    visibility = Partnership(writer="owner", owner="authority_id")

    authority = models.ForeignKey("partnership.Authority", on_delete=models.PROTECT, related_name="+")
    visit = models.ForeignKey(Visit, on_delete=models.CASCADE, related_name="reliances")
    relied_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    relied_at = models.DateTimeField()
    note = models.TextField(blank=True, default="")

    objects = VisibleManager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["authority", "visit"], name="reliance_once")]


class VisitSync(Fact):
    """What one device sent of a draft, kept so that the same sending answers the same, and two tablets are told
    apart. `answer` is what the device was told."""

    visibility = Own("authority_id")
    composite_keys = ((("authority_id", "visit_id"), "quality_visit", ("authority_id", "id")),)

    authority = models.ForeignKey("partnership.Authority", on_delete=models.PROTECT, related_name="+")
    visit = models.ForeignKey(Visit, on_delete=models.CASCADE, db_constraint=False, related_name="syncs")
    key = models.UUIDField()
    device = models.TextField()
    digest = models.TextField()
    sent_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    answer = models.JSONField(default=dict, blank=True)

    objects = VisibleManager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["authority", "key"], name="visit_sync_once")]


class MonitoringRule(Fact):
    """How often an authority monitors, where that differs from the partnership's usual (rules/intervals.py)."""

    visibility = Own("authority_id")

    authority = models.ForeignKey("partnership.Authority", on_delete=models.PROTECT, related_name="+")
    service_type = models.TextField()
    kind = models.TextField(choices=codes.VISIT_KINDS)
    every_days = models.IntegerField()

    objects = VisibleManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["authority", "service_type", "kind"], name="monitoring_rule_once"),
            models.CheckConstraint(condition=Q(every_days__gte=1), name="monitoring_rule_is_of_days"),
        ]
