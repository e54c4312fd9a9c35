from django.apps import AppConfig
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured


class CompareConfig(AppConfig):
    name = "commissioning.compare"
    label = "compare"

    def ready(self) -> None:
        from providers.pages.beside import register

        from . import jobs  # noqa: F401  (registers its tasks)
        from .pages.scorecards import Scorecards
        from .rules.disclosure import thresholds
        from .sources import dfe  # noqa: F401  (registers itself)

        register(Scorecards())
        try:  # whatever starts, not the first release that is built
            thresholds(settings.DISCLOSURE)
        except ValueError as problem:
            raise ImproperlyConfigured(str(problem)) from None
