"""Files that stand behind what was found or done. The row says what and whose; the file is in the evidence storage."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from commissioning.kernel.tenancy.visibility import ProviderSets, Staged

from ..rules import codes
from .stages import StagedFact, of_same_work
from .visits import Finding, ImprovementAction, TemplateQuestion, Visit


class Evidence(StagedFact):
    """One file. A photograph has consent recorded. `stored_as` is its name in the storage, which no page shows."""

    visibility = Staged(in_confidence=True, provider_writes=ProviderSets(adds=(
        "authority_id", "provider_id", "to_provider", "visit_id", "finding_id", "action_id", "kind", "name",
        "content_type", "size", "digest", "stored_as", "caption", "consent", "redacted", "sent_by_id", "sent_at",
    )))  # fmt: skip
    unaudited = ("stored_as",)
    composite_keys = (
        of_same_work("visit_id", "quality_visit"),
        of_same_work("finding_id", "quality_finding"),
        of_same_work("action_id", "quality_improvementaction"),
    )

    visit = models.ForeignKey(
        Visit, on_delete=models.CASCADE, null=True, blank=True, db_constraint=False, related_name="evidence"
    )
    question = models.ForeignKey(TemplateQuestion, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    finding = models.ForeignKey(
        Finding, on_delete=models.CASCADE, null=True, blank=True, db_constraint=False, related_name="evidence"
    )
    action = models.ForeignKey(
        ImprovementAction, on_delete=models.CASCADE, null=True, blank=True, db_constraint=False, related_name="evidence"
    )
    kind = models.TextField(choices=codes.EVIDENCE_KINDS)
    name = models.TextField()
    content_type = models.TextField()
    size = models.IntegerField()
    digest = models.TextField()
    stored_as = models.TextField(unique=True)
    caption = models.TextField(blank=True, default="")
    consent = models.BooleanField(default=False)
    redacted = models.BooleanField(default=False)
    device_key = models.UUIDField(null=True, blank=True)
    sent_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    sent_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "evidence"
        constraints = [
            models.UniqueConstraint(fields=["authority", "device_key"], name="evidence_comes_in_once"),
            models.CheckConstraint(condition=~Q(kind="photograph") | Q(consent=True), name="photograph_has_consent"),
        ]
