"""Rooms import downwards only, and each kind of file keeps to its kind."""

import ast
import subprocess
import sys
import tomllib

import pytest

from tests.architecture.source import PROJECT, ROOMS, calls, files, named, tree

KINDS = {"models", "actions", "rules", "sources", "measures"}


def contract() -> dict:
    settings = tomllib.loads((PROJECT / "pyproject.toml").read_text())
    return settings["tool"]["importlinter"]


def lint(config) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command; lint_imports_command()",
         "--no-cache", "--config", str(config)],
        cwd=PROJECT, capture_output=True, text=True, env={"PYTHONPATH": str(PROJECT), "PATH": "/usr/bin:/bin"},
    )  # fmt: skip


def test_rooms_import_only_from_rooms_below():
    told = lint(PROJECT / "pyproject.toml")
    assert told.returncode == 0, told.stdout
    assert "1 kept, 0 broken" in told.stdout or "kept" in told.stdout


def test_the_contract_notices_an_import_upwards(tmp_path):
    """The same rooms in the opposite order must break it."""
    layers = contract()["contracts"][0]["layers"]
    turned = tmp_path / "turned.toml"
    turned.write_text(
        f"[tool.importlinter]\nroot_packages = {contract()['root_packages']}\n"
        f'[[tool.importlinter.contracts]]\nname = "turned"\ntype = "layers"\nlayers = {layers[::-1]}\n'
    )
    told = lint(turned)
    assert told.returncode == 1
    assert "0 kept, 1 broken" in told.stdout, told.stdout


def test_every_room_is_in_the_contract():
    layers = set(contract()["contracts"][0]["layers"])
    packages = {
        ".".join(path.relative_to(PROJECT).parts)
        for room in ROOMS
        for path in ([PROJECT / room] if room != "commissioning" else (PROJECT / room).iterdir())
        if (path / "__init__.py").exists()
    }
    assert packages == layers


def imported(path) -> set[str]:
    found = set()
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            found.add(node.module or "")
    return found


RULES = [path for path in files(".py") if "rules" in path.parts]


@pytest.mark.parametrize("path", RULES, ids=map(named, RULES))
def test_rules_are_plain_arithmetic(path):
    """No framework, no database, no clock: everything is passed in."""
    assert not {name for name in imported(path) if name.partition(".")[0] in ("django", "rest_framework", "psycopg")}
    assert not [name for name, _ in calls(path) if name in ("today", "now", "localdate", "open", "environ")]


def test_the_clock_is_read_by_pages_commands_jobs_and_doors_alone():
    """Everything below is told which day it is."""
    read = {
        named(path)
        for path in files(".py")
        for name, call in calls(path)
        if name in ("now", "today", "localdate", "utcnow") and not call.args and not call.keywords
        and getattr(call.func, "value", None) is not None
        and getattr(call.func.value, "id", "") in ("timezone", "date", "datetime", "time")
    }  # fmt: skip
    doors = {"api/keys.py", "commissioning/kernel/jobs.py", "quality/jobs.py"}
    wrong = {
        name
        for name in read - doors
        if not {"pages", "commands"} & set(name.split("/")) and not name.startswith("fixtures/")
    }
    assert not wrong, "pass today, or now, in"


def test_models_know_nothing_of_pages():
    for path in files(".py"):
        if "models" in path.parts:
            assert not {name for name in imported(path) if {"pages", "actions", "sources"} & set(name.split("."))}, (
                named(path)
            )
