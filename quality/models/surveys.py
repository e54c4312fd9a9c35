"""What young people say of where they live. An answer belongs to the authority that placed them, which alone reads it;
what others read is a published figure."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from commissioning.kernel.models import Fact, FromFile, VisibleManager, VisibleQuerySet
from commissioning.kernel.tenancy.visibility import Partnership
from contracts.models.children import OwnFact, of_same_authority
from contracts.rules.codes import SERVICE_TYPES

from ..rules import codes
from .stages import StagedFact


class SurveyQuerySet(VisibleQuerySet):
    def in_use(self) -> "SurveyQuerySet":
        """The newest version of each, where it has not been retired."""
        newest = Survey.objects.filter(code=models.OuterRef("code")).order_by("-number").values("pk")[:1]
        return self.filter(pk=models.Subquery(newest), retired_on=None)


class Survey(Fact):
    """One version of what young people of an age are asked. A version that somebody answered is never changed."""

    visibility = Partnership(providers="all")
    contributes = True

    code = models.TextField()
    number = models.IntegerField(default=1)
    name = models.TextField()
    statement_set = models.ForeignKey("partnership.StatementSet", on_delete=models.PROTECT, related_name="+")
    age_from = models.IntegerField()
    age_to = models.IntegerField()  # included
    retired_on = models.DateField(null=True, blank=True)

    objects = VisibleManager.from_queryset(SurveyQuerySet)()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["code", "number"], name="survey_version_once"),
            models.CheckConstraint(condition=Q(age_to__gte=models.F("age_from")), name="survey_ages_in_order"),
        ]
        ordering = ["age_from", "code", "number"]

    def __str__(self) -> str:
        return self.name


class SurveyQuestion(Fact):
    """One question. `statements` are numbers within the survey's set. `unsafe`: an answer of codes.NOT_SAFE to it
    reaches a person at once."""

    visibility = Partnership(providers="all")
    contributes = True

    survey = models.ForeignKey(Survey, on_delete=models.CASCADE, related_name="questions")
    number = models.IntegerField()
    words = models.TextField()
    kind = models.TextField(choices=codes.SURVEY_KINDS, default="scale")
    statements = ArrayField(models.IntegerField(), default=list, blank=True)
    unsafe = models.BooleanField(default=False)

    objects = VisibleManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["survey", "number"], name="survey_question_once"),
            models.CheckConstraint(
                condition=Q(unsafe=False) | Q(kind="scale"), name="survey_question_unsafe_is_on_the_scale"
            ),
        ]
        ordering = ["survey", "number"]


class SurveyInvitation(OwnFact):
    """A link that is used once, for one home on one occasion. The link itself is kept as a digest alone."""

    composite_keys = (of_same_authority("placement_id", "contracts_placement"),)
    restricted = ("digest",)

    placement = models.ForeignKey(
        "contracts.Placement", on_delete=models.CASCADE, db_constraint=False, related_name="survey_invitations"
    )
    survey = models.ForeignKey(Survey, on_delete=models.PROTECT, related_name="+")
    occasion = models.TextField(choices=codes.OCCASIONS)
    due_on = models.DateField()
    digest = models.TextField()
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    made_on = models.DateField()
    ends_before = models.DateField()
    answered_on = models.DateField(null=True, blank=True)
    withdrawn_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["authority", "digest"], name="survey_link_once"),
            models.CheckConstraint(
                condition=Q(ends_before__gt=models.F("made_on")), name="survey_link_ends_after_it_was_made"
            ),
        ]
        indexes = [models.Index(fields=["authority", "placement"], name="survey_asked_of_a_home")]


class SurveyResponse(OwnFact, FromFile):
    """One young person's answers on one day: of which home, on which occasion, and who gave them. Provider, home, lot
    and kind of home are those of the day. No time of day is kept."""

    composite_keys = (
        of_same_authority("placement_id", "contracts_placement"),
        of_same_authority("invitation_id", "quality_surveyinvitation"),
        of_same_authority("visit_id", "quality_visit"),
        of_same_authority("concern_id", "quality_concern"),
    )
    contributes = (
        "id", "authority_id", "survey_id", "placement_id", "provider_id", "lot_id", "service_type", "answered_on",
        "answered_by",
    )  # fmt: skip

    survey = models.ForeignKey(Survey, on_delete=models.PROTECT, related_name="responses")
    invitation = models.ForeignKey(
        SurveyInvitation,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        db_constraint=False,
        related_name="responses",
    )
    placement = models.ForeignKey(
        "contracts.Placement", on_delete=models.CASCADE, null=True, blank=True, db_constraint=False,
        related_name="survey_responses",
    )  # fmt: skip
    provider = models.ForeignKey(
        "providers.Provider", on_delete=models.PROTECT, null=True, blank=True, related_name="survey_responses"
    )
    establishment = models.ForeignKey(
        "providers.Establishment", on_delete=models.PROTECT, null=True, blank=True, related_name="survey_responses"
    )
    lot = models.ForeignKey("partnership.Lot", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    visit = models.ForeignKey(
        "quality.Visit",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        db_constraint=False,
        related_name="survey_responses",
    )
    service_type = models.TextField(choices=SERVICE_TYPES)
    occasion = models.TextField(choices=codes.OCCASIONS)
    answered_on = models.DateField()
    answered_by = models.TextField(choices=codes.ANSWERED_BY, default="self")
    helper = models.TextField(blank=True, default="")  # who answered, or helped: a role, never a name
    entry = models.TextField(choices=codes.SURVEY_ENTRIES, default="link")
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    concern = models.ForeignKey(
        "quality.Concern", on_delete=models.SET_NULL, null=True, blank=True, db_constraint=False, related_name="answers"
    )
    # How an answer of not being safe was followed to its end where no concern stands for it: a home of no provider.
    followed_on = models.DateField(null=True, blank=True)
    followed_how = models.TextField(blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["authority", "invitation"], name="survey_link_answered_once"),
            models.CheckConstraint(
                condition=Q(answered_by="self") | ~Q(helper=""), name="survey_answered_for_somebody_says_by_whom"
            ),
            models.CheckConstraint(
                condition=Q(followed_on=None, followed_how="") | (Q(followed_on__isnull=False) & ~Q(followed_how="")),
                name="survey_followed_says_how",
            ),
        ]
        indexes = [models.Index(fields=["authority", "answered_on"], name="survey_response_by_day")]


class OfResponse(OwnFact):
    composite_keys = (of_same_authority("response_id", "quality_surveyresponse"),)

    response = models.ForeignKey(
        SurveyResponse, on_delete=models.CASCADE, db_constraint=False, related_name="%(class)ss"
    )
    question = models.ForeignKey(SurveyQuestion, on_delete=models.PROTECT, related_name="+")

    class Meta:
        abstract = True


class SurveyAnswer(OfResponse):
    """The answer to one question on the scale, 1 to 5; empty: did not want to say."""

    contributes = ("id", "authority_id", "response_id", "question_id", "value")

    value = models.IntegerField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["authority", "response", "question"], name="survey_answer_once"),
            models.CheckConstraint(condition=Q(value=None) | Q(value__gte=1, value__lte=5), name="survey_answer_scale"),
        ]


class SurveyWords(OfResponse):
    """What a young person wrote, kept apart from what is counted: no export, figure, log or e-mail holds it, and
    history says only that it changed."""

    restricted = unaudited = ("words",)

    words = models.TextField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["authority", "response", "question"], name="survey_words_once")]


class YouSaid(StagedFact):
    """What young people said of a provider's homes, in an officer's own words and quoting no one, and what was done."""

    statement_set = models.ForeignKey("partnership.StatementSet", on_delete=models.PROTECT, related_name="+")
    statements = ArrayField(models.IntegerField(), default=list)
    said = models.TextField()
    did = models.TextField(blank=True, default="")
    said_on = models.DateField()
    did_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=(Q(did="") & Q(did_on=None)) | (~Q(did="") & Q(did_on__isnull=False)),
                name="you_said_we_did_says_when",
            )
        ]
