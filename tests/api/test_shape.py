"""What is served is what the schema says, and csv and ndjson say the same as the pages."""

import csv
import json
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO, StringIO

import pyarrow.parquet
import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate
from openpyxl import load_workbook
from rest_framework.serializers import CharField, ListField

from api.benchmarks import BENCHMARKS
from api.data_quality import DATA_QUALITY
from api.fields import Field
from api.formats import as_csv, cells_as_csv
from api.ocds import OCDS
from api.outcomes import OUTCOMES
from api.spend import SPEND
from api.urls import RESOURCES
from commissioning.kernel.exports import guard, unguard
from commissioning.partnership.models import Extension, PriceLine, User
from providers.models import Award, Provider, Rate

from .conftest import bearer, charge, officer, service
from .walk import V1, pages, rows, whole

pytestmark = pytest.mark.django_db(databases=["default", "owner"])
RESOURCE = {resource.name: resource for resource in RESOURCES}
NAMES = [resource.name for resource in RESOURCES]


@pytest.fixture
def key(market, southwark):
    return bearer(southwark)


@pytest.fixture
def schema(client, db):
    response = client.get(f"{V1}/schema/")
    assert response.status_code == 200
    return json.loads(response.content)


def conforms(body, schema, address, status="200", media="application/json"):
    told = schema["paths"][address]["get"]["responses"][status]["content"][media]["schema"]
    checker = Draft202012Validator.FORMAT_CHECKER
    validator = Draft202012Validator({**told, "components": schema["components"]}, format_checker=checker)
    errors = [f"{list(error.path)}: {error.message}" for error in validator.iter_errors(body)]
    assert errors == []


def test_schema_is_openapi_31(schema):
    validate(schema)
    assert schema["openapi"].startswith("3.1")
    lists = [path for path in schema["paths"] if "{id}" not in path and not path.endswith("/count/")]
    assert sorted(lists) == sorted(f"{V1}/{name}/" for name in NAMES)


# Figures are written by another role, so that they need a test of their own (test_benchmarks.py).
HERE = [resource for resource in RESOURCES if resource is not BENCHMARKS]


@pytest.mark.parametrize("resource", HERE, ids=[resource.name for resource in HERE])
def test_answers_match_the_schema(client, key, schema, resource):
    answers_match(client, key, schema, resource)


def answers_match(client, key, schema, resource):
    address = f"{V1}/{resource.name}/"
    body = next(pages(client, f"{address}?limit=1000", key))
    assert body["results"], "nothing to look at"
    conforms(body, schema, address)
    known = schema["components"]["schemas"][resource.component]["properties"]
    for row in body["results"]:
        assert list(row) == list(known)
    one = client.get(f"{address}{body['results'][0]['id']}/", headers=key)
    if resource in (SPEND, OUTCOMES, OCDS, DATA_QUALITY):  # worked out: a row has no address of its own
        assert one.status_code == 404
        return
    assert one["Content-Type"] == "application/json"
    assert json.loads(one.content) == body["results"][0]
    conforms(json.loads(one.content), schema, f"{address}{{id}}/")


@pytest.mark.parametrize("resource", HERE, ids=[resource.name for resource in HERE])
def test_csv_and_ndjson_say_the_same(client, key, resource):
    files_match(client, key, resource)


def files_match(client, key, resource):
    address = f"{V1}/{resource.name}/"
    told = rows(client, f"{address}?limit=3", key)
    lines = whole(client.get(f"{address}?format=ndjson", headers=key)).decode().splitlines()
    assert [json.loads(line) for line in lines] == told
    answer = client.get(f"{address}?format=csv", headers=key)
    assert (resource in (SPEND, OUTCOMES, OCDS, DATA_QUALITY)) != answer.get("Watermark", "").isdigit()
    body = whole(answer)
    assert body == b"".join(as_csv([lines], resource.fields, delta=False)), "made from cells, it is what JSON makes"
    table = list(csv.DictReader(StringIO(body.decode(), newline="")))
    assert len(table) == len(told)
    for line, row in zip(table, told, strict=True):
        assert list(line) == list(row)
        assert [_read(cell, row[name]) for name, cell in line.items()] == list(row.values())
    packed = pyarrow.parquet.read_table(BytesIO(whole(client.get(f"{address}?format=parquet", headers=key))))
    for row, group in zip(told, packed.to_pylist(), strict=True):
        assert [_plain(value, row[name]) for name, value in group.items()] == list(row.values())
    if "xlsx" not in resource.formats:
        return
    book = load_workbook(BytesIO(whole(client.get(f"{address}?format=xlsx", headers=key))))
    heading, *lines = book.worksheets[1].iter_rows(values_only=True)
    assert list(heading) == [field.name for field in resource.fields]
    for row, line in zip(told, lines, strict=True):
        assert [cell in (None, "") for cell in line] == [value in (None, "") for value in row.values()]
        assert [cell for cell in line if isinstance(cell, str) and cell.startswith("=")] == [
            value for value in row.values() if isinstance(value, str) and value.startswith("=")
        ]


