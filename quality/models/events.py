"""What providers must notify, what people are concerned about, and how far a concern with a provider has gone."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from commissioning.kernel.models import Fact, VisibleManager
from commissioning.kernel.tenancy.visibility import Own, Partnership, ProviderSets, Staged

from ..rules import codes
from .stages import StagedFact


class NotifiableEvent(Fact):
    """A serious event at a home, as its regulations name it. Members read this much and no word about a child: what
    concerns a child is in the notice to the child's own authority."""

    visibility = Partnership(writer="members", providers="provider_id", provider_writes=ProviderSets(adds=(
        "provider_id", "establishment_id", "premises_id", "reference", "rule", "theme", "happened_at", "received_at",
        "regulator_told_at",
    )))  # fmt: skip

    provider = models.ForeignKey("providers.Provider", on_delete=models.PROTECT, related_name="events")
    establishment = models.ForeignKey("providers.Establishment", on_delete=models.PROTECT, related_name="events")
    premises = models.ForeignKey(
        "providers.Premises", on_delete=models.PROTECT, null=True, blank=True, related_name="events"
    )
    reference = models.TextField(blank=True, default="")  # the provider's own
    rule = models.TextField(choices=codes.EVENT_RULES)
    theme = models.TextField(choices=codes.EVENT_THEMES)
    happened_at = models.DateTimeField()
    received_at = models.DateTimeField()
    regulator_told_at = models.DateTimeField(null=True, blank=True)
    closed_on = models.DateField(null=True, blank=True)

    objects = VisibleManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["provider", "reference"], condition=~Q(reference=""), name="event_reference_once"
            ),
            models.CheckConstraint(
                condition=Q(received_at__gte=F("happened_at")), name="event_is_received_after_it_happened"
            ),
        ]
        indexes = [models.Index(fields=["establishment", "happened_at"], name="event_by_place")]


class EventNotice(Fact):
    """An event as one placing authority is told of it, with what concerns its own child, and its acknowledgement."""

    visibility = Own("authority_id", provider="provider_id", provider_writes=ProviderSets(
        adds=("authority_id", "provider_id", "event_id", "words", "told_at"),
        changes=("words", "acknowledged_by_id", "acknowledged_at"),
        # More words, which wait to be acknowledged again.
        while_="starts_with(NEW.words, OLD.words) AND num_nonnulls(NEW.acknowledged_by_id, NEW.acknowledged_at) = 0",
    ))  # fmt: skip

    authority = models.ForeignKey("partnership.Authority", on_delete=models.PROTECT, related_name="+")
    provider = models.ForeignKey("providers.Provider", on_delete=models.PROTECT, related_name="event_notices")
    event = models.ForeignKey(NotifiableEvent, on_delete=models.CASCADE, related_name="notices")
    words = models.TextField(blank=True, default="")
    told_at = models.DateTimeField()
    acknowledged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    acknowledged_at = models.DateTimeField(null=True, blank=True)
    acknowledged_words = models.TextField(blank=True, default="")

    objects = VisibleManager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["authority", "event"], name="event_notice_once")]


class Concern(StagedFact):
    """A concern or a complaint. `words` hold nothing about a child, so that they may be shared; what does is in the
    notes. A safeguarding one alerts at once."""

    visibility = Staged(also="about_id", in_confidence=True)

    number = models.IntegerField()
    kind = models.TextField(choices=codes.CONCERN_KINDS)
    source = models.TextField(choices=codes.CONCERN_SOURCES)
    theme = models.TextField(choices=codes.CONCERN_THEMES)
    marking = models.TextField(choices=codes.MARKINGS)
    about = models.ForeignKey(
        "partnership.Authority", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    establishment = models.ForeignKey(
        "providers.Establishment", on_delete=models.PROTECT, null=True, blank=True, related_name="concerns"
    )
    words = models.TextField()
    raised_on = models.DateField()
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    closed_on = models.DateField(null=True, blank=True)
    outcome = models.TextField(blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["authority", "number"], name="concern_number_once"),
            models.CheckConstraint(
                condition=Q(closed_on=None) | (Q(closed_on__gte=F("raised_on")) & ~Q(outcome="")),
                name="concern_closed_says_how",
            ),
            models.CheckConstraint(
                condition=Q(marking="shareable") | Q(to_members=False), name="concern_that_is_not_shareable_stays"
            ),
        ]


class ConcernNote(Fact):
    """What the authority alone keeps of a concern: it may speak of a child."""

    visibility = Own("authority_id")
    composite_keys = ((("authority_id", "concern_id"), "quality_concern", ("authority_id", "id")),)

    authority = models.ForeignKey("partnership.Authority", on_delete=models.PROTECT, related_name="+")
    concern = models.ForeignKey(Concern, on_delete=models.CASCADE, db_constraint=False, related_name="notes")
    words = models.TextField()
    noted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    noted_at = models.DateTimeField()

    objects = VisibleManager()


class Escalation(StagedFact):
    """A step of the ladder with a provider: a letter or notice, its deadline, and how it ended. One that was
    withdrawn stays on the record."""

    establishment = models.ForeignKey(
        "providers.Establishment", on_delete=models.PROTECT, null=True, blank=True, related_name="escalations"
    )
    stage = models.TextField(choices=codes.ESCALATION_STAGES)
    state = models.TextField(choices=codes.ESCALATION_STATES, default="open")
    reason = models.TextField()
    sent_on = models.DateField()
    deadline_on = models.DateField(null=True, blank=True)
    ended_on = models.DateField(null=True, blank=True)
    ended_why = models.TextField(blank=True, default="")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(deadline_on=None) | Q(deadline_on__gt=F("sent_on")), name="escalation_deadline_follows"
            ),
            models.CheckConstraint(
                condition=Q(state="open", ended_on=None) | (~Q(state="open") & Q(ended_on__isnull=False)),
                name="escalation_that_ended_says_when",
            ),
        ]
