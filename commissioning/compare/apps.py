from django.apps import AppConfig


class CompareConfig(AppConfig):
    name = "commissioning.compare"
    label = "compare"

    def ready(self) -> None:
        from . import jobs  # noqa: F401  (registers its tasks)
        from .sources import dfe  # noqa: F401  (registers itself)
