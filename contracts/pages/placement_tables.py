"""The sections of a placement's page: each a table, and the step that may be taken next."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.http import HttpRequest

from commissioning.kernel import wording
from commissioning.kernel.tables import Column, EmptyState, Table
from providers.pages.tones import ToneColumn

from ..models import CostLine, Outcome, Placement
from ..rules import codes
from .placement_words import last_day_of


@dataclass(frozen=True)
class Section:
    """One part of the page: its anchor, its table, and the links under it (words, address)."""

    anchor: str
    table: Table
    links: tuple[tuple[str, str], ...] = ()


def sections(
    request: HttpRequest, placement: Placement, parts: dict[str, Any], today: date, *, is_open: bool
) -> list[Section]:
    page = f"/placements/{placement.uuid}/"
    services = [line for line in parts["lines"] if line.category == "additional"]
    others = [line for line in parts["lines"] if line.category != "additional"]

    def may(verb: str, resource: str, words: str, address: str) -> tuple[tuple[str, str], ...]:
        return ((words, f"{page}{address}"),) if request.user.may(verb, resource) else ()

    pays = f"{page}funding/" if request.user.may("change", "funding-splits") else ""
    lines = f"{page}lines/" if request.user.may("change", "cost-lines") else ""
    return [
        _section(
            "costs", "What it costs", _cost_columns(pays, lines), others, ("cost line", "cost lines"),
            "The price a week, discounts and what is paid once stand here, each with who pays it.",
            may("create", "cost-lines", "Add a cost line", "lines/new/"),
        ),
        _section(
            "agreements", "Agreement", _agreement_columns(page), parts["agreements"], ("version", "versions"),
            "Each signed version of the Individual Placement Agreement stands here, and never changes.",
            may("create", "agreements", "Amend the agreement", "agreement/amend/") if parts["agreements"]
            else may("create", "agreements", "Make the agreement", "agreement/new/"),
        ),
        _section(
            "services", "Additional services", _service_columns(today, pays, lines), services, ("service", "services"),
            "Extra staffing, therapy and the like stand here with who approved them, until when, and when they are "
            "looked at again.",
            may("create", "cost-lines", "Approve a service", "services/new/") if is_open else (),
        ),
        _section(
            "outcomes", "Outcomes for the child", _outcome_columns(), parts["outcomes"], ("outcome", "outcomes"),
            "What this home is meant to bring about stands here, with how far it has come.",
            may("read", "outcomes", "Outcomes and reviews", "outcomes/"),
        ),
        _section(
            "oversight", "Where no regulator looks", _oversight_columns(), parts["oversight"], ("record", "records"),
            "Approvals of an unregistered or unregulated home, and deprivation of liberty orders, stand here.",
            may("change", "oversight", "Record an approval or an order", "oversight/new/") if is_open else (),
        ),
        _section(
            "distance", "Distance approval", _distance_columns(), [parts["distance"]] if parts["distance"] else [],
            ("approval", "approvals"), "Who agreed that the child lives outside the authority or far away stands here.",
            may("change", "placements", "Distance and approval", "distance/"),
        ),
        _section(
            "meetings", "Meetings", _meeting_columns(today), parts["meetings"], ("meeting", "meetings"),
            "Planning, stability and disruption meetings stand here: when they were due, and when they were held.",
            may("change", "placements", "Plan or record a meeting", "meetings/new/"),
        ),
        *([_ended(placement, may)] if not is_open else []),
    ]  # fmt: skip


def _section(
    anchor: str, caption: str, columns: list[Column], rows: list[Any], noun: tuple[str, str], why: str,
    links: tuple[tuple[str, str], ...],
) -> Section:  # fmt: skip
    empty = EmptyState(f"{caption}: nothing recorded", why, *(links[0] if links else ()))
    table = Table(columns, rows, caption, per_page=None, noun=noun, empty=empty, compact=True)
    return Section(anchor, table, links if rows else ())


def _last(row: Any) -> str | None:
    return last_day_of(row.ends_before) or None


def _from_until() -> list[Column]:
    return [
        Column("starts_on", "From", kind="date"),
        Column("last_day", "Last day", value=_last, missing="open"),
    ]


def _paid_by(line: CostLine) -> str | None:
    """ "Social care £600.00, Health £400.00", in the order of the code list."""
    parts = {split.funder: split.weekly_amount or split.once_amount for split in line.splits.all()}
    return ", ".join(f"{words} {wording.pounds(parts[key])}" for key, words in codes.FUNDERS.items() if key in parts)


def _what(line: CostLine) -> str:
    """ "Core", "Discount: sibling", "Waking night: two nights": its kind, and what was written of it."""
    kind = line.get_service_display() if line.service else line.get_category_display()
    more = line.description or (line.price_line.title if line.price_line_id else "")
    return f"{kind}: {more}" if more else kind


def _price(line: CostLine) -> str:
    """ "£25.00 an hour, 10 a week"; "£712.40 a week"."""
    unit = line.get_unit_display()
    amount = f"{wording.pounds(line.amount)} {unit}"
    times = f"{line.quantity:f}".rstrip("0").rstrip(".")
    if times == "1":
        return amount
    return f"{amount}, {times} times" if line.unit == "one_off" else f"{amount}, {times} a week"


def _paid_by_column(pays: str) -> Column:
    """`pays` is where a person may say who pays, but for the line's own id; empty where the person may not."""
    return Column(
        "paid_by", "Paid by", value=_paid_by, missing="social care alone",
        link=lambda line: f"{pays}{line.uuid}/" if pays else None,
    )  # fmt: skip