def _plain(value, like):
    """A value of parquet as JSON has it beside it."""
    if isinstance(value, Decimal):
        assert value == Decimal(like)
        return like
    if isinstance(value, datetime):
        assert value == datetime.fromisoformat(like)
        return like
    if isinstance(value, date):
        return value.isoformat()
    return json.loads(value) if isinstance(like, list | dict) else value


def _read(cell, like):
    """A csv cell as the JSON value beside it has it."""
    if isinstance(like, str):
        return unguard(cell)
    return json.loads(unguard(cell)) if cell else None


def test_formulas_are_disarmed(client, key):
    table = whole(client.get(f"{V1}/providers/?format=csv", headers=key)).decode()
    assert ",'=Alder Fostering," in table


WORDS = (
    "Café", "a, b", 'a "b"', "a;b", "one\ntwo", "\ttab", "-5.00", "[]", "{}", "null", " ", "'", "'=1", "x\x1fy\x1f=z",
    "a\r\n=b", "\ufeff=1", "@c", "\u0085", "0", "A plain one", "5-6 (b)", "ends,", "x" * 300,
)  # fmt: skip


def test_whatever_a_cell_holds_csv_from_cells_is_csv_from_json(client, key, market):
    """Line by line; and what is read from it is what the page says, control characters apart."""
    with service():
        for number, words in enumerate(WORDS):
            Provider.objects.create(name=words, folded_name=f"{number}", company_number=f"{91000000 + number}")
    lines = whole(client.get(f"{V1}/providers/?format=ndjson", headers=key)).decode().rstrip("\n").split("\n")
    body = whole(client.get(f"{V1}/providers/?format=csv", headers=key))
    assert body == b"".join(as_csv([lines], RESOURCE["providers"].fields, delta=False))
    told = {row["name"] for row in csv.DictReader(StringIO(body.decode(), newline=""))}
    assert {guard(words) for words in WORDS} <= told


def test_a_cell_of_any_length_and_any_marks_is_read_from_copy():
    """As COPY writes it, which doubles quotation marks; the library's reader takes no cell of more than 131,072."""
    fields = (Field("a", "a", CharField()), Field("b", "b", ListField()))
    words, several = 'she said "no", twice\r\n' * 9000, ["=1", 'x"y'] * 9000
    line = ",".join('"' + cell.replace('"', '""') + '"' for cell in (words, json.dumps(several))) + "\n"
    told = json.dumps({"a": words, "b": several})
    assert len(line) > 300_000
    assert b"".join(cells_as_csv([[line.encode()]], fields)) == b"".join(as_csv([[told]], fields, delta=False))


def test_a_rate_reads_as_it_stands(client, key, market, southwark):
    with officer(southwark):
        rate = Rate.objects.select_related("award", "price_line").filter(provider=market.alder).order_by("id")[0]
    row = json.loads(client.get(f"{V1}/rates/{rate.uuid}/", headers=key).content)
    del row["changed_at"]
    assert row == {
        "id": str(rate.uuid), "version": 1, "framework": str(market.ours.framework.uuid),
        "framework_reference": "SEL-1", "lot": str(market.ours.lot.uuid), "lot_number": "1",
        "provider": str(market.alder.uuid), "provider_name": "=Alder Fostering", "award": str(rate.award.uuid),
        "price_line": str(rate.price_line.uuid), "price_line_code": "L1", "unit": "week", "authority": None,
        "authority_code": None, "amount": "712.5000", "starts_on": "2025-04-01", "ends_before": None,
        "source_import": None, "source_sheet": None, "source_row": None,
    }  # fmt: skip


