"""The two views that every resource has: its list and one row. No rule of their own."""

import json
import re
from collections.abc import Generator, Sequence
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404, HttpResponse, HttpResponseBase
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.request import Request
from rest_framework.views import APIView

from commissioning.kernel.exports import MOST_ROWS
from commissioning.kernel.tenancy.viewer import acting_as

from .conditions import tag_of_page, tag_of_row, unless_held
from .deltas import delta, full_walk
from .lifecycle import notices
from .paging import (
    Phase,
    Position,
    Span,
    question,
    read_cursor,
    read_since,
    told_one_by_one,
    walk,
    watermark,
    write_cursor,
)
from .problems import BadRequest
from .resources import Declared, Resource, as_text
from .sending import as_file, kind_asked

USUAL_LIMIT, HIGHEST_LIMIT = 200, 1000
OWN_PARAMETERS = ("limit", "cursor", "updated_since", "format")
JSON = "application/json"


class OnlyJson(BaseContentNegotiation):
    """What comes back is asked for with ?format=, so that an address says it all."""

    def select_parser(self, request: Request, parsers: list[Any]) -> Any:
        return parsers[0]

    def select_renderer(self, request: Request, renderers: list[Any], format_suffix: str | None = None) -> Any:
        return renderers[0], JSON


class ResourceView(APIView):
    """Opens the door for the caller round the whole answer: what is returned is already written out."""

    resource: str | None = None
    declared: Any  # a Resource; for one that is worked out, a Declared
    refusals: tuple[str, ...] = ()  # kinds of problem that its list answers with beyond every list's
    content_negotiation_class = OnlyJson
    http_method_names = ["get", "head"]

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        """What is going away says so in every answer (lifecycle.py)."""
        told = super().finalize_response(request, response, *args, **kwargs)
        for name, value in notices(request, self.resource or ""):
            told.headers[name] = value
        return told

    def get(self, request: Request, **path: str) -> HttpResponseBase:
        with self.door(request):
            return self.answer(request, **path)

    def door(self, request: Request) -> Any:
        return acting_as(request.auth.viewer, by=request.auth.by, request_id=request._request.number)

    def answer(self, request: Request, **path: str) -> HttpResponseBase:
        raise NotImplementedError


class OneView(ResourceView):
    """One row by its public id."""

    def answer(self, request: Request, **path: str) -> HttpResponseBase:
        for name in request.query_params:
            raise BadRequest(f"{name!r} is not a parameter here.", "One row is read by its address alone.")
        try:
            uuid = UUID(path["id"])
        except ValueError:
            raise Http404 from None
        answer = one_row(self.declared, uuid)
        if answer is None:
            raise Http404
        return unless_held(request, answer["ETag"], answer)


def one_row(resource: Resource, uuid: UUID, status: int = 200) -> HttpResponse | None:
    """A row as it stands, with its tag; None where the viewer sees no such row."""
    row = resource.rows().filter(uuid=uuid).values_list(as_text(resource.json()), "version").first()
    if row is None:
        return None
    told, version = row
    return HttpResponse(told, content_type=JSON, status=status, headers={"ETag": tag_of_row(version, told)})