def _cost_columns(pays: str, lines: str) -> list[Column]:
    """`lines` is where a person may end a line or carry it on at a new price; empty where the person may not."""
    return [
        Column("what", "What", value=_what, link=lambda line: f"{lines}{line.uuid}/end/" if lines else None),
        Column("price", "Price", value=_price),
        Column("weekly", "A week", value=lambda line: line.weekly_amount, kind="money", unit="£"),
        *_from_until(),
        _paid_by_column(pays),
    ]


def _service_columns(today: date, pays: str, lines: str) -> list[Column]:
    def state(line: CostLine) -> tuple[str, str]:
        if line.ends_before is not None and line.ends_before <= today:
            return "Ended", "plain"
        if line.review_on is None:
            return "No review planned", "needs"
        return ("Past review", "harm") if line.review_on < today else ("Approved", "good")

    return [
        *_cost_columns(pays, lines)[:5],
        Column("approved_by", "Approved by", value=lambda line: line.approved_by),
        Column("review_on", "Review", kind="date"),
        ToneColumn("state", "State", value=lambda line: state(line)[0], tone=lambda line: state(line)[1]),
        _paid_by_column(pays),
    ]


def _agreement_columns(page: str) -> list[Column]:
    return [
        Column(
            "number",
            "Version",
            value=lambda row: f"Version {row.number}",
            link=lambda row: f"{page}agreement/{row.number}/",
        ),
        Column("agreed_on", "Agreed on", kind="date"),
        Column("starts_on", "From", kind="date"),
        Column("asked", "Asked", value=lambda row: row.price_asked, kind="money", unit="£ a week"),
        Column("agreed", "Agreed", value=lambda row: row.price_agreed, kind="money", unit="£ a week"),
        Column("notice", "Notice", value=lambda row: row.notice_days, kind="number", unit="days"),
        Column("changes", "Why this version", value=lambda row: row.changes, missing=""),
    ]


def _outcome_columns() -> list[Column]:
    def newest(row: Outcome) -> Any:
        return max(row.reviews.all(), key=lambda review: (review.reviewed_on, review.pk), default=None)

    def now(row: Outcome) -> str | None:
        review = newest(row)
        return review.get_now_display() if review else None

    return [
        Column("sought", "Sought"),
        Column("baseline", "At the beginning", value=lambda row: row.get_baseline_display()),
        Column("now", "At the latest review", value=now, missing="not reviewed yet"),
        Column(
            "reviewed_on", "Reviewed on", value=lambda row: review.reviewed_on if (review := newest(row)) else None,
            kind="date", missing="not reviewed yet",
        ),
        Column("dropped_on", "Dropped on", kind="date", missing=""),
    ]  # fmt: skip


def _oversight_columns() -> list[Column]:
    return [
        Column("kind", "What", value=lambda row: row.get_kind_display()),
        *_from_until(),
        Column("approved_by", "Approved by"),
        Column("visits", "Visits every", value=lambda row: row.visit_every_days, kind="number", unit="days"),
        Column("last_visited_on", "Last visited", kind="date", missing="not once"),
        Column("regulator_told_on", "Ofsted told on", kind="date"),
        Column("exit_by", "Way out by", kind="date"),
    ]


def _distance_columns() -> list[Column]:
    return [
        Column("reason", "Why", value=lambda row: row.get_reason_display()),
        Column("approved_by", "Approved by"),
        Column("approved_on", "Approved on", kind="date", missing="not approved"),
        Column("host_told_on", "Host authority told on", kind="date", missing="not told"),
    ]


def _meeting_columns(today: date) -> list[Column]:
    def state(row: Any) -> tuple[str, str]:
        if row.held_on is not None:
            return ("Held in time", "good") if row.held_on <= row.due_on else ("Held late", "needs")
        return ("Overdue", "harm") if row.due_on <= today else ("Planned", "plain")

    return [
        Column("kind", "Meeting", value=lambda row: row.get_kind_display()),
        Column("due_on", "Due on", kind="date"),
        Column("held_on", "Held on", kind="date", missing="not held"),
        ToneColumn("state", "State", value=lambda row: state(row)[0], tone=lambda row: state(row)[1]),
    ]


def _ended(placement: Placement, may: Any) -> Section:
    columns = [
        Column("ends_before", "Left on", kind="date"),
        Column("end_reason", "Why", value=lambda row: row.get_end_reason_display()),
        Column("ended_by", "Ended by", value=lambda row: row.get_ended_by_display()),
        Column("ended_as_planned", "As planned", kind="yesno"),
        Column("notice_given_on", "Notice given on", kind="date"),
        Column("destination", "Went to", value=lambda row: row.get_destination_display()),
    ]
    words = "Change how it ended" if placement.end_reason else "Say how it ended"
    return _section(
        "end", "How it ended", columns, [placement], ("end", "ends"), "", may("change", "placements", words, "end/")
    )
