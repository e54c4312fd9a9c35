from django.apps import AppConfig


class NeedConfig(AppConfig):
    name = "commissioning.need"

    def ready(self) -> None:
        from .sources import plan  # noqa: F401  (registers itself)
