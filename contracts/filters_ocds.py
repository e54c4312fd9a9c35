"""What may be asked of contracting processes through the API: of which kind, and of which framework."""

import django_filters as filters

from commissioning.partnership.filters import Selection
from commissioning.partnership.models import Framework

from .filters_spend import AskedAside
from .measures.ocds import PROCESSES


class ProcessFilter(AskedAside, filters.ChoiceFilter):
    pass


class OcdsSelection(Selection):
    framework = filters.UUIDFilter(field_name="uuid", label="id of the framework: its process and its call-offs")
    process = ProcessFilter(choices=list(PROCESSES.items()), label="only processes of this kind")

    class Meta:
        model = Framework
        fields: list[str] = []
