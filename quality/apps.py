from django.apps import AppConfig


class QualityConfig(AppConfig):
    name = "quality"

    def ready(self) -> None:
        from .sources import ofsted  # noqa: F401  (registers itself)
