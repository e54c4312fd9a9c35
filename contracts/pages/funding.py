"""Who pays a cost line: the parts come to the whole."""

from decimal import Decimal
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from commissioning.kernel import wording
from commissioning.kernel.money import round_half_up
from commissioning.kernel.pages.allowed import allowed
from commissioning.partnership.actions.leading import ChangedMeanwhile

from ..actions.agreements import line_as_agreed
from ..actions.cost_lines import funding_known, set_funding
from ..forms_agreements import FundingForm
from ..models import CostLine, FundingSplit
from ..rules import codes
from .agreement_words import line_label
from .placement import crumbs_of
from .who import own_placement

PENNY = Decimal("0.01")
Parts = dict[str, tuple[Decimal, Decimal]]


@allowed("funding-splits", "change")
def funding(request: HttpRequest, uuid: UUID, line: UUID) -> HttpResponse:
    home = own_placement(uuid)
    found = get_object_or_404(CostLine, placement=home, uuid=line)
    once = found.unit == "one_off"
    stored = _stored(found, once)
    known = funding_known(found)
    form = FundingForm(request.POST or None, once=once, initial={"known": known, **stored})
    stale = None
    if request.method == "POST" and form.is_valid():
        try:
            parts = to_the_line(found, form.parts(), once)
            set_funding(line=found, parts=parts, known=form.cleaned_data["known"], by=request.user)
        except ValidationError as refused:
            form.add_problems(refused)
        except ChangedMeanwhile:
            form.data = form.data.copy()
            form.data["known"] = known
            stale = [
                (label, _pounds(stored.get(funder)), _pounds(form.cleaned_data[funder]))
                for funder, label in codes.FUNDERS.items()
                if (stored.get(funder) or 0) != (form.cleaned_data[funder] or 0)
            ]
        else:
            messages.success(request, "Who pays is saved.")
            return redirect("placement", uuid=uuid)
    today = timezone.localdate()
    ended = found.ends_before is not None and found.ends_before <= today
    return render(request, "contracts/placement_form.html", {
        "form": form, "heading": f"{home}: who pays", "crumbs": crumbs_of(home), "crumb": "Who pays", "stale": stale,
        "answer": f"{line_label(line_as_agreed(found))}.{' It has ended.' if ended else ''} The parts come to "
                  f"{wording.pounds(abs(found.once_amount if once else found.weekly_amount))}"
                  f"{'' if once else ' a week'}.",
    })  # fmt: skip


def to_the_line(line: CostLine, given: dict[str, Decimal], once: bool) -> Parts:
    """Parts as typed, in pence, as parts of the line: with its sign, and the largest takes what the line has beyond
    pence."""
    whole = line.once_amount if once else line.weekly_amount
    sign = -1 if whole < 0 else 1
    parts = {funder: sign * amount for funder, amount in given.items()}
    beyond = whole - sum(parts.values())
    if beyond and abs(beyond) < PENNY and round_half_up(abs(whole)) == round_half_up(abs(sum(parts.values()))):
        largest = max(parts, key=lambda funder: abs(parts[funder]))
        parts[largest] += beyond
    nothing = Decimal(0)
    return {funder: (nothing, amount) if once else (amount, nothing) for funder, amount in parts.items()}


def _stored(line: CostLine, once: bool) -> dict[str, Decimal]:
    """What is recorded, without its sign; social care the whole where nothing is."""
    recorded = {
        split.funder: abs(split.once_amount if once else split.weekly_amount)
        for split in FundingSplit.objects.filter(cost_line=line)
    }
    whole = {"social_care": abs(line.once_amount if once else line.weekly_amount)}
    return {funder: round_half_up(amount) for funder, amount in (recorded or whole).items()}


def _pounds(amount: Decimal | None) -> str:
    return wording.pounds(amount) if amount else "nothing"
