"""An SFTP server on this machine, for tests: a folder, one user, and what was done in it."""

import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import paramiko

from commissioning.kernel.sftp import fingerprint_of

USER, PASSWORD = "southwark", "correct horse"


class _Asked(paramiko.ServerInterface):
    def __init__(self, there: "Server") -> None:
        self.there = there

    def check_auth_password(self, username: str, password: str) -> int:
        self.there.tried.append(password)
        good = (username, password) == (USER, PASSWORD)
        return paramiko.AUTH_SUCCESSFUL if good else paramiko.AUTH_FAILED

    def check_auth_publickey(self, username: str, key: Any) -> int:
        good = username == USER and key.asbytes() in self.there.keys
        return paramiko.AUTH_SUCCESSFUL if good else paramiko.AUTH_FAILED

    def get_allowed_auths(self, username: str) -> str:
        return "password,publickey"

    def check_channel_request(self, kind: str, chanid: int) -> int:
        return paramiko.OPEN_SUCCEEDED


class _Files(paramiko.SFTPServerInterface):
    def __init__(self, server: _Asked, *args: Any, **kwargs: Any) -> None:
        self.there = server.there
        super().__init__(server, *args, **kwargs)

    def _at(self, path: str) -> Path:
        return self.there.folder / path.lstrip("/")

    def open(self, path: str, flags: int, attr: Any) -> Any:
        self.there.did.append(("open", path))
        try:
            handle = paramiko.SFTPHandle(flags)
            handle.writefile = handle.readfile = os.fdopen(os.open(self._at(path), flags | os.O_CREAT, 0o600), "wb")
        except OSError as problem:
            return paramiko.SFTPServer.convert_errno(problem.errno)
        handle.stat = lambda: paramiko.SFTPAttributes.from_stat(self._at(path).stat())
        return handle

    def stat(self, path: str) -> Any:
        try:
            return paramiko.SFTPAttributes.from_stat(self._at(path).stat())
        except OSError as problem:
            return paramiko.SFTPServer.convert_errno(problem.errno)

    def remove(self, path: str) -> int:
        self.there.did.append(("remove", path))
        self._at(path).unlink()
        return paramiko.SFTP_OK

    def rename(self, old: str, new: str) -> int:
        self.there.did.append(("rename", new))
        if self._at(new).exists():
            return paramiko.SFTP_FAILURE
        self._at(old).rename(self._at(new))
        return paramiko.SFTP_OK

    def posix_rename(self, old: str, new: str) -> int:
        if self.there.plain:
            return paramiko.SFTP_OP_UNSUPPORTED
        self.there.did.append(("posix_rename", new))
        self._at(old).replace(self._at(new))
        return paramiko.SFTP_OK


@dataclass
class Server:
    """`plain`: one that renames over nothing. `keys`: public keys that may sign in. `tried`: passwords it was told."""

    folder: Path
    host_key: Any = field(default_factory=paramiko.ECDSAKey.generate)
    port: int = 0
    plain: bool = False
    keys: list[bytes] = field(default_factory=list)
    tried: list[str] = field(default_factory=list)
    did: list[tuple[str, str]] = field(default_factory=list)

    @property
    def fingerprint(self) -> str:
        return fingerprint_of(self.host_key.asbytes())

    def files(self) -> dict[str, bytes]:
        return {
            str(each.relative_to(self.folder)): each.read_bytes() for each in self.folder.rglob("*") if each.is_file()
        }


@contextmanager
def sftp_server(folder: Path) -> Iterator[Server]:
    (folder / "in").mkdir(parents=True)
    there, open_ones = Server(folder), []
    with socket.create_server(("127.0.0.1", 0)) as listening:
        there.port = listening.getsockname()[1]

        def answer() -> None:
            while True:
                try:
                    raw, _ = listening.accept()
                except OSError:
                    return
                transport = paramiko.Transport(raw)
                open_ones.append(transport)
                transport.add_server_key(there.host_key)
                transport.set_subsystem_handler("sftp", paramiko.SFTPServer, _Files)
                try:
                    transport.start_server(server=_Asked(there))
                except (paramiko.SSHException, EOFError, OSError):  # who knows it for another turns away at once
                    continue

        thread = threading.Thread(target=answer, daemon=True)
        thread.start()
        try:
            yield there
        finally:
            listening.shutdown(socket.SHUT_RDWR)
            for each in open_ones:
                each.close()
            thread.join(5)
