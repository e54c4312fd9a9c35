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


def _secure(using: str, **_: object) -> None:
    from django.db import connections, transaction

    from .tenancy.policies import secure

    if using == "owner":
        with transaction.atomic(using=using):
            secure(connections[using])
