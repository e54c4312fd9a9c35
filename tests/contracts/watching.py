"""What tests of oversight, distance and moving share: people signed in, dates as forms send them, words of a page."""

import csv
import io
from datetime import date

from django.test import Client

from commissioning.kernel.tenancy.viewer import Viewer, acting_as
from tests.contracts.bought import BY


def own(authority):
    """A context in which the authority acts."""
    return acting_as(Viewer.of_authority(authority.pk), by=BY)


def signed_in(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def day(name: str, value: date) -> dict[str, str]:
    """A date as the form's three fields."""
    return {f"{name}_0": str(value.day), f"{name}_1": str(value.month), f"{name}_2": str(value.year)}


def rows_of(answer) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(answer.getvalue().decode("utf-8-sig"))))
