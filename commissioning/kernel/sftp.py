"""A file laid down on somebody's SFTP server: by outward's rules of what may be reached, on a host whose key is the one
that was stated, under another name until it is whole."""

import base64
import hashlib
import hmac
import posixpath
import re
import socket
import stat
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from io import StringIO
from typing import IO, Any

from .outward import Limits, NotSent, reached

SECONDS = 30  # for each answer of the server
LONGEST = 600  # seconds, for all of it
BLOCK = 256 * 1024  # bytes
FINGERPRINT = re.compile(r"SHA256:[A-Za-z0-9+/]{43}")  # as `ssh-keygen -l` prints it


class HostChanged(NotSent):
    """The server shows another key than the one that was stated: it may be another server."""


@dataclass(frozen=True)
class Target:
    """`fingerprint`: of the host's key, "SHA256:..." . `secret`: a password, or where `by_key`, a private key as text
    without a passphrase. `folder`: empty for the one that the server begins in."""

    host: str
    port: int
    user: str
    folder: str
    fingerprint: str
    secret: str
    by_key: bool


def fingerprint_of(key: bytes) -> str:
    """Of a public key's bytes, as OpenSSH prints it: SHA-256 in base64 without its padding."""
    return "SHA256:" + base64.b64encode(hashlib.sha256(key).digest()).decode().rstrip("=")


def read_key(text: str) -> Any:
    """A private key: Ed25519, ECDSA or RSA. ValueError for anything else, and for one that has a passphrase."""
    import paramiko

    for kind in (paramiko.Ed25519Key, paramiko.ECDSAKey, paramiko.RSAKey):
        try:
            return kind.from_private_key(StringIO(text))
        except paramiko.PasswordRequiredException:
            break
        except (paramiko.SSHException, ValueError, IndexError, UnicodeError):
            continue
    raise ValueError("no private key")


def lay_down(
    file: IO[bytes], name: str, target: Target, limits: Limits, *, resolve: Callable[..., Sequence[Any]] | None = None
) -> None:
    """Writes the file into the target's folder as `name`, in place of one that is there. NotSent with a sentence where
    that cannot be done; HostChanged before anything was said to a server whose key is another."""
    import paramiko

    raw = reached(target.host, target.port, limits, resolve=resolve)
    transport = None
    late = threading.Event()
    # A timeout is of each answer: one who answers a letter at a time would hold us for ever.
    watch = threading.Timer(LONGEST, _cut, (raw, late))
    watch.daemon = True
    watch.start()
    try:
        raw.settimeout(SECONDS)
        transport = paramiko.Transport(raw)
        transport.banner_timeout = transport.handshake_timeout = transport.auth_timeout = SECONDS
        transport.start_client(timeout=SECONDS)
        shown = fingerprint_of(transport.get_remote_server_key().asbytes())
        if not hmac.compare_digest(shown, target.fingerprint):
            raise HostChanged(
                f"The server shows another key ({shown}) than the one that was entered. Nothing was sent. Ask whoever "
                "runs it: if the key was changed on purpose, an administrator adds the server anew."
            )
        if target.by_key:
            transport.auth_publickey(target.user, read_key(target.secret))
        else:
            transport.auth_password(target.user, target.secret, fallback=False)
        with paramiko.SFTPClient.from_transport(transport) as client:
            client.get_channel().settimeout(SECONDS)
            _write(client, file, posixpath.join(target.folder, name))
    except paramiko.AuthenticationException:
        raise NotSent("The server did not accept the user's name with this password or key.") from None
    except FileNotFoundError:
        raise NotSent("The folder is not there on the server.") from None
    except PermissionError:
        raise NotSent("The server does not let this user write in the folder.") from None
    except (paramiko.SSHException, OSError, EOFError) as problem:
        slow = late.is_set() or isinstance(problem, TimeoutError)
        says = "The server did not answer in time." if slow else "The connection to the server failed."
        raise NotSent(says) from None
    finally:
        watch.cancel()
        if transport is not None:
            transport.close()
        raw.close()


def _cut(raw: socket.socket, late: threading.Event) -> None:
    late.set()
    try:
        raw.shutdown(socket.SHUT_RDWR)
    except OSError:
        return


def _write(client: Any, file: IO[bytes], path: str) -> None:
    """Whole or not at all: nobody who watches the folder finds half a file under its name."""
    part = f"{path}.part"
    size = 0
    with client.open(part, "wb") as out:
        out.set_pipelined(True)
        while block := file.read(BLOCK):
            out.write(block)
            size += len(block)
    if client.stat(part).st_size != size:
        raise NotSent("The server did not keep the whole file.")
    try:
        client.posix_rename(part, path)
    except OSError:  # a server without that extension takes no name that is there already
        if _is_file(client, path):
            client.remove(path)
        client.rename(part, path)


def _is_file(client: Any, path: str) -> bool:
    try:
        return stat.S_ISREG(client.stat(path).st_mode or 0)
    except FileNotFoundError:
        return False
