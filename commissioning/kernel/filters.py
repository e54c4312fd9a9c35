"""What may be asked of the list of imports, by pages and API alike."""

import django_filters as filters

from .models import ImportRun
from .models.imports import ImportState


class ImportSelection(filters.FilterSet):
    source = filters.CharFilter(lookup_expr="exact", label="what kind of file it is")
    state = filters.ChoiceFilter(choices=ImportState.choices, label="what became of it")

    class Meta:
        model = ImportRun
        fields: list[str] = []
