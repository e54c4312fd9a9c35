"""Data quality: how good your authority's own records are, by resource and side, as its page counts them
(commissioning/compare/measures/data_quality.py). What is to be put right stands on that page: no row is told here."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID, uuid5

from rest_framework import serializers
from rest_framework.request import Request

from commissioning.compare.filters import DataQualitySelection
from commissioning.compare.measures.data_quality import data_quality
from commissioning.compare.rules.data_quality import RESOURCES, SIDES
from commissioning.kernel.tenancy.viewer import acting
from commissioning.partnership.models import Authority
from commissioning.partnership.rules.roles import may
from contracts.models import Placement

from .fields import Field, choice, whole
from .resources import Declared
from .spend import PARAMETERS, SpendView
from .views import selected

NAMESPACE = UUID("5c0e9f7d-3f0b-5b6e-8a41-7d1d6a2b9c10")  # a row's id is made of what it is of, and never changes
ONE_PAGE = date.min  # the place in a walk: all rows are of one moment, in the order of their ids
OF_THESE = "how many of the checks that apply"

DATA_QUALITY = Declared(
    name="data-quality",
    component="DataQuality",
    says="How good your authority’s own records are: for each kind of record, how many of the checks that apply hold, "
    "on three sides. Complete: what ought to be said is said. In time: recorded, agreed, published or returned within "
    "the partnership’s days. Consistent: no two facts contradict each other. The figures of the data quality page, "
    "worked out when you ask, of what your role reads; they tell of no other authority, and no row is told. So there "
    "is no updated_since: read all of it again.",
    own_fields=(
        Field("id", "id", serializers.UUIDField(help_text="made of what the row is of: the same whenever you ask")),
        choice("resource", RESOURCES, "kind of record, as its list is called here; surveys: what outcomes counts",
               required=True),
        choice("side", SIDES, required=True),
        Field("as_at", "as_at", serializers.DateField(help_text="the day of asking")),
        whole("numerator", says=f"{OF_THESE} hold", required=True),
        whole("denominator", says=f"{OF_THESE}: a row may have several", required=True),
        whole("percent", says="whole, downwards: 100 is all of them. null: nothing applies"),
        whole("score", says="of the kind of record: the sides by their weights, downwards. null: nothing applies"),
    ),
    selection=DataQualitySelection,
)  # fmt: skip


@dataclass(frozen=True)
class Asked:
    """Which figures: of these resources, as the filters and the caller's role have them, and of a side, or of all."""

    today: date
    resources: tuple[str, ...]
    side: str

    def rows(self, after: tuple[date, str] | None = None) -> Iterator[tuple[date, str, dict[str, Any]]]:
        """(the same day for all, id, row) in the order of ids, beyond `after`."""
        own = Authority.objects.values_list("uuid", flat=True).get(pk=acting().viewer.authority_id)
        judged = data_quality(self.today, self.resources)
        found = []
        for resource in self.resources:
            score = judged.score(resource)
            for side, share in score.shares.items():
                identity = str(uuid5(NAMESPACE, f"{own}|{resource}|{side}"))
                row = {
                    "id": identity, "resource": resource, "side": side, "as_at": self.today.isoformat(),
                    "numerator": share.said, "denominator": share.of, "percent": share.per_cent,
                    "score": score.per_cent,
                }  # fmt: skip
                if not self.side or side == self.side:
                    found.append((ONE_PAGE, identity, row))
        yield from (each for each in sorted(found, key=lambda each: each[1]) if after is None or each[:2] > after)


class DataQualityView(SpendView):
    """As spend: a page of rows, or all of them as a file."""

    no_delta = (
        "data-quality has no updated_since: it is worked out when it is asked, and no list of changes is kept of it.",
        "Read the whole list: it has a row for each kind of record and side.",
    )

    def _asked(self, request: Request, given: dict[str, str]) -> Asked:  # type: ignore[override]
        filters = {name: value for name, value in given.items() if name not in PARAMETERS and value != ""}
        selected(self.declared, Placement.objects.none(), filters)  # says what is wrong with a filter
        wanted = (filters["resource"],) if "resource" in filters else tuple(RESOURCES)
        resources = tuple(each for each in wanted if may(request.auth.role, "read", each))
        return Asked(request.auth.today, resources, filters.get("side", ""))
