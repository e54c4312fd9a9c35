"""Releases: what each is and how it was made; and the steps from asking for one to withdrawing it, by two people."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import F, Func, JSONField, TextField, Value
from django.db.models.functions import Cast
from django.http import Http404, HttpResponse, HttpResponseBase
from rest_framework import serializers
from rest_framework.exceptions import APIException
from rest_framework.request import Request

from commissioning.compare.actions.releases import (
    NOT_NOW,
    SECOND_PERSON,
    approve_release,
    publish_release,
    request_release,
    withdraw_release,
)
from commissioning.compare.filters import ReleaseSelection
from commissioning.compare.jobs import hand_over
from commissioning.compare.models import Release, ReleaseState

from .acting import ActingView
from .bodies import read_body
from .conditions import version_named
from .fields import Field, choice, day, described_as, instant, ref, text, whole
from .keys import MayAct, acts_for
from .problems import BadRequest, Changed, Conflict
from .resources import Resource
from .views import ListView, one_row

LONGEST = 500  # characters of a note or a reason
SCOPE = "releases:write"


def _object(name: str, says: str) -> Field:
    told = {"type": "object", "additionalProperties": True, "description": says}
    return Field(name, name, described_as(told, serializers.JSONField)())


def _report() -> Any:
    """Without the keys that the next release is built by, which mean nothing outside."""
    inside = Cast(Value("told_apart"), TextField())
    return Func(F("report"), inside, template="(%(expressions)s)", arg_joiner=" - ", output_field=JSONField())


RELEASES = Resource(
    name="releases",
    component="Release",
    says="Releases of the partnership's figures, in every state: of which twelve months, by whom and when each was "
    "asked for, approved by a second person, published and withdrawn, and why; with the rules and the measures' "
    "definitions that it was made by, and its audit. The figures of those that are published are under benchmarks.",
    model=Release,
    own_fields=(
        whole("number", required=True),
        day("as_at", "the last of the twelve months that it tells of", required=True),
        choice("state", dict(ReleaseState.choices), required=True),
        text("note", says="for those who read it; of a correction, what was wrong"),
        ref("corrects", says="the release that this one corrects"),
        whole("corrects_number", "corrects__number"),
        text("stage", says="what is being worked out, while it is built"),
        text("message", says="why it could not be built"),
        text("requested_by", "requested_by__email", required=True),
        instant("requested_at", required=True),
        instant("built_at"),
        text("approved_by", "approved_by__email", "never who asked for it"),
        instant("approved_at"),
        text("published_by", "published_by__email"),
        instant("published_at"),
        text("withdrawn_by", "withdrawn_by__email"),
        instant("withdrawn_at"),
        text("withdrawn_why"),
        _object("rules", "thresholds of disclosure; empty until it is built"),
        _object("definitions", "measures by their code, as they read then"),
        replace(_object("report", "the audit: counts of cells and of attempts to work one out; by id, which peer "
                "groups' figures may be told apart"), source=_report),
    ),
    selection=ReleaseSelection,
)  # fmt: skip


class ReleasesView(ActingView, ListView):
    """The list, and asking for a release."""

    http_method_names = ["get", "head", "post"]
    scope, verb = SCOPE, "create"
    says = "Asks for a release of the twelve months to the end of a quarter, or for the correction of one that is "
    says += "published, by its id and with a note that says what was wrong. It is built in the background."
    asks = {"as_at": 10, "note": LONGEST, "corrects": 36}

    def post(self, request: Request) -> HttpResponseBase:
        body = read_body(request._request, self.asks)
        with self.act(request):
            corrects = _corrected(body["corrects"]) if "corrects" in body else None
            try:
                made = request_release(
                    as_at=_day(body, corrects), by=acts_for(request.auth), now=request.auth.now,
                    today=request.auth.today, note=body.get("note", ""), corrects=corrects,
                )  # fmt: skip
            except ValidationError as problem:
                raise refused(problem) from None
            hand_over(made)
            answer = _told(made, 201)
        answer["Location"] = f"{request.path}{made.uuid}/"
        return answer


class StepView(ActingView):
    """One step with one release. The version that it was taken with is needed; a step that is taken already says so,
    before it says that the version is an old one."""

    http_method_names = ["post"]
    permission_classes = [MayAct]
    scope = SCOPE
    name = says = ""
    asks: dict[str, int] = {}
    step: Callable[..., Release]

    def post(self, request: Request, **path: str) -> HttpResponseBase:
        body = read_body(request._request, self.asks)
        with self.act(request):
            found = _locked(path["id"])
            version, _ = version_named(request)
            try:
                type(self).step(release=found, by=acts_for(request.auth), now=request.auth.now, **self.more(body))
            except ValidationError as problem:
                raise refused(problem) from None
            if version != found.version:
                raise Changed(f"{found} is at version {found.version}, and the step was asked of {version}.")
            return _told(found)

    def more(self, body: dict[str, str]) -> dict[str, str]:
        return {}


class Approve(StepView):
    name, verb, step = "approve", "approve", staticmethod(approve_release)
    says = "Approves a release that is built. By a key of somebody other than who asked for it."


class Publish(StepView):
    name, verb, step = "publish", "change", staticmethod(publish_release)
    says = "Shows the figures of an approved release to every member. What it corrects is withdrawn in the same step."


class Withdraw(StepView):
    name, verb, step = "withdraw", "change", staticmethod(withdraw_release)
    says = "Takes a release off every page and out of benchmarks, for a reason that is kept."
    asks = {"why": LONGEST}

    def more(self, body: dict[str, str]) -> dict[str, str]:
        return {"why": body.get("why", "")}


STEPS: tuple[type[StepView], ...] = (Approve, Publish, Withdraw)


def refused(problem: ValidationError) -> APIException | PermissionDenied:
    """What an action refused: who, when, or what was sent."""
    errors = [error for found in problem.error_dict.values() for error in found] if hasattr(
        problem, "error_dict"
    ) else problem.error_list  # fmt: skip
    said, found = " ".join(problem.messages), {error.code for error in errors}
    if SECOND_PERSON in found:
        return PermissionDenied(said)
    return Conflict(said) if NOT_NOW in found else BadRequest(said)


def _locked(given: str) -> Release:
    try:
        found = Release.objects.select_for_update().filter(uuid=UUID(given)).first()
    except ValueError:
        found = None
    if found is None:
        raise Http404
    return found


def _day(body: dict[str, str], corrects: Release | None) -> date:
    given = body.get("as_at", "")
    if not given and corrects is not None:
        return corrects.as_at
    try:
        if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", given, re.ASCII):
            return date.fromisoformat(given)
    except ValueError:
        pass
    raise BadRequest("as_at must be the last day of a quarter, as 2026-09-30.", "Send it in the body.")


def _corrected(given: str) -> Release:
    try:
        found = Release.objects.filter(uuid=UUID(given)).first()
    except ValueError:
        found = None
    if found is None:
        raise BadRequest("corrects names no release.", "Send the id of a release that is published.")
    return found


def _told(release: Release, status: int = 200) -> HttpResponse:
    answer = one_row(RELEASES, release.uuid, status)
    assert answer is not None
    return answer
