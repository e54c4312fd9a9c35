"""The kinds of care of a published cost-of-care table, and which released figure each may stand beside.

The seven rows and their order are those of Lewisham's table of 2020/21 (FIELD.md, story 5): fostering is told apart by
whose carers they are, semi-independent homes by the young person's age. What else an authority has comes after them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from contracts.rules.codes import SERVICE_TYPES

from .catalogue import ADULT

OWN, BOUGHT = "in house", "bought from others"


@dataclass(frozen=True)
class Kind:
    """`whose`: OWN or BOUGHT, empty for a row of both. `age`: as catalogue.priced_age() has it, empty where all ages
    stand together."""

    key: str
    label: str
    service: str
    whose: str = ""
    age: str = ""

    def cells(self, whose: str) -> Iterator[tuple[str, tuple[Any, ...]]]:
        """(cut, values) of the weekly price: the figure that matches, then the wider ones. `whose` decides for a row
        of both. All figures but those by route are of homes bought from others (rules/figures.py)."""
        if (self.whose or whose) == OWN:
            yield "service_route", (self.service, "in_house")
            return
        if self.age:
            yield "service_age", (self.service, self.age)
        yield "service", (self.service,)


PUBLISHED = (
    Kind("fostering_own", "Fostering (in house)", "fostering", OWN),
    Kind("supported_adult", "Semi-independent (18 and over)", "supported", BOUGHT, "18 and over"),
    Kind("supported", "Semi-independent", "supported", BOUGHT, "under 18"),
    Kind("fostering", "Independent fostering agency", "fostering", BOUGHT),
    Kind("residential", "Residential", "residential", BOUGHT),
    Kind("lodgings", "Supported lodgings", "lodgings"),
    Kind("kinship", "Placed with family and friends", "kinship"),
)
_PUBLISHED = {(kind.service, kind.whose, kind.age): kind for kind in PUBLISHED}


def kind_of(service: str, route: str, age: int | None) -> Kind:
    """The row that a home belongs to. A young person whose age is not known counts as under 18."""
    whose = OWN if route == "in_house" else BOUGHT
    adult = "18 and over" if age is not None and age >= ADULT else "under 18"
    for key in ((service, whose, ""), (service, whose, adult), (service, "", "")):
        if key in _PUBLISHED:
            return _PUBLISHED[key]
    label = SERVICE_TYPES.get(service, service)
    return Kind(f"{service}_{route == 'in_house'}", f"{label} (in house)" if whose == OWN else label, service, whose)


def in_order(kinds: list[Kind]) -> list[Kind]:
    """Those of the published table first, all seven of them, then the others by their words."""
    others = sorted(set(kinds) - set(PUBLISHED), key=lambda kind: kind.label)
    return [*PUBLISHED, *others]
