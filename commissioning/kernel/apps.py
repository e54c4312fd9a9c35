from django.apps import AppConfig
from django.db.models.signals import post_migrate


class KernelConfig(AppConfig):
    name = "commissioning.kernel"
    label = "kernel"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from . import jobs  # noqa: F401  (registers its tasks)

        # Django's own hook after every migrate: the database is made to say what the models declare.
        post_migrate.connect(_secure, sender=self)


def _secure(using: str, plan: object = None, **_: object) -> None:
    """Django sends this after a flush as well, without a plan: emptied tables keep their guards."""
    from django.db import connections, transaction

    from .tenancy.policies import secure

    if using == "owner" and plan is not None:
        with transaction.atomic(using=using):
            secure(connections[using])
