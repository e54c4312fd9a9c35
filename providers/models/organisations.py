"""Providers: legal entities, their other names, who owns whom, and the documents they must keep up to date."""

from datetime import date

from django.db import models
from django.db.models import F, Q

from commissioning.kernel.models import Fact, FromFile, VisibleManager, VisibleQuerySet
from commissioning.kernel.tenancy.visibility import Partnership, ProviderSets

from ..rules import codes
from ..rules.names import fold


class ProviderQuerySet(VisibleQuerySet):
    def named_like(self, words: str) -> "ProviderQuerySet":
        """Every word is somewhere in the name."""
        rows = self
        for word in words.split():
            rows = rows.filter(name__icontains=word)
        return rows

    def called(self, words: str) -> "Provider | None":
        """The provider of this company number, recorded name or confirmed alias; None where there is none."""
        same = Q(folded_name=fold(words)) | Q(aliases__folded_name=fold(words))
        if words.strip():
            same |= Q(company_number=words.strip().upper())
        return self.filter(same).first()

    def on_lot(self, lot_id: int, day: date) -> "ProviderQuerySet":
        from .awards import Award

        return self.filter(pk__in=Award.objects.in_force_on(day).filter(lot_id=lot_id).values("provider_id"))


class Provider(Fact, FromFile):
    """A legal entity that provides homes. `folded_name` is the name as it is compared (rules/names.py)."""

    visibility = Partnership(writer="members", providers="id")

    name = models.TextField()
    folded_name = models.TextField(unique=True)
    company_number = models.TextField(blank=True, default="")
    charity_number = models.TextField(blank=True, default="")
    sector = models.TextField(choices=codes.SECTORS, blank=True, default="")

    objects = VisibleManager.from_queryset(ProviderQuerySet)()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["company_number"], condition=~Q(company_number=""), name="company_number_once"
            )
        ]

    def __str__(self) -> str:
        return self.name


class ProviderPart(Fact):
    """A row about one provider: members read and write it, the provider's contact reads it."""

    visibility = Partnership(writer="members", providers="provider_id")

    objects = VisibleManager()

    class Meta:
        abstract = True


class Alias(ProviderPart):
    """Another name under which files know a provider, confirmed by a person."""

    provider = models.ForeignKey(Provider, on_delete=models.CASCADE, related_name="aliases")
    name = models.TextField()
    folded_name = models.TextField(unique=True)


class OwnershipQuerySet(VisibleQuerySet):
    def on(self, day: date) -> "OwnershipQuerySet":
        return self.filter(Q(starts_on=None) | Q(starts_on__lte=day), Q(ends_before=None) | Q(ends_before__gt=day))


class Ownership(ProviderPart, FromFile):
    """`provider` owns `owned` for a period: an owner's group is a tree of these. Open ends mean not recorded."""

    no_overlap = ((("owned_id",), "one_owner_at_a_time"),)

    provider = models.ForeignKey(Provider, on_delete=models.PROTECT, related_name="owns")
    owned = models.ForeignKey(Provider, on_delete=models.CASCADE, related_name="owners")
    starts_on = models.DateField(null=True, blank=True)
    ends_before = models.DateField(null=True, blank=True)

    objects = VisibleManager.from_queryset(OwnershipQuerySet)()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(provider=F("owned")), name="ownership_is_of_another"),
            models.CheckConstraint(
                condition=Q(ends_before=None) | Q(starts_on=None) | Q(ends_before__gt=F("starts_on")),
                name="ownership_ends_after_it_starts",
            ),
        ]


class ComplianceDocument(Fact, FromFile):
    """Insurance and the like: what a provider must keep in force. Its contact may add a newer one."""

    visibility = Partnership(writer="members", providers="provider_id", provider_writes=ProviderSets(
        adds=("provider_id", "kind", "reference", "issued_on", "expires_on")
    ))  # fmt: skip

    provider = models.ForeignKey(Provider, on_delete=models.CASCADE, related_name="documents")
    kind = models.TextField(choices=codes.DOCUMENT_KINDS)
    reference = models.TextField(blank=True, default="")
    issued_on = models.DateField(null=True, blank=True)
    expires_on = models.DateField()

    objects = VisibleManager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(issued_on=None) | Q(expires_on__gt=F("issued_on")),
                name="document_expires_after_it_is_issued",
            )
        ]
