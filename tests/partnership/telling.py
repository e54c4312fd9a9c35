"""What tests of webhooks share: what was announced, and a clock that is turned by hand."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from commissioning.kernel.tenancy.viewer import Viewer, acting_as
from commissioning.partnership.models import WebhookEvent


def announced() -> list[tuple[str, str, Any]]:
    """(kind, resource, public id) of everything put down to be told to every member, in its order."""
    with acting_as(Viewer.of_service("tests"), by="service:tests"):
        rows = WebhookEvent.objects.filter(authority=None).order_by("pk")
        return list(rows.values_list("kind", "resource", "about"))


@dataclass
class Clock:
    now: datetime

    def __call__(self) -> datetime:
        return self.now

    def on(self, **more: int) -> datetime:
        self.now += timedelta(**more)
        return self.now
