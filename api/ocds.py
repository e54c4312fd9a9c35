"""Contracting processes in the Open Contracting Data Standard: a page of releases, or a whole release package."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse, HttpResponseBase
from rest_framework import serializers
from rest_framework.request import Request

from commissioning.kernel.exports.notice import file_name
from commissioning.partnership.models import Authority, Framework
from contracts.filters_ocds import OcdsSelection
from contracts.measures.ocds import PROCESSES, Row, ocds_releases, package_of

from .fields import Field, choice, described_as, instant, text
from .formats import MEDIA
from .problems import BadRequest
from .resources import Declared
from .spend import PARAMETERS, SpendView
from .views import selected

TAGS = {"type": "array", "items": {"type": "string"}, "description": "what happened, in the standard's words"}
RELEASE = {"type": "object", "additionalProperties": True, "description": "the release, as it stands in a package"}

OCDS = Declared(
    name="ocds",
    component="OcdsRelease",
    says="Contracting processes as releases of the Open Contracting Data Standard 1.1.5 with its lots and techniques "
    "extensions. One process for each framework: its buyers, lots, suppliers by lot, contracts and how they ended. "
    "One for each call-off of your own authority that may be told: quarters that ended three months ago or earlier, as "
    "many as fit into fives of a lot and quarter with eight children or more, and nothing of a child, a home, a day or "
    "a price. ?format=json is the whole release package, to publish as your authority's own; it takes the same "
    "filters. Releases are worked out when you ask, so there is no updated_since: a release keeps its id as long as it "
    "says the same.",
    own_fields=(
        Field("id", "id", serializers.CharField(help_text="the release's id, made of what it says")),
        text("ocid", says="the contracting process", required=True),
        choice("process", PROCESSES, required=True),
        Field("framework", "framework", serializers.UUIDField(help_text="the framework, or the one called off from")),
        instant("date", "since when this is so", required=True),
        Field("tag", "tag", described_as(TAGS, serializers.JSONField)()),
        Field("release", "release", described_as(RELEASE, serializers.JSONField)()),
    ),
    selection=OcdsSelection,
    formats=("json", "csv", "ndjson", "parquet"),
)


@dataclass(frozen=True)
class Asked:
    today: date
    frameworks: QuerySet
    process: str

    @cached_property
    def releases(self) -> list[Row]:
        return ocds_releases(today=self.today, frameworks=self.frameworks, process=self.process)

    def rows(self, after: tuple[date, str] | None = None) -> Iterator[tuple[date, str, dict[str, Any]]]:
        """(day, id, row) in their order, beyond `after`."""
        for process, framework, release in self.releases:
            day, identity = date.fromisoformat(release["date"][:10]), release["id"]
            if after is None or (day, identity) > after:
                yield day, identity, {
                    "id": identity, "ocid": release["ocid"], "process": process, "framework": str(framework),
                    "date": release["date"], "tag": release["tag"], "release": release,
                }  # fmt: skip


class OcdsView(SpendView):
    """As spend: a page of rows, or all of them as a file; and the package."""

    no_delta = (
        "ocds has no updated_since: releases are worked out when asked, and keep their ids while they say the same.",
        "Read them again, and leave out the ids that you hold.",
    )

    def _asked(self, request: Request, given: dict[str, str]) -> Asked:  # type: ignore[override]
        filters = {name: value for name, value in given.items() if name not in PARAMETERS and value != ""}
        frameworks = selected(self.declared, Framework.objects.all(), filters)
        return Asked(request.auth.today, frameworks, filters.get("process", ""))

    def _whole(self, request: Request, given: dict[str, str], asked: Asked) -> HttpResponseBase:  # type: ignore[override]
        if given["format"] != "json":
            return super()._whole(request, given, asked)  # type: ignore[arg-type]
        if "limit" in given or "cursor" in given:
            raise BadRequest("A release package is whole: it takes no limit and no cursor.", "Leave them out.")
        releases = [release for *_, release in asked.releases]
        if not releases:
            raise BadRequest(
                "There is no release to put in a package: the standard asks for one at least.",
                "Ask for fewer filters, or wait until the framework's first day or event.",
            )
        body = json.dumps(package_of(releases, at=request.auth.now), ensure_ascii=False, indent=2)
        answer = HttpResponse(body, content_type=MEDIA["json"])
        whose = str(Authority.objects.get(pk=request.auth.viewer.authority_id))
        name = file_name("ocds release package", whose, request.auth.today, "json")
        answer["Content-Disposition"] = f'attachment; filename="{name}"'
        return answer
