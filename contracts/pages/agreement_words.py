"""What a version of an agreement says, in words: the page and the printed document show the same."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from commissioning.kernel import wording
from commissioning.kernel.tables import Column

from ..models import AgreementVersion, Placement
from ..rules import codes
from ..rules.amendments import changed_fields, changed_rows
from .placement_words import home_of, last_day_of

NONE = "none"
FIELDS = {
    "agreed_on": "Agreed on",
    "starts_on": "Applies from",
    "planned_end_on": "Planned to end on",
    "notice_days": "Notice",
    "price_asked": "Price asked",
    "price_agreed": "Price agreed",
    "negotiated_by": "Negotiated by",
    "negotiation": "Why the price is not the price asked",
    "included": "Included",
    "included_note": "About what is included",
    "staying_put_terms": "Staying-put terms",
    "staying_put_absence": "Why there are no staying-put terms",
    "provider_signatory": "Signs for the provider",
    "authority_signatory": "Signs for the authority",
}


@dataclass(frozen=True)
class Section:
    """A heading with pairs (label, words), or with a table: its columns and rows."""

    heading: str
    pairs: list[tuple[str, str]] = field(default_factory=list)
    columns: Sequence[Column] = ()
    rows: Sequence[Any] = ()
    noun: tuple[str, str] = ("row", "rows")
    nothing: str = ""


def sections(version: AgreementVersion) -> list[Section]:
    """Everything that the version says, in the order in which it is read. Its placement is loaded with its home."""
    placement = version.placement
    ends = wording.day(version.planned_end_on) if version.planned_end_on else "no planned end"
    found = [
        Section("Who agrees", [
            ("Authority", str(version.authority)),
            ("Provider", home_of(placement)),
            ("Signs for the authority", version.authority_signatory),
            ("Signs for the provider", version.provider_signatory),
        ]),
        Section("The home", [*home_pairs(placement)]),
        Section("Dates and notice", [
            ("Agreed on", wording.day(version.agreed_on)),
            ("Applies from", wording.day(version.starts_on)),
            ("Planned to end on", ends),
            ("Notice", days(version.notice_days)),
        ]),
        Section("What is paid", columns=line_columns(), rows=version.lines, noun=("line", "lines"),
                nothing="Nothing is paid for this home."),
        Section("Price", [
            ("Price asked", a_week(version.price_asked)),
            ("Price agreed", a_week(version.price_agreed)),
            *([("Negotiated by", version.negotiated_by)] if version.negotiated_by else []),
            *([("Why it is not the price asked", version.negotiation)] if version.negotiation else []),
        ]),
        Section("Who pays", columns=funding_columns(version.lines), rows=version.funding, noun=("part", "parts"),
                nothing="Nobody pays for this home."),
        Section("Included in the core price", [
            *((label, "Yes" if key in version.included else "No") for key, label in codes.INCLUDED.items()),
            *([("About what is included", version.included_note)] if version.included_note else []),
        ]),
    ]  # fmt: skip
    if version.staying_put_terms or version.staying_put_absence:
        terms = [("Terms", version.staying_put_terms), ("Why there are none", version.staying_put_absence)]
        found.append(Section("Staying put", [pair for pair in terms if pair[1]]))
    found.append(
        Section(
            "Outcomes sought", columns=outcome_columns(), rows=version.outcomes, noun=("outcome", "outcomes"),
            nothing="No outcome is recorded.",
        )
    )  # fmt: skip
    return found


def home_pairs(placement: Placement) -> list[tuple[str, str]]:
    """What kind of home, its registration and where it is, as far as it may be said: no address of a children's home
    is published."""
    pairs = [("Child", str(placement.child)), ("Kind of home", placement.get_service_type_display())]
    if placement.level:
        pairs.append(("Level", placement.get_level_display()))
    home, premises = placement.establishment, placement.premises
    if home is not None:
        pairs.append(("Registered as", f"{home.shown_name} (URN {home.urn})"))
    if premises is not None and premises.area_name:
        pairs.append(("Premises", f"In {premises.area_name}"))
    if home is None:
        pairs.append(("Registration", placement.get_registration_display()))
    return [*pairs, ("Living there since", wording.day(placement.starts_on))]


def days(number: int) -> str:
    return "1 day" if number == 1 else f"{number} days"


def a_week(amount: Decimal | None) -> str:
    return f"{wording.pounds(amount)} a week" if amount is not None else ""


def line_name(line: Mapping[str, Any]) -> str:
    """ "Additional service: Therapy, weekly session" """
    category = codes.COST_CATEGORIES.get(line["category"], line["category"])
    named = ", ".join(part for part in (codes.SERVICES.get(line["service"], ""), line["description"]) if part)
    return f"{category}: {named}" if named else category


def line_price(line: Mapping[str, Any]) -> str:
    """ "£25.00 an hour, 10 a week"; "£4,200.00 a week"; "£2,500.00 once" """
    price = f"{wording.pounds(line['amount'])} {codes.COST_UNITS[line['unit']]}"
    quantity = Decimal(line["quantity"]).normalize()
    if quantity == 1:
        return price
    return f"{price}, {quantity:f} {'in all' if line['unit'] == 'one_off' else 'a week'}"


def line_columns() -> list[Column]:
    return [
        Column("line", "What", value=line_name),
        Column("price", "Price", value=line_price),
        Column("weekly", "A week", value=lambda line: Decimal(line["weekly_amount"]), kind="money", unit="£"),
        Column("from", "From", value=lambda line: date.fromisoformat(line["starts_on"]), kind="date"),
        Column("until", "Last day", value=_last_day, missing="as long as the home"),
        Column("approved", "Approved by", value=_approved, missing=""),
        Column("review", "Review due on", value=lambda line: _day(line["review_on"]), missing=""),
    ]


def funding_columns(lines: Sequence[Mapping[str, Any]]) -> list[Column]:
    names = {line["id"]: line_name(line) for line in lines}
    return [
        Column("line", "Line", value=lambda part: names.get(part["line"], "")),
        Column("funder", "Who pays", value=lambda part: codes.FUNDERS.get(part["funder"], part["funder"])),
        Column("weekly", "A week", value=lambda part: Decimal(part["weekly_amount"]), kind="money", unit="£"),
        Column("once", "Once", value=lambda part: Decimal(part["once_amount"]), kind="money", unit="£"),
    ]


def outcome_columns() -> list[Column]:
    return [
        Column("sought", "Sought"),
        Column("statements", "I statements it serves", value=statements_of),
        Column("baseline", "At the beginning", value=lambda row: codes.PROGRESS[row["baseline"]]),
    ]


def statements_of(outcome: Mapping[str, Any]) -> str:
    return "; ".join(f"{each['number']}. {each['words']}" for each in outcome["statements"])


def what_changed(before: AgreementVersion, after: AgreementVersion) -> list[tuple[str, str, str]]:
    """(what, before, now) of each field, line, payer and outcome that differs, in words; a part that came or went has
    "none" on the other side."""
    rows = [
        (FIELDS[name], _value(name, old), _value(name, new))
        for name, old, new in changed_fields(vars(before), vars(after), FIELDS)
    ]
    lines = changed_rows(before.lines, after.lines)
    rows += [(line_name(line), NONE, _line_words(line)) for line in lines.added]
    rows += [(line_name(line), _line_words(line), "ended, or no longer in it") for line in lines.gone]
    rows += [(line_name(new), _line_words(old), _line_words(new)) for old, new in lines.changed]
    rows += _payers(before, after)
    outcomes = changed_rows(before.outcomes, after.outcomes)
    rows += [("Outcome", NONE, row["sought"]) for row in outcomes.added]
    rows += [("Outcome", row["sought"], "no longer sought") for row in outcomes.gone]
    return rows


def _payers(before: AgreementVersion, after: AgreementVersion) -> list[tuple[str, str, str]]:
    """Who pays, of the lines that both versions have; a line that came or went is told above."""
    both = {line["id"] for line in before.lines} & {line["id"] for line in after.lines}
    names = {line["id"]: line_name(line) for line in after.lines}
    old, new = (
        {line: _shares([part for part in version.funding if part["line"] == line]) for line in both}
        for version in (before, after)
    )
    return [(f"Who pays: {names[line]}", old[line], new[line]) for line in sorted(both) if old[line] != new[line]]


def _shares(parts: Sequence[Mapping[str, Any]]) -> str:
    return "; ".join(
        f"{codes.FUNDERS.get(part['funder'], part['funder'])} "
        + (a_week(Decimal(part["weekly_amount"])) if Decimal(part["weekly_amount"]) else _once(part))
        for part in parts
    )


def _once(part: Mapping[str, Any]) -> str:
    return f"{wording.pounds(part['once_amount'])} once"


def _line_words(line: Mapping[str, Any]) -> str:
    last = _last_day(line)
    until = f" until {last}" if last else ""
    review = f", review due on {_day(line['review_on'])}" if line["review_on"] else ""
    return f"{line_price(line)}, from {_day(line['starts_on'])}{until}{review}"


def _value(name: str, value: Any) -> str:
    if value is None:
        return NONE
    if name == "included":
        return ", ".join(label for key, label in codes.INCLUDED.items() if key in value) or NONE
    if name == "notice_days":
        return days(value)
    if isinstance(value, Decimal):
        return a_week(value)
    if isinstance(value, date):
        return wording.day(value)
    return value or NONE


def _day(text: str | None) -> str:
    return wording.day(date.fromisoformat(text)) if text else ""


def _last_day(line: Mapping[str, Any]) -> str:
    return last_day_of(date.fromisoformat(line["ends_before"]) if line["ends_before"] else None)


def _approved(line: Mapping[str, Any]) -> str:
    if not line["approved_by"]:
        return ""
    return f"{line['approved_by']}, {_day(line['approved_on'])}" if line["approved_on"] else line["approved_by"]


def line_label(line: Mapping[str, Any]) -> str:
    """ "Core: £4,200.00 a week, from 2 June 2025", as a choice of a form."""
    return f"{line_name(line)}: {_line_words(line)}"
