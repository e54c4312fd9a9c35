"""People: who signs in, for whom, in which role; and invitations."""

import uuid

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from commissioning.kernel.tenancy.viewer import Viewer
from commissioning.kernel.tenancy.visibility import System

from ..rules.roles import AUTHORITY_ROLES, PROVIDER_ROLES, ROLES, may


class UserManager(BaseUserManager):
    """Not a VisibleManager: sign-in must find a person before there is a viewer."""

    def create_user(self, email: str, password: str | None = None, **fields: object) -> "User":
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser):
    """A person with one role, for one authority, one provider, or the partnership as a whole."""

    visibility = System(history_of="authority_id")
    unaudited = ("password",)

    id = models.BigAutoField(primary_key=True)
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    email = models.EmailField(unique=True)
    name = models.TextField(blank=True)
    role = models.TextField(choices=[(key, role.label) for key, role in ROLES.items()])
    authority = models.ForeignKey("Authority", on_delete=models.PROTECT, null=True, blank=True, related_name="people")
    provider = models.ForeignKey(
        "providers.Provider", on_delete=models.PROTECT, null=True, blank=True, related_name="contacts"
    )
    is_active = models.BooleanField(default=True)
    joined_at = models.DateTimeField(db_default=Now(), editable=False)

    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: list[str] = []

    class Meta:
        verbose_name, verbose_name_plural = "person", "people"
        constraints = [
            models.CheckConstraint(
                condition=Q(role__in=AUTHORITY_ROLES, authority__isnull=False, provider=None)
                | Q(role__in=PROVIDER_ROLES, authority=None, provider__isnull=False)
                | Q(role="partnership_administrator", authority=None, provider=None),
                name="user_role_belongs_to_its_body",
            )
        ]

    def __str__(self) -> str:
        return self.email

    @property
    def viewer(self) -> Viewer:
        if self.authority_id:
            return Viewer.of_authority(self.authority_id, with_cases=may(self.role, "read", "children"))
        if self.provider_id:
            return Viewer.of_provider(self.provider_id)
        return Viewer.of_service("partnership administration")

    def may(self, verb: str, resource: str) -> bool:
        """Whether the role may at all; whose rows it reaches, visibility decides."""
        return self.is_active and may(self.role, verb, resource)

    @property
    def body_name(self) -> str:
        """Whose person this is, as the page header says it."""
        return str(self.authority or self.provider or "The partnership")


class Invitation(models.Model):
    """Sign-up is closed: this is the only way in. The link's secret is stored as a digest."""

    visibility = System(history_of="authority_id")
    unaudited = ("digest",)

    id = models.BigAutoField(primary_key=True)
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    email = models.EmailField()
    role = models.TextField(choices=[(key, role.label) for key, role in ROLES.items()])
    authority = models.ForeignKey("Authority", on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    provider = models.ForeignKey(
        "providers.Provider", on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    digest = models.TextField(unique=True)
    invited_at = models.DateTimeField(db_default=Now(), editable=False)
    invited_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(role__in=AUTHORITY_ROLES, authority__isnull=False, provider=None)
                | Q(role__in=PROVIDER_ROLES, authority=None, provider__isnull=False)
                | Q(role="partnership_administrator", authority=None, provider=None),
                name="invitation_role_belongs_to_its_body",
            )
        ]
