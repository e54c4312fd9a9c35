"""A rate in words, for the lists of what a rate card changed and of what was changed since."""

from datetime import date
from decimal import Decimal
from typing import Any

from commissioning.kernel import wording
from commissioning.kernel.tenancy.viewer import acting
from commissioning.partnership.models import Authority, PriceLine
from commissioning.partnership.rules.codes import UNITS
from commissioning.partnership.rules.terms import last_day

from ..models import Provider

_NAMES = "names of rates"  # the key of acting().memory: names live as long as the transaction that reads them
Facts = dict[str, Any]  # a row of providers_rate as history keeps it, by column


def title_of(row: Facts) -> str:
    """ "Alder Ltd, General fostering, Standard placement, age 5 to 10 from 1 April 2026: £853.47 a week" """
    line = _known("line", row, row["price_line_id"])
    who = _known("provider", row, row["provider_id"]) or "a provider that you cannot see"
    what = f"{line.lot.name}, {line}" if line else "a price line that you cannot see"
    for_whom = ""
    if row.get("authority_id"):
        for_whom = f", for {_known('authority', row, row['authority_id']) or 'one authority'} alone,"
    until = f" to {_last_day(row['ends_before'])}" if row.get("ends_before") else ""
    charged = in_unit(row["amount"], line.unit if line else "")
    return f"{who}, {what}{for_whom} from {wording.day(_date(row['starts_on']))}{until}: {charged}"


def detail_of(before: Facts, after: Facts) -> str | None:
    """ "£790.00 to £805.00; now ends on 30 November 2026"; None where neither the amount nor the end changed."""
    says = []
    if Decimal(str(before["amount"])) != Decimal(str(after["amount"])):
        line = _known("line", after, after["price_line_id"])
        per_cent = "per_cent" if line and line.unit == "per_cent" else ""
        says.append(f"{in_unit(before['amount'], per_cent)} to {in_unit(after['amount'], per_cent)}")
    if before.get("ends_before") != after.get("ends_before"):
        end = after.get("ends_before")
        says.append(f"now ends on {_last_day(end)}" if end else "now has no last day")
    return "; ".join(says) or None


def in_unit(amount: Any, unit: str) -> str:
    """£853.47 a week, £0.4575 a mile, 10%: pence always, and smaller parts where there are some."""
    exact = Decimal(str(amount)).normalize()
    if unit == "per_cent":
        return f"{exact:f}%"
    pounds = f"£{wording.decimal_text(exact, max(2, -int(exact.as_tuple().exponent)))}"
    return f"{pounds} {UNITS[unit]}" if unit else pounds


def _known(kind: str, row: Facts, key: int) -> Any:
    """A name by its id. The first row of a framework looks up the names of all its rows: a list asks row by row."""
    names: dict[tuple[str, int], Any] = acting().memory.setdefault(_NAMES, {})
    if (kind, key) not in names:
        names |= {(kind, pk): name for pk, name in _names(kind, row["framework_id"])}
        names.setdefault((kind, key), None)
    return names[kind, key]


def _names(kind: str, framework_id: int) -> list[tuple[int, Any]]:
    if kind == "line":
        lines = PriceLine.objects.filter(framework_id=framework_id).select_related("lot")
        return [(line.pk, line) for line in lines]
    if kind == "provider":
        return list(Provider.objects.filter(awards__framework_id=framework_id).distinct().values_list("pk", "name"))
    return list(Authority.objects.values_list("pk", "name"))


def _date(value: Any) -> date:
    return date.fromisoformat(str(value))


def _last_day(ends_before: Any) -> str:
    return wording.day(last_day(_date(ends_before)))
