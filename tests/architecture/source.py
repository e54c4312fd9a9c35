"""The product's own files, as the checks of its shape read them."""

import ast
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
ROOMS = ("api", "commissioning", "providers", "contracts", "quality", "fixtures")


@cache
def files(*endings: str) -> tuple[Path, ...]:
    """Files of the product that end so, migrations aside."""
    found = [path for room in ROOMS for ending in endings for path in (PROJECT / room).rglob(f"*{ending}")]
    return tuple(sorted(path for path in found if "migrations" not in path.parts))


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def named(path: Path) -> str:
    return path.relative_to(PROJECT).as_posix()


def calls(path: Path) -> Iterator[tuple[str, ast.Call]]:
    """(the last word of what is called, the call)."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Call):
            yield getattr(node.func, "attr", getattr(node.func, "id", "")), node


def kept_files() -> list[Path]:
    """Everything that is, or is about to be, in the repository."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [PROJECT / name for name in listed.stdout.splitlines() if (PROJECT / name).is_file()]
