from django.apps import AppConfig


class QualityConfig(AppConfig):
    name = "quality"

    def ready(self) -> None:
        from providers.pages.beside import register

        from . import jobs  # noqa: F401  (registers its tasks)
        from .pages.beside import Judgements
        from .sources import kpi_returns, notifiable_events, ofsted, surveys  # noqa: F401  (they register themselves)

        register(Judgements())
