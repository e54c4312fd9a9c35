from django.apps import AppConfig


class ContractsConfig(AppConfig):
    name = "contracts"

    def ready(self) -> None:
        from providers.pages.beside import register

        from . import jobs  # noqa: F401  (registers its tasks)
        from .pages.beside import OurPlacements
        from .sources import placements, referrals  # noqa: F401  (they register themselves)

        register(OurPlacements())
