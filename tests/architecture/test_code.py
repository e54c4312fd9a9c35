"""What the code must not do, wherever it stands."""

import ast
import re

import pytest

from tests.architecture.source import PROJECT, calls, files, kept_files, named, tree

LONGEST = 400

# Files that speak SQL themselves, and why. All of it runs as the viewer, under the database's policies.
RAW_SQL = {
    "api/paging.py": "the database's own transaction numbers, which no model has",
    "commissioning/kernel/ingest/staging.py": "COPY to temporary tables, and set-wise checks of them",
    "commissioning/kernel/ingest/road.py": "locks and constraints of one transaction",
    "commissioning/kernel/ingest/difference.py": "an import's own events, counted in the transaction that made them",
    "commissioning/kernel/ingest/take_back.py": "rows put back as history has them, set-wise",
    "commissioning/kernel/tenancy/policies.py": "grants, policies and triggers, as owner; keys checked now",
    "commissioning/kernel/tenancy/rights.py": "what the role may do, from the catalogue",
    "commissioning/kernel/tenancy/viewer.py": "the door: who is looking, told to the database",
    "commissioning/kernel/tenancy/visibility.py": "which frameworks the viewer takes part in, for the filter",
    "commissioning/partnership/actions/count_call.py": "a count that is exact under parallel calls, in one statement",
    "commissioning/partnership/actions/use_key.py": "over a second connection: whether a key is good now",
    "contracts/actions/numbers.py": "a lock of one transaction, so that two numbers never meet",
    "contracts/actions/presence.py": "what open placements say, set beside what is told, in two statements",
    "contracts/measures/spend.py": "the accrual rule over months, round the manager's own query",
}
# Files where a binary fraction is right, and why.
FRACTIONS = {"commissioning/kernel/charts.py": "where a dot is drawn; the table beside the chart holds the amount"}


def speaks_sql(path) -> bool:
    round_the_manager = any(
        isinstance(node, ast.Attribute) and node.attr in ("_base_manager", "_raw_delete")
        for node in ast.walk(tree(path))
    )
    return round_the_manager or any(name in ("cursor", "raw", "extra", "RawSQL") for name, _ in calls(path))


def test_only_these_files_speak_sql():
    found = {named(path) for path in files(".py") if speaks_sql(path)}
    assert found == set(RAW_SQL), "ask through the model's manager, or give the reason here"


@pytest.mark.parametrize(
    "line",
    [
        "Rate._base_manager.all()",
        "from django.db import connection\nconnection.cursor()",
        "Rate.objects.raw('SELECT 1')",
        "from django.db.models.expressions import RawSQL\nRawSQL('1', [])",
        "Rate.objects.extra(where=['true'])",
    ],
)
def test_the_check_notices(tmp_path, line):
    path = tmp_path / "x.py"
    path.write_text(line)
    assert speaks_sql(path)


def fractions(path) -> list[str]:
    found = [f"{named(path)}: float(...)" for name, call in calls(path) if name == "float" and call.args]
    found += [f"{named(path)}: {name}" for name, _ in calls(path) if name == "FloatField"]
    return found


def test_money_is_never_a_binary_fraction():
    found = [each for path in files(".py") if named(path) not in FRACTIONS for each in fractions(path)]
    assert found == []


def test_models_and_rules_hold_no_floats():
    """Nor a literal, nor an annotation: amounts and shares are Decimal."""
    for path in files(".py"):
        if {"models", "rules", "measures", "actions"} & set(path.parts):
            for node in ast.walk(tree(path)):
                assert not (isinstance(node, ast.Constant) and isinstance(node.value, float)), named(path)
                assert not (isinstance(node, ast.Name) and node.id == "float"), named(path)


def test_no_file_is_longer_than_can_be_read():
    long = {
        named(path): n
        for path in files(".py", ".html", ".js", ".scss")
        if (n := len(path.read_text().splitlines())) > LONGEST
    }
    assert long == {}


# A page loads nothing from elsewhere, and leads elsewhere only to what people look up there.
ELSEWHERE = re.compile(r"""(?:src|href|action|url|import|fetch|data-[\w-]+)\s*[=(]\s*['"]?\s*(?:https?:)?//([\w.-]+)""")
MAY_LEAD_TO: dict[str, str] = {}


def test_pages_name_no_other_host():
    found = {
        (named(path), host)
        for path in files(".html", ".js", ".svg", ".scss", ".css", ".txt")
        for host in ELSEWHERE.findall(path.read_text(errors="replace"))
        if host not in MAY_LEAD_TO
    }
    assert found == set()
    assert ELSEWHERE.findall('<script src="https://cdn.example/x.js">') == ["cdn.example"]


PRIVATE = re.compile(r"(?<![\w/.])/(?:work|home|root)/\w")


def test_nothing_names_a_place_or_a_registry_of_one_machine():
    wrong = []
    for path in kept_files():
        if (
            path.suffix in (".png", ".xlsx", ".ods", ".xls", ".ico", ".woff2", ".zip")
            or path == PROJECT / "tests/architecture/test_code.py"
        ):
            continue
        text = path.read_text(errors="replace")
        wrong += [f"{named(path)}: {found}" for found in PRIVATE.findall(text)]
        if path.name in (
            "pyproject.toml",
            "requirements.txt",
            "dev.txt",
            "bootstrap.txt",
            "node.txt",
            "package.json",
            "package-lock.json",
        ):
            wrong += [
                f"{named(path)}: {found}" for found in re.findall(r"(?:--(?:extra-)?index-url|\"resolved\")", text)
            ]
    assert wrong == []


def test_no_statement_is_left_for_later():
    unfinished = re.compile(r"\b(TODO|FIXME|XXX|HACK|for now|NotImplemented)\b", re.IGNORECASE)
    wrong = [
        f"{named(path)}:{number}: {line.strip()}"
        for path in files(".py", ".html", ".js", ".scss")
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if unfinished.search(line)
    ]
    assert wrong == []
