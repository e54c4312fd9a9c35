"""What this room adds to a provider's pages: judgements, each scale apart."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any

from django.urls import reverse

from commissioning.kernel import wording
from commissioning.kernel.tables import Column, Table
from providers.models import Establishment, Provider
from providers.pages.beside import Beside, Tab
from providers.pages.standing import newest_list
from providers.pages.tones import ToneColumn

from ..measures.judgements import latest_judgements
from ..measures.timeline import before_each
from ..models import Inspection, KpiReturn, SurveyResponse
from ..rules import scales
from . import columns
from .scale_words import counted, scale_of


class Judgements(Beside):
    tabs = (
        Tab("Judgements", "provider-judgements", "inspections"),
        Tab("You said, we did", "you-said-provider", "you-said"),
    )

    def provider_columns(self) -> list[Column]:
        return [
            Column("grades", "Homes and agencies: latest grades", value=lambda row: row.said.get("grades"),
                   missing="none"),
            Column("outcomes", "Supported accommodation: latest outcomes", value=lambda row: row.said.get("outcomes"),
                   missing="none"),
        ]  # fmt: skip

    def note_providers(self, rows: Sequence[Any]) -> None:
        """Counts of the latest judgements of listed establishments, by scale. Three queries."""
        homes = Establishment.objects.filter(listed_at=newest_list())
        homes = homes.filter(provider__in=[row.pk for row in rows])
        mine: dict[int, list[tuple[int, str]]] = defaultdict(list)
        for pk, provider_id, kind in homes.values_list("pk", "provider_id", "kind"):
            mine[provider_id].append((pk, kind))
        latest = latest_judgements(homes.values("pk"))
        for row in rows:
            row.said |= counted((scale_of(kind), latest.get(pk, ("", None))[0]) for pk, kind in mine[row.pk])

    def establishment_columns(self) -> list[Column]:
        return [
            ToneColumn(
                "judgement", "Latest judgement", value=lambda row: row.said["judgement"],
                tone=lambda row: row.said["tone"], missing="not on the list",
            ),
            Column("judged_on", "Inspected on", value=lambda row: row.said["judged_on"], kind="date", missing=""),
        ]  # fmt: skip

    def note_establishments(self, rows: Sequence[Any]) -> None:
        latest = latest_judgements([row.home.pk for row in rows])
        for row in rows:
            overall, day = latest.get(row.home.pk, ("", None))
            word = scales.ALL_JUDGEMENTS.get(overall) or (scales.NOT_YET_INSPECTED if row.listed else None)
            row.said |= {"judgement": word, "tone": columns.TONES.get(overall, "plain"), "judged_on": day}

    def of_provider(self, provider: Provider, homes: Sequence[Establishment]) -> str:
        """ "Latest judgements of homes and agencies: 3 Good, 1 not yet inspected." for each scale it is on."""
        newest = newest_list()
        listed = [home for home in homes if newest and home.listed_at == newest]
        latest = latest_judgements([home.pk for home in listed])
        said = counted((scale_of(home.kind), latest.get(home.pk, ("", None))[0]) for home in listed)
        parts = [("homes and agencies", said.get("grades")), ("supported accommodation", said.get("outcomes"))]
        return " ".join(f"Latest judgements of {what}: {words}." for what, words in parts if words)

    def links_of_provider(self, provider: Provider, user: Any) -> list[tuple[str, str]]:
        """Those that have something to show: another would open on everybody's. Two queries."""
        asked = f"?provider={provider.uuid}"
        returned = user.provider_id or KpiReturn.objects.filter(provider=provider).exists()
        answered = not user.provider_id and SurveyResponse.objects.filter(provider=provider).exists()
        pages = (
            (returned, "KPI returns", "kpi-returns", "kpi-returns", f"{asked}&which=all&span=4"),
            (answered, "What young people say", "outcomes", "voice", f"{asked}&period=24"),
            (True, "Contract meetings", "contract-meetings", "contract-meetings", asked),
        )
        return [
            (words, reverse(name) + ("" if user.provider_id else query))
            for shown, words, resource, name, query in pages
            if shown and user.may("read", resource)
        ]

    def of_establishment(self, home: Establishment) -> tuple[str, list[Table]]:
        rows = list(Inspection.objects.filter(establishment=home).told_once().newest_first())
        judged = [row for row in rows if row.overall]
        if not rows:
            return f"{scales.NOT_YET_INSPECTED}.", []
        by_scale = Counter(row.scale for row in rows)
        tables = [
            _inspections([row for row in rows if row.scale == scale], scale)
            for scale in scales.SCALES
            if by_scale[scale]
        ]
        if not judged:
            return "Inspected, and no judgement given yet.", tables
        newest = judged[0]
        return f"Judged {newest.get_overall_display()} on {wording.day(newest.inspected_on)}.", tables

    def links_of_establishment(self, home: Establishment, user: Any) -> list[tuple[str, str]]:
        found = []
        if user.may("read", "changes"):
            found.append(("Everything known of it, by date", reverse("timeline", args=[home.uuid])))
        if user.may("create", "changes") and user.authority_id:
            found.append(("Say that you heard a judgement", reverse("hear-judgement", args=[home.uuid])))
            found.append(("Say that you heard a restriction or closure", reverse("hear-notice", args=[home.uuid])))
        return found


def _inspections(rows: list[Inspection], scale: str) -> Table:
    before = before_each(rows)
    parts = [
        columns.judgement("protection", "Helped and protected"),
        columns.judgement("leadership", "Leaders and managers"),
    ] if scale == "grades" else []  # fmt: skip
    return Table(
        [
            columns.inspected_on(), Column("event", "Event", value=columns.event), columns.overall(),
            columns.since(before), *parts, *([columns.limited()] if parts else []),
            Column("published_on", "Published on", kind="date"),
        ],
        rows, f"Inspections: {scales.SCALES[scale].lower()}", per_page=None, noun=("inspection", "inspections"),
    )  # fmt: skip
