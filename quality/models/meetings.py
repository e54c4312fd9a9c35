"""Contract meetings with a provider: prepared, held, minuted, and followed up on the list of actions."""

from django.db import models
from django.db.models import Q

from contracts.models.children import OwnFact, of_same_authority

from ..rules import codes
from .stages import StagedFact, of_same_work


class ContractMeeting(StagedFact):
    """One meeting with a provider, about all it does for the authority or one lot."""

    number = models.IntegerField()
    lot = models.ForeignKey(
        "partnership.Lot", on_delete=models.PROTECT, null=True, blank=True, related_name="contract_meetings"
    )
    state = models.TextField(choices=codes.MEETING_STATES, default="planned")
    planned_on = models.DateField()
    held_on = models.DateField(null=True, blank=True)
    chair = models.TextField(blank=True, default="")
    present = models.TextField(blank=True, default="")
    cancelled_why = models.TextField(blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["authority", "number"], name="contract_meeting_number_once"),
            models.CheckConstraint(
                condition=~Q(state__in=codes.HELD_STATES) | Q(held_on__isnull=False), name="meeting_held_has_its_day"
            ),
            models.CheckConstraint(
                condition=~Q(state="cancelled") | ~Q(cancelled_why=""), name="meeting_cancelled_says_why"
            ),
        ]

    def __str__(self) -> str:
        return f"Contract meeting {self.number}"


class MeetingItem(StagedFact):
    """One thing on the agenda."""

    composite_keys = (of_same_work("meeting_id", "quality_contractmeeting"),)

    meeting = models.ForeignKey(ContractMeeting, on_delete=models.CASCADE, db_constraint=False, related_name="items")
    position = models.IntegerField()
    title = models.TextField()
    words = models.TextField(blank=True, default="")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["meeting", "position"], name="meeting_item_once")]
        ordering = ["meeting", "position"]

    @property
    def minuted(self) -> "MeetingMinutes | None":
        """What the viewer may read of it. Of a list, its minutes are read beforehand."""
        return next(iter(self.minutes.all()), None)


class MeetingMinutes(StagedFact):
    """What was minuted of an item: a row of its own, as the provider reads the item before its minutes are finished."""

    composite_keys = (of_same_work("item_id", "quality_meetingitem"),)

    item = models.ForeignKey(MeetingItem, on_delete=models.CASCADE, db_constraint=False, related_name="minutes")
    words = models.TextField(blank=True, default="")

    class Meta:
        verbose_name = verbose_name_plural = "minutes"
        constraints = [models.UniqueConstraint(fields=["item"], name="meeting_minutes_once")]


class MeetingPaper(OwnFact):
    """What the authority alone has before it: the scorecard as it stood when the meeting was prepared, and its own
    notes."""

    composite_keys = (of_same_authority("meeting_id", "quality_contractmeeting"),)

    meeting = models.ForeignKey(ContractMeeting, on_delete=models.CASCADE, db_constraint=False, related_name="papers")
    scorecard = models.JSONField(default=dict, blank=True)
    notes = models.TextField(blank=True, default="")
    prepared_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["authority", "meeting"], name="meeting_paper_once")]
