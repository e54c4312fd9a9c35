"""What may be asked of KPIs and their returns."""

import django_filters as filters
from django.db.models import Q

from commissioning.partnership.filters import ISO_DAY, Selection, TrueOrFalse
from commissioning.partnership.models import Kpi
from commissioning.partnership.rules import codes

from .models import KpiReturn


class KpiSelection(Selection):
    code = filters.CharFilter(lookup_expr="exact", label="code of the definition, in all its versions")
    period = filters.ChoiceFilter(choices=list(codes.KPI_PERIODS.items()), label="how often it is told")
    returned = TrueOrFalse(field_name="formula", lookup_expr="exact", method="by_whence",
                                     label="returned by providers, not worked out by the platform")  # fmt: skip

    class Meta:
        model = Kpi
        fields: list[str] = []

    def by_whence(self, rows, name, returned):  # type: ignore[no-untyped-def]
        return rows.filter(formula="") if returned else rows.exclude(formula="")


class KpiReturnSelection(Selection):
    framework = filters.UUIDFilter(field_name="framework__uuid", label="id of the framework")
    lot = filters.UUIDFilter(field_name="lot__uuid", label="id of the lot")
    provider = filters.UUIDFilter(field_name="provider__uuid", label="id of the provider")
    kpi = filters.UUIDFilter(field_name="lot_kpi", method="by_kpi", label="id of the definition's version")
    rating = filters.ChoiceFilter(choices=list(codes.KPI_RATINGS.items()), label="how it is rated")
    ended_from = filters.DateFilter(
        field_name="ends_before", lookup_expr="gt", input_formats=ISO_DAY, label="periods that end on this day or later"
    )

    class Meta:
        model = KpiReturn
        fields: list[str] = []

    def by_kpi(self, rows, name, uuid):  # type: ignore[no-untyped-def]
        return rows.filter(Q(lot_kpi__kpi__uuid=uuid) | Q(contract_kpi__kpi__uuid=uuid))
