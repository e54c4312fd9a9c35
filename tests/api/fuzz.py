"""Calls made up from the API's own description by schemathesis, tried by callers of every kind, in process. What a call
writes is taken back before the next, as each is a savepoint of its own.

Half of the cases are of the description's edges (coverage, examples), the others are drawn; both kinds hold what the
description allows and what it does not. Where an address names a row, most calls get one that is there, with its tag.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import cycle, islice
from typing import Any

import schemathesis
from django.conf import settings
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, transaction
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as drawing
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.core.failures import FailureGroup
from schemathesis.core.parameters import ParameterLocation
from schemathesis.generation.hypothesis.examples import generate_one
from schemathesis.specs.openapi import checks

from api.resources import Resource
from api.schema import document
from api.urls import RESOURCES
from commissioning.partnership.models import ApiKey, User
from commissioning.partnership.rules.roles import AUTHORITY_ROLES, PROVIDER_ROLES, ROLES

from .conftest import bearer, officer
from .test_writes import writer
from .walk import V1

BOTH = [GenerationMode.POSITIVE, GenerationMode.NEGATIVE]
RELEASES = f"{V1}/releases/"
BENCHMARKS = f"{V1}/benchmarks/"
SPEND = f"{V1}/spend/"
KNOWN_ROWS = 3  # of four calls that name a row
# What a call that is as described may be answered with. 400 is not among them: see `fair`.
TAKEN = ["2xx", "304", "401", "403", "404", "409", "410", "412", "422"]
REFUSED = ["400", "401", "403", "404", "405", "409", "412", "413", "422", "428"]
# The service knows which it has given out, and a description cannot: what is made up is refused, and rightly.
GIVEN_OUT = {"cursor", "updated_since", "release"}


@dataclass(frozen=True)
class Caller:
    name: str
    headers: dict[str, str] = field(default_factory=dict)
    cookies: dict[str, str] = field(default_factory=dict)


@dataclass
class Told:
    """What came of the cases: how many by caller and status, and every failure."""

    answers: Counter[tuple[str, int]] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)

    @property
    def cases(self) -> int:
        return self.answers.total()

    def by_caller(self) -> dict[str, tuple[int, int]]:
        """caller -> (cases, of them answered with a fault of ours)."""
        names = dict.fromkeys(name for name, _ in self.answers)
        return {
            name: (
                sum(n for (whose, _), n in self.answers.items() if whose == name),
                sum(n for (whose, status), n in self.answers.items() if whose == name and status >= 500),
            )
            for name in names
        }


def description() -> Any:
    made = schemathesis.openapi.from_dict(deepcopy(document()))
    made.app = get_wsgi_application()
    made.config.output.sanitization.update(enabled=False)
    made.config.generation.update(with_security_parameters=False, allow_x00=False)  # who calls is settled here
    made.config.checks.positive_data_acceptance.expected_statuses = TAKEN
    made.config.checks.negative_data_rejection.expected_statuses = REFUSED
    made.config.checks.missing_required_header.expected_statuses = REFUSED
    return made


def callers(market: Any, authority: Any) -> list[Caller]:
    """Keys that read, write, hold one scope or have ended; a person of each role; nobody."""
    ended = bearer(authority)
    with officer(authority):
        prefix = ended["Authorization"].split()[1].split(".")[0]
        ApiKey.objects.filter(prefix=prefix).update(expires_at=timezone.now() - timedelta(seconds=1))
    return [
        Caller("a key that reads", writer(authority, "analyst", ("*",))),
        Caller("a key that writes", writer(authority)),
        Caller("a key for releases", writer(authority, "commissioning_officer", ("releases:write", "*"))),
        Caller("a key of one scope", bearer(authority, "rates")),
        Caller("a key that has ended", ended),
        Caller("nobody"),
        *(Caller(role, cookies=_session(_person(role, market, authority))) for role in ROLES),
    ]


def _person(role: str, market: Any, authority: Any) -> User:
    own = {"authority": authority} if role in AUTHORITY_ROLES else {}
    own = {"provider": market.alder} if role in PROVIDER_ROLES else own
    with officer(authority):
        return User.objects.create_user(f"{role}@fuzz.test", name=role, role=role, **own)


def _session(person: User) -> dict[str, str]:
    client = Client()
    client.force_login(person)
    return {settings.SESSION_COOKIE_NAME: client.cookies[settings.SESSION_COOKIE_NAME].value}


def try_out(market: Any, authority: Any, *, share: int, drawn: int) -> Told:
    """Of each operation every `share`-th edge case, and `drawn` cases of what is allowed and as many of what is not."""
    told = Told()
    described = description()
    everybody = callers(market, authority)
    turns = cycle(_turns(everybody))
    numbers = iter(range(10**9))
    known = _known_rows(everybody[1])
    with _connections_kept():
        for found in described.get_all_operations():
            operation = found.ok()
            for case in _cases(described, operation, share, drawn):
                _aim(case, known, next(numbers))
                _try(case, next(turns), told)
    return told


def _turns(everybody: list[Caller]) -> list[Caller]:
    """Those who may do most have every other turn."""
    able, others = everybody[:3], everybody[3:]
    return [each for number, other in enumerate(others * 3) for each in (able[number % 3], other)]


def _cases(described: Any, operation: Any, share: int, drawn: int) -> Iterator[Any]:
    for strategy in operation.get_strategies_from_examples():
        yield generate_one(strategy)
    edges = described.iter_coverage_cases(
        operation, generation_modes=BOTH, generation_config=described.config.generation_for(operation=operation)
    )
    yield from islice(edges, None, None, share)
    for mode in BOTH if operation.query or operation.body else BOTH[:1]:  # text alone leaves nothing to be wrong
        yield from _drawn(operation.as_strategy(generation_mode=mode), drawn)


def _drawn(strategy: Any, most: int) -> list[Any]:
    """The same each time."""
    found: list[Any] = []

    @drawing(
        max_examples=most, derandomize=True, database=None, deadline=None, phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(strategy)
    def take(case: Any) -> None:
        found.append(case)

    with suppress(Unsatisfiable):
        take()
    return found


def _known_rows(caller: Caller) -> dict[str, list[tuple[str, str]]]:
    """resource -> (id, tag) of some rows that are there."""
    known: dict[str, list[tuple[str, str]]] = {}
    client = Client()
    for resource in RESOURCES:
        if isinstance(resource, Resource):
            listed = client.get(f"{V1}/{resource.name}/?limit=5", headers=caller.headers)
            ids = [row["id"] for row in listed.json()["results"]] if listed.status_code == 200 else []
            known[resource.name] = [
                (each, client.get(f"{V1}/{resource.name}/{each}/", headers=caller.headers)["ETag"]) for each in ids
            ]
    return known


def _aim(case: Any, known: dict[str, list[tuple[str, str]]], number: int) -> None:
    """Names a row that is there, as it stands; and gives what must be fresh."""
    rows = known.get(case.operation.tags[0], [])
    in_path, in_headers = (_as_described(case, where) for where in (ParameterLocation.PATH, ParameterLocation.HEADER))
    if "id" in case.path_parameters and rows and in_path and number % 4 < KNOWN_ROWS:
        row, tag = rows[number % len(rows)]
        case.path_parameters["id"] = row
        if "If-Match" in case.headers and in_headers and number % 4:
            step = case.path.startswith(RELEASES)  # which takes the version alone
            case.headers["If-Match"] = tag.partition("-")[0] + '"' if step else tag
    if "Idempotency-Key" in case.headers and in_headers and number % 4:
        case.headers["Idempotency-Key"] = f"call-{number}"


def _as_described(case: Any, location: ParameterLocation) -> bool:
    return case.meta is None or not case.meta.is_negative_at(location)


def _try(case: Any, caller: Caller, told: Told) -> None:
    with taken_back():
        answer = case.call(headers=caller.headers, cookies=caller.cookies)
        told.answers[caller.name, answer.status_code] += 1
        try:
            case.validate_response(answer, headers=caller.headers, excluded_checks=_unfair(case, caller))
        except FailureGroup as group:
            told.failures += [
                f"{caller.name}: {each.title}: {each.message}\n{case.as_curl_command()}\n{answer.content[:400]!r}"
                for each in group.exceptions
            ]


def _unfair(case: Any, caller: Caller) -> list[Any]:
    """Checks that do not hold for this case."""
    asked = case.query if isinstance(case.query, dict) else {}
    unfair = []
    if asked.keys() & GIVEN_OUT or {"format", "limit"} <= asked.keys():
        unfair.append(checks.positive_data_acceptance)  # and a whole file takes no limit, which is said in words alone
    if case.method == "PATCH" and "-" not in case.headers.get("If-Match", ""):
        unfair.append(checks.positive_data_acceptance)  # that it is the whole tag is said in words
    if case.path in (BENCHMARKS, f"{BENCHMARKS}count/"):
        unfair.append(checks.positive_data_acceptance)  # which dimensions are published together is said in words
    if case.path.startswith(SPEND) and asked.keys() & {"from", "to"}:
        unfair.append(checks.positive_data_acceptance)  # and so is how far two months may lie apart
    if case.method == "POST" and (case.path == RELEASES or not _has_rows(case.body)):
        unfair.append(checks.positive_data_acceptance)  # that a release has a day, and a call a row, is said in words
    if case.method == "POST" and _has_rows(case.body):
        unfair.append(checks.negative_data_rejection)  # a row that will not do is rejected in the report of all rows
    if "" in asked.values():
        unfair.append(checks.negative_data_rejection)  # a filter that is left empty, as a form sends it, is none
    if caller.cookies:
        unfair.append(checks.ignored_auth)  # it takes a session for one made up; nobody and an ended key have turns
    return unfair


def _has_rows(body: Any) -> bool:
    return isinstance(body, dict) and any(body.values())


@contextmanager
def taken_back() -> Iterator[None]:
    """Whatever is written inside is not."""
    inside = transaction.atomic(using="default")
    inside._from_testcase = True  # as the tests' own is: acting_as opens its durable block in it
    with inside:
        yield
        transaction.set_rollback(True, using="default")


@contextmanager
def _connections_kept() -> Iterator[None]:
    """A request's beginning and end would close the connection that the transaction of all of this stands on."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    try:
        yield
    finally:
        for signal in (request_started, request_finished):
            signal.connect(close_old_connections)
