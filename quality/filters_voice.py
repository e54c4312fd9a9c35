"""What may be asked of results through the API: quarters, which homes, and who answered."""

import django_filters as filters

from commissioning.partnership.filters import ISO_DAY, Selection
from contracts.filters_spend import AskedAside
from contracts.rules.codes import SERVICE_TYPES

from .measures.voice import THEIRS
from .models import SurveyAnswer
from .rules.codes import ANSWERED_BY


class _Day(AskedAside, filters.DateFilter):
    pass


class _Id(AskedAside, filters.UUIDFilter):
    pass


class _Choice(AskedAside, filters.ChoiceFilter):
    pass


class VoiceSelection(Selection):
    """All asked aside: answers are counted by the measure (measures/voice.py)."""

    answered_from = _Day(input_formats=ISO_DAY, label="quarters that begin on this day or later")
    answered_before = _Day(input_formats=ISO_DAY, label="quarters that begin before this day")
    statement = _Id(label="id of the I statement")
    provider = _Id(label="id of the provider")
    service_type = _Choice(choices=list(SERVICE_TYPES.items()), label="kind of home")
    answered_by = _Choice(
        choices=[(THEIRS, "without those that somebody gave for a young person"), *ANSWERED_BY.items()],
        label="who answered",
    )  # fmt: skip

    class Meta:
        model = SurveyAnswer
        fields: list[str] = []