class ListView(ResourceView):
    """A page of rows, or all of them as a file."""

    def answer(self, request: Request, **path: str) -> HttpResponseBase:
        given = self.given(request)
        if "format" in given:
            return self._whole(request, given)
        viewer, name = request.auth.viewer, self.declared.name
        asked = question([item for item in given.items() if item[0] not in ("cursor", "limit")])
        limit = limit_of(given.get("limit"))
        if "cursor" in given:
            span, position = read_cursor(given["cursor"], viewer, name, asked)
        else:
            span, position = self._span(given), Position()
        rows, beyond = walk(self._phases(given, span), position, limit)
        following = None
        if beyond is not None:
            cursor = write_cursor(viewer, name, asked, span, beyond)
            following = request.build_absolute_uri(next_address(request, given, cursor))
        tail = f'"next":{json.dumps(following)},"watermark":"{span.until}"'
        answer = HttpResponse(f'{{"results":[{",".join(rows)}],{tail}}}', content_type=JSON)
        return unless_held(request, tag_of_page(rows, last=following is None), answer)

    def given(self, request: Request) -> dict[str, str]:
        """What is asked. A resource may settle here what was left open, so that every page answers one question."""
        return given_once(request, self.declared, OWN_PARAMETERS)

    def _span(self, given: dict[str, str]) -> Span:
        until, unbegun = watermark()
        if "updated_since" not in given:
            return Span(until)
        since, since_at = read_since(given["updated_since"], unbegun, self.request.auth.now)
        return Span(until, since, since_at)

    def _phases(self, given: dict[str, str], span: Span) -> list[Phase]:
        filters = {name: value for name, value in given.items() if name not in OWN_PARAMETERS and value != ""}
        return self.phases(given, span, filters)

    def phases(self, given: dict[str, str], span: Span, filters: dict[str, str]) -> list[Phase]:
        rows = selected(self.declared, self.declared.rows(), filters)
        if "updated_since" not in given:
            return full_walk(self.declared, rows)
        if self.request.auth.viewer.kind == "provider":
            raise BadRequest("updated_since is for authorities.", "Read the whole list: it holds your own rows only.")
        return delta(self.declared, rows, span, filtered=bool(filters))

    def _whole(self, request: Request, given: dict[str, str]) -> HttpResponseBase:
        """Everything that can be refused is refused here, before the first byte."""
        kind = kind_asked(given, self.declared)
        delta = "updated_since" in given
        span = self._span(given)
        phases = self._phases(given, span)
        if kind == "xlsx" and sum(phase.rows[: MOST_ROWS + 1].count() for phase in phases) > MOST_ROWS:
            raise BadRequest(f"A workbook holds {MOST_ROWS:,} rows, and these are more.", "Use csv or parquet.")
        in_cells = kind == "csv" and not delta  # a removal in a delta is told as JSON

        def lines() -> Generator[bytes, None, None]:
            phases = self._phases(given, span)
            if delta:
                return told_one_by_one(phases)
            (every,) = phases
            return self.declared.copied(every, in_cells=in_cells)

        answer = as_file(
            request, self.declared, kind, lines, lambda: self.door(request), delta=delta, in_cells=in_cells
        )  # fmt: skip
        answer["Watermark"] = str(span.until)
        return answer


def given_once(request: Request, declared: Declared, own: Sequence[str]) -> dict[str, str]:
    """Every parameter, each once. BadRequest names one that is unknown, or given twice."""
    known = (*own, *declared.selection.base_filters)
    for name, values in request.query_params.lists():
        if name not in known:
            raise BadRequest(f"{name!r} is not a parameter of {declared.name}.", f"Known: {', '.join(known)}.")
        if len(values) > 1:
            raise BadRequest(f"{name} is given {len(values)} times.", "Give it once.")
    return request.query_params.dict()


def selected(declared: Declared, rows: QuerySet, filters: dict[str, str]) -> QuerySet:
    """The rows that answer the filters. BadRequest says what is wrong with one."""
    if not filters:
        return rows
    chosen = declared.selection(filters, queryset=rows)
    if not chosen.is_valid():
        errors = chosen.errors.get_json_data().items()
        said = "; ".join(f"{name}: {' '.join(error['message'] for error in found)}" for name, found in errors)
        raise BadRequest(said, "Dates are written 2026-04-01; ids as they stand in the rows.")
    return chosen.qs


def limit_of(given: str | None) -> int:
    if given is None:
        return USUAL_LIMIT
    if re.fullmatch(r"[0-9]{1,4}", given, re.ASCII) and 1 <= int(given) <= HIGHEST_LIMIT:
        return int(given)
    raise BadRequest(f"limit must be a whole number from 1 to {HIGHEST_LIMIT}.", "Follow next for further rows.")


def next_address(request: Request, given: dict[str, str], cursor: str) -> str:
    return f"{request.path}?{urlencode({**given, 'cursor': cursor})}"
