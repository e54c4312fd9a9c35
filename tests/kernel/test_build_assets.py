"""What the assets are built with is the locked program or none."""

import re
import sys
from pathlib import Path

import pytest

from commissioning.kernel import build_assets

PROJECT = Path(__file__).resolve().parents[2]


@pytest.fixture
def commands(monkeypatch):
    ran = []
    monkeypatch.setattr(build_assets.subprocess, "run", lambda command, **_: ran.append(command))
    return ran


def test_pip_installs_node_by_the_hashes_of_its_lock_file(commands, monkeypatch):
    monkeypatch.setattr(build_assets.importlib.util, "find_spec", lambda name: object())
    build_assets._install_wheel()
    locked = ["--quiet", "--require-hashes", "-r", str(PROJECT / "node.txt")]
    assert commands == [[sys.executable, "-m", "pip", "install", *locked]]


def test_uv_does_the_same_where_there_is_no_pip(commands, monkeypatch):
    monkeypatch.setattr(build_assets.importlib.util, "find_spec", lambda name: None)
    monkeypatch.setattr(build_assets.shutil, "which", lambda name: f"/bin/{name}")
    build_assets._install_wheel()
    locked = ["--quiet", "--require-hashes", "-r", str(PROJECT / "node.txt")]
    assert commands == [["/bin/uv", "pip", "install", "--python", sys.executable, *locked]]


@pytest.mark.parametrize(("name", "package"), [("node.txt", build_assets.NODE_WHEEL), ("bootstrap.txt", "uv")])
def test_the_lock_names_one_version_by_its_hashes_and_nothing_else(name, package):
    lock = (PROJECT / name).read_text()
    assert re.fullmatch(rf"{package}==[\d.]+(?: \\\n    --hash=sha256:[0-9a-f]{{64}})+\n", lock)
