"""The embedded server, run for real in folders of its own: as root where the tests are, and as an ordinary user."""

import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import psycopg
import pytest

from commissioning.kernel import postgres

# As somebody else: what lies in a private home must be imported before the rights to read it are given up.
AS_NOBODY = """
import os, pwd, runpy, sys
import psycopg, encodings.idna
from commissioning.kernel import postgres
who = pwd.getpwnam("nobody")
os.setgroups([]); os.setgid(who.pw_gid); os.setuid(who.pw_uid)
os.environ["HOME"] = "/nonexistent"
sys.exit(postgres.main(sys.argv[1:]))
"""


def folder(owner: str = "") -> Path:
    """A new folder that an unprivileged server may reach; pytest's own are private."""
    made = Path(tempfile.mkdtemp(prefix="commissioning-tests-"))
    made.chmod(0o755)
    if owner:
        os.chown(made, pwd.getpwnam(owner).pw_uid, pwd.getpwnam(owner).pw_gid)
    return made


def environment(state: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("DATABASE", "COMMISSIONING"))}
    return kept | {"COMMISSIONING_STATE": str(state), "COMMISSIONING_INSTANCE": "own"}


def begin(state: Path, *words: str, script: str = "") -> subprocess.Popen[str]:
    call = ["-c", script] if script else ["-m", "commissioning.kernel.postgres"]
    return subprocess.Popen(
        [sys.executable, *call, *words], cwd=postgres.PROJECT, env=environment(state), text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


def run(state: Path, *words: str, script: str = "") -> tuple[int, str, str]:
    process = begin(state, *words, script=script)
    out, err = process.communicate(timeout=60)
    return process.returncode, out.strip(), err.strip()


def modes(*of: Path) -> dict[Path, tuple[int, int, int]]:
    every = {each for path in of for each in (path, *path.parents)}
    return {path: (path.stat().st_mode, path.stat().st_uid, path.stat().st_gid) for path in every if path.exists()}


@pytest.fixture(scope="module")
def server():
    """A cluster made by two starts at once, from nothing."""
    state = folder()
    installed = [Path(postgres.__file__), Path(psycopg.__file__), Path(sys.executable), Path(sys.prefix)]
    before = modes(state, *installed, Path(sys.executable).resolve())
    starts = [begin(state, "start") for _ in range(2)]
    told = [(*process.communicate(timeout=60), process.returncode) for process in starts]
    yield state, before, told
    run(state, "stop")
    shutil.rmtree(state)


def ask(url: str, question: str) -> object:
    with psycopg.connect(url) as session:
        return session.execute(question).fetchone()[0]


def test_two_starts_at_once_make_one_server(server):
    state, _, told = server
    assert [code for *_, code in told] == [0, 0], told
    assert {out for out, *_ in told} == {f"PostgreSQL answers in {state}/own/run\n"}
    assert len(list(state.glob("own/data/postmaster.pid"))) == 1
    code, url, _ = run(state, "url")
    assert code == 0
    assert ask(url, "SELECT current_user") == "web"
    assert ask(run(state, "owner-url")[1], "SELECT current_user") == "owner"


def test_no_existing_folder_changed_its_mode(server):
    state, before, _ = server
    assert modes(*before) == before
    for private in ("own/data", "own/run"):
        assert (state / private).stat().st_mode & 0o077 == 0
    assert (state / "own/credentials.json").stat().st_mode & 0o077 == 0
    assert not (state / "own/initial-password").exists()


def test_every_login_needs_its_password(server):
    state, *_ = server
    _, url, _ = run(state, "url")
    password = url.partition("web:")[2].partition("@")[0]
    for role in postgres.LOGINS:
        for given in ("wrong", "", password if role != "web" else "x"):
            wrong = url.replace(f"web:{password}@", f"{role}:{given}@" if given else f"{role}@")
            with pytest.raises(psycopg.OperationalError, match="password"):
                psycopg.connect(wrong, connect_timeout=5)
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(url.replace("web:", "audit:"), connect_timeout=5)
    assert ask(url, "SELECT current_setting('listen_addresses')") == ""


def test_a_killed_server_starts_again_with_what_it_had(server):
    state, *_ = server
    owner = run(state, "owner-url")[1]
    with psycopg.connect(owner, autocommit=True) as session:
        session.execute("CREATE TABLE kept AS SELECT 41 AS n")
    pid = int((state / "own/data/postmaster.pid").read_text().split()[0])
    os.kill(pid, signal.SIGKILL)
    code, _, err = run(state, "start")
    assert (code, err) == (0, "")
    assert ask(owner, "SELECT n FROM kept") == 41


def test_start_and_stop_may_be_said_twice(server):
    state, *_ = server
    assert [run(state, "start")[0] for _ in range(2)] == [0, 0]
    assert [run(state, "stop")[0] for _ in range(2)] == [0, 0]
    url = run(state, "url")[1]
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(url, connect_timeout=5)
    assert run(state, "start")[0] == 0
    assert ask(url, "SELECT 1") == 1


def test_without_a_cluster_it_says_what_to_do():
    state = folder()
    code, out, err = run(state, "url")
    assert (code, out) == (1, "")
    assert "commissioning.kernel.postgres start" in err
    shutil.rmtree(state)


def test_a_folder_with_a_long_name_keeps_its_sockets_elsewhere(server):
    state = folder()
    deep = state / ("a-name-longer-than-a-socket-may-have-" * 3)
    deep.mkdir(mode=0o755)
    if (server[0] / "binaries").exists():
        (deep / "binaries").symlink_to(server[0] / "binaries")  # the same copy serves
    try:
        code, out, err = run(deep, "start")
        assert (code, err) == (0, "")
        sockets = Path(out.rpartition(" ")[2])
        assert not sockets.is_relative_to(deep)
        assert sockets.stat().st_mode & 0o077 == 0
        assert ask(run(deep, "url")[1], "SELECT current_user") == "web"
    finally:
        run(deep, "stop")
        shutil.rmtree(state)
    shutil.rmtree(sockets)


@pytest.mark.skipif(
    os.getuid() != 0, reason="only root can become somebody else: the other tests ran as an ordinary user"
)
def test_an_ordinary_user_runs_a_server_too():
    state = folder("nobody")
    before = modes(state, Path(postgres.__file__), Path(sys.executable))
    try:
        code, _, err = run(state, "start", script=AS_NOBODY)
        assert (code, err) == (0, "")
        url = run(state, "url", script=AS_NOBODY)[1]
        assert ask(url, "SELECT current_user") == "web"
        assert (state / "own/data").stat().st_uid == pwd.getpwnam("nobody").pw_uid
        assert not (state / "binaries").exists()
        assert modes(*before) == before
    finally:
        stopped = run(state, "stop", script=AS_NOBODY)
        shutil.rmtree(state)
    assert stopped[0] == 0


def test_the_roles_of_ones_own_database_are_the_same(server):
    code, told, _ = run(server[0], "roles")
    assert code == 0
    assert "CREATE ROLE web LOGIN NOSUPERUSER NOBYPASSRLS" in told
    assert "CREATE ROLE audit NOLOGIN" in told
    assert "PASSWORD :'web'" in told
