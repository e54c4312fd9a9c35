from django.apps import AppConfig
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured


class PartnershipConfig(AppConfig):
    name = "commissioning.partnership"
    label = "partnership"

    def ready(self) -> None:
        from commissioning.kernel.outward import networks

        from . import jobs  # noqa: F401  (registers its tasks)

        try:
            networks(settings.REFUSED_NETWORKS)
        except ValueError as problem:
            raise ImproperlyConfigured(f"REFUSED_NETWORKS: {problem}") from None
