"""How often the places where children live are monitored. Ours, to be agreed in the partnership: no statute sets a
commissioner's visits. An authority may set its own days (MonitoringRule).

A kind that is no key of a service is not asked for there. Days count from the day of the visit: on the last of them
it is still in time.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from .codes import VISIT_KINDS

LONGEST = 1096  # days: more than three years apart is no monitoring


@dataclass(frozen=True)
class Interval:
    days: int
    why: str


_HOME = {
    "site": Interval(182, "The regulator inspects a children’s home about once a year: we go twice as often."),
    "desktop": Interval(182, "Papers, insurance and staffing change within half a year."),
    "report": Interval(92, "The home’s independent person reports each month: a quarter’s reports are read together."),
}
_FLAT = {
    "site": Interval(
        92, "The regulator judges the provider, not each address: nobody else looks at the door and lock."
    ),
    "desktop": Interval(182, "Papers, insurance and staffing change within half a year."),
    "report": Interval(92, "Support hours and incidents are accounted for by the quarter."),
}
_SCHOOL = {
    "site": Interval(366, "Inspected by the regulator each year; we go once a year beside it."),
    "desktop": Interval(366, "The school’s own reports follow its year."),
    "report": Interval(182, "The school reports at least twice a year."),
}
_AGENCY = {
    "site": Interval(
        366, "A visit is to the agency: its carers are visited by its own and the child’s social workers."
    ),
    "desktop": Interval(366, "Carers’ approvals are reviewed each year."),
    "report": Interval(92, "Allegations, moves and carers’ training are accounted for by the quarter."),
}
_FAMILY = _HOME | {
    "site": Interval(182, "An assessment lasts about three months: twice a year, other families are there."),
    "report": Interval(92, "Assessments are reported as they end: a quarter’s are read together."),
}
_OTHER = {
    kind: Interval(each.days, "As for a children’s home, until it is said what it is.") for kind, each in _HOME.items()
}
USUAL: dict[str, dict[str, Interval]] = {
    "residential": _HOME,
    "secure": _HOME,
    "school": _SCHOOL,
    "family": _FAMILY,
    "fostering": _AGENCY,
    "supported": _FLAT,
    "lodgings": _AGENCY,
    "other": _OTHER,
}
# Not monitored as a service unless the authority says so.
NOT_ASKED = {
    "kinship": "Family and friends: the child’s social worker visits, and no service is bought.",
    "staying_put": "The young person stays with a former carer: no service is bought from a home.",
    "remand": "The Youth Custody Service and the inspectorates monitor custody.",
    "health": "The NHS and the Care Quality Commission monitor health settings.",
}

# What a registration is for, where no placement of ours says it.
SERVICE_OF_KIND = {
    "childrens_home": "residential", "secure_childrens_home": "secure", "school_as_home": "residential",
    "fostering_agency": "fostering", "supported_accommodation": "supported", "family_centre": "family",
    "special_school": "school", "boarding_school": "school", "college": "school",
}  # fmt: skip

Own = Mapping[tuple[str, str], int]


def every_days(service_type: str, kind: str, own: Own) -> int | None:
    """Days between two visits of the kind, by the authority's own rule or the usual one; None where none is asked."""
    if (service_type, kind) in own:
        return own[service_type, kind]
    usual = USUAL.get(service_type, {}).get(kind)
    return usual.days if usual else None


def strictest(service_types: Collection[str], kind: str, own: Own) -> int | None:
    """Where children of several services live at one address, the shortest interval."""
    known = [days for each in service_types if (days := every_days(each, kind, own)) is not None]
    return min(known, default=None)


def due_on(last_on: date | None, days: int | None) -> date | None:
    """The last day on which the visit is still in time; None where nothing is asked or nobody has been."""
    return None if last_on is None or days is None else last_on + timedelta(days=days)


def in_time(last_on: date | None, days: int | None, day: date) -> bool:
    due = due_on(last_on, days)
    return due is not None and last_on is not None and last_on <= day <= due


KINDS = tuple(VISIT_KINDS)
