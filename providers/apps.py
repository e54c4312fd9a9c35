from django.apps import AppConfig


class ProvidersConfig(AppConfig):
    name = "providers"

    def ready(self) -> None:
        from .sources import ocds, rates  # noqa: F401  (they register themselves)
