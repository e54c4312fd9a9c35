"""The form on which a provider enters a lot's KPIs for a period: all of them on one page."""

from collections.abc import Sequence
from typing import Any

from crispy_forms_gds.layout import HTML, Button, Layout
from django import forms
from django.utils.html import format_html

from commissioning.kernel.forms import PageForm
from providers.models import Establishment

from .actions.return_kpis import Entry
from .forms_kpis import figure, plain
from .measures.kpi_returns import Slot
from .models import ContractKpi, KpiReturn

PARTS = ("numerator", "denominator", "narrative")
NO_CHILD = "Nothing about a child, no name and no reference: every authority that takes part reads it."


class SendKpisForm(PageForm):
    button = "Send these figures"

    def __init__(
        self, *args: Any, slots: Sequence[Slot], home: Establishment | None, says: dict[str, str], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.slots, self.home = slots, home
        layout: list[Any] = []
        for slot in slots:
            layout += self._add(slot, says.get(name_of(slot), ""))
        self.helper.layout = Layout(*layout, Button("save", self.button, data_prevent_double_click="true"))

    def row_of(self, slot: Slot) -> KpiReturn | None:
        if self.home is None:
            return slot.returned
        return next((row for row in slot.homes if row.establishment_id == self.home.pk), None)

    def _add(self, slot: Slot, says: str) -> list[Any]:
        kpi, name = slot.expected.kpi, name_of(slot)
        self.fields[f"{name}numerator"] = figure(kpi.numerator)
        if kpi.denominator:
            self.fields[f"{name}denominator"] = figure(kpi.denominator)
        self.fields[f"{name}narrative"] = forms.CharField(
            label=f"In words: {kpi.name[:1].lower()}{kpi.name[1:]} (where it is asked for)", required=False,
            max_length=2000, widget=forms.Textarea(attrs={"rows": 2}), help_text=NO_CHILD,
        )  # fmt: skip
        row = self.row_of(slot)
        if row is not None:
            self.initial |= {
                f"{name}numerator": plain(row.numerator if kpi.denominator else row.value),
                f"{name}denominator": plain(row.denominator), f"{name}narrative": row.narrative,
            }  # fmt: skip
        head = format_html(
            '<h2 class="govuk-heading-m">{}</h2><p class="govuk-body app-quiet">{}</p>', _plain(kpi.name), _plain(says)
        )
        return [HTML(head), *(f"{name}{part}" for part in PARTS if f"{name}{part}" in self.fields)]

    def entries(self) -> list[Entry]:
        given = self.cleaned_data
        return [
            Entry(
                slot.expected, self.home, given.get(f"{name}numerator"), given.get(f"{name}denominator"),
                given.get(f"{name}narrative", ""), name,
            )
            for slot in self.slots
            for name in [name_of(slot)]
        ]  # fmt: skip


def name_of(slot: Slot) -> str:
    """What the fields of a figure begin with: "k12_", and "c3_" where it is asked of one contract alone."""
    return f"{'c' if isinstance(slot.expected, ContractKpi) else 'k'}{slot.expected.pk}_"


def _plain(text: str) -> str:
    """The layout reads its text as a template: braces are only braces."""
    return text.replace("{", "(").replace("}", ")")
