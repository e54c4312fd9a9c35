"""The rate card of a lot: a workbook to fill in, which comes back through the source `rates`."""

from collections.abc import Sequence
from datetime import date, datetime

from commissioning.kernel.exports.form import FormColumn, WorkbookForm
from commissioning.kernel.exports.notice import Notice
from commissioning.partnership.models import Lot, Participation

from .models import Award, Provider, Rate
from .rules.card import EVERY_PARTICIPANT, SHEET

SPARE_ROWS = 60  # to price lines again for other authorities or periods
INSTRUCTIONS = (
    "Fill in one row for each price line that you price, on the sheet “Rates”. Leave the rate empty where you do not.",
    "Rate: pounds in the unit of the line, without VAT, at most four decimals. A percentage is written as 5 for 5%.",
    "From: the first day the rate applies. Last day: only where it ends; a later rate ends the one before it.",
    "Authority: leave it as it is for a rate that every participating authority pays.",
    "Do not change the grey columns: they say which framework, lot and price line the row is for.",
    "Use the empty rows below to price a line again for another authority or period: copy its grey cells.",
    "Send the file to the lead authority. It is checked before anything is loaded; rows that need a change come back.",
)


def rate_card(lot: Lot, *, viewer: str, today: date, made_at: datetime, provider: Provider | None = None) -> bytes:
    """The lot's card as xlsx: one row for each price line, for one provider with its present rates, or blank."""
    now = _rates_now(lot, provider, today) if provider else {}
    rows = [
        {
            "framework": lot.framework.reference,
            "lot": lot.number,
            "line": line.code,
            "priced": " ".join(word for word in (line.name, line.ages and f"(age {line.ages})") if word),
            "unit": line.get_unit_display(),
            "includes": line.includes,
            "provider": provider.name if provider else None,
            "company_number": provider.company_number if provider else None,
            "authority": EVERY_PARTICIPANT,
            "amount": now.get(line.pk),
        }
        for line in lot.price_lines.order_by("position", "pk")
    ]
    notice = Notice(title=f"Rate card: {lot.framework.name}, {lot}", viewer=viewer, made_at=made_at)
    return WorkbookForm(
        sheet=SHEET, columns=_columns(lot, today), rows=rows, instructions=INSTRUCTIONS, notice=notice,
        reference={"source": "rates", "lot": str(lot.uuid)}, spare=SPARE_ROWS,
    ).build()  # fmt: skip


def _columns(lot: Lot, today: date) -> Sequence[FormColumn]:
    names = list(
        Award.objects.in_force_on(today)
        .filter(lot=lot)
        .order_by("provider__name")
        .values_list("provider__name", flat=True)
    )
    members = list(
        Participation.objects.on(today)
        .filter(framework=lot.framework)
        .order_by("authority__name")
        .values_list("authority__name", flat=True)
    )
    provider = (
        FormColumn("provider", "Provider", "choice", choices=names, width=34)
        if names
        else FormColumn("provider", "Provider", width=34)
    )
    return (
        FormColumn("framework", "Framework", locked=True, width=16),
        FormColumn("lot", "Lot", locked=True, width=8),
        FormColumn("line", "Price line", locked=True, width=16),
        FormColumn("priced", "What is priced", locked=True, width=36),
        FormColumn("unit", "Unit", locked=True, width=12),
        FormColumn("includes", "What it includes", locked=True, width=44),
        provider,
        FormColumn("urn", "URN", width=12, hint="The provider's Ofsted URN, where the name is not in the list."),
        FormColumn("company_number", "Company number", width=16),
        FormColumn("authority", "Authority", "choice", choices=[EVERY_PARTICIPANT, *members], width=22),
        FormColumn("amount", "Rate", "money", width=12, hint="Pounds, in the unit of the line."),
        FormColumn("starts_on", "From", "date", width=14),
        FormColumn("last_day", "Last day", "date", width=14, hint="Only where the rate ends."),
    )


def _rates_now(lot: Lot, provider: Provider, today: date) -> dict[int, object]:
    rates = Rate.objects.in_force_on(today).filter(lot=lot, provider=provider, authority=None)
    return dict(rates.values_list("price_line_id", "amount"))