def test_parts_and_provenance(client, key, market):
    establishment = rows(client, f"{V1}/establishments/", key)[0]
    assert (establishment["source_import"], establishment["source_sheet"], establishment["source_row"]) == (
        str(market.run.uuid), "Providers", 2,
    )  # fmt: skip
    assert establishment["area_code"] == "E09000028"
    framework = rows(client, f"{V1}/frameworks/?reference=SEL-1", key)[0]
    assert [p["authority_name"] for p in framework["participations"]] == ["Southwark", "Lewisham", "Greenwich"]
    provider = rows(client, f"{V1}/providers/?name=alder", key)[0]
    assert provider["owners"][0]["owner_name"] == "Birch Homes"


def test_filters_choose(client, key, market, southwark):
    def rates(asked):
        return len(rows(client, f"{V1}/rates/?{asked}", key))

    assert rates("") == rates("in_force_on=2025-04-01") == rates(f"framework={market.ours.framework.uuid}") == 4
    assert rates("in_force_on=2025-03-31") == rates(f"framework={market.theirs.framework.uuid}") == 0
    assert rates(f"provider={market.alder.uuid}") == rates(f"price_line={market.ours.lines[0].uuid}") == 2
    assert rates(f"authority={southwark.uuid}&lot={market.ours.lot.uuid}") == 4
    assert len(rows(client, f"{V1}/price-lines/?age=1", key)) == 2
    assert len(rows(client, f"{V1}/authorities/?member_on=2026-04-01", key)) == 7


def test_a_page_that_is_followed_by_another_is_not_the_one_that_was_the_last(client, key, market, southwark):
    """Its rows are the same, and whoever holds it would never ask for the next."""

    def page(address, tag=""):
        return client.get(f"{V1}/{address}", headers={**key, "If-None-Match": tag})

    ocds = len(rows(client, f"{V1}/ocds/", key))
    last = {address: page(address) for address in ("rates/?limit=4", f"ocds/?limit={ocds}")}
    for address, held in last.items():
        assert held.json()["next"] is None, address
        assert page(address, held["ETag"]).status_code == 304
    with officer(southwark):
        line = PriceLine.objects.create(framework=market.ours.framework, lot=market.ours.lot, position=9, code="L9",
                                        name="Late")  # fmt: skip
        charge(market.ours, Award.objects.filter(lot=market.ours.lot)[0], line, "5")
        Extension.objects.filter(framework=market.ours.framework).update(taken_on=date(2026, 1, 1))
    for address, held in last.items():
        now = page(address, held["ETag"])
        assert now.status_code == 200, address
        assert now.json()["next"], address


@pytest.mark.parametrize("resource", RESOURCES, ids=NAMES)
def test_a_page_asks_a_fixed_number_of_queries(client, key, resource, django_assert_max_num_queries):
    """Key, its count, begin, who, participations, watermark, rows, commit: the same for one row and for a thousand.
    What is worked out also asks whose it is, for frameworks and their extensions, and for names of lots and
    providers; figures, for the newest release."""
    client.get(f"{V1}/{resource.name}/", headers=key)
    for limit in (1, 1000):
        with django_assert_max_num_queries(
            {SPEND.name: 11, OUTCOMES.name: 16, BENCHMARKS.name: 9, OCDS.name: 25, DATA_QUALITY.name: 32}.get(
                resource.name, 8
            )
        ):
            client.get(f"{V1}/{resource.name}/?limit={limit}", headers=key)


def test_documentation_opens_for_all(client, market, southwark):
    page = client.get(f"{V1}/docs/")
    assert page.status_code == 200
    said = page.content.decode()
    for name in NAMES:
        assert f'id="{name}"' in said
    assert "//cdn" not in said
    with officer(southwark):
        user = User.objects.create_user("analyst@southwark.example", "x" * 16, role="analyst", authority=southwark)
    client.force_login(user)
    assert "Southwark" in client.get(f"{V1}/docs/").content.decode()
