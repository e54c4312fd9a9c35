"""The ways out: a short message posted to an address that somebody entered, and a connection for files (sftp.py).

Nothing inside can be reached by it. The address is checked as it is written; its name is resolved once, every address
that comes back is checked, and the connection is made to one that was checked, so that a name that answers otherwise
the second time changes nothing. No redirect is followed, no proxy is asked, and little of the answer is read.
"""

import http.client
import ipaddress
import socket
import ssl
import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import SplitResult, urlsplit

LONGEST_ADDRESS = 500
PORTS = (443, 8443)  # no other: a webhook is not for knocking at doors
SSH, LOWEST_PORT = 22, 1024  # for files by SFTP: its own port, or one that needs no administrator to listen at
HOST_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyz0123456789.-:")
SECONDS = 10  # for connecting, sending and being answered, all together
READ_BYTES = 1024
KEPT_CHARACTERS = 200
TRIED = 2  # of several addresses of one name

Ip = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

# Names that are given out inside networks, and never by the internet's own root (RFC 6762, 6761, 8375, and custom).
INSIDE = (".local", ".localhost", ".internal", ".intranet", ".lan", ".corp", ".home", ".home.arpa", ".test", ".invalid")
# Besides what is private, loopback, link-local (with the metadata services of clouds), shared, reserved or multicast:
# addresses of version 6 that carry one of version 4 inside them, and relays.
CARRIERS: tuple[Network, ...] = tuple(
    ipaddress.ip_network(each)
    for each in (
        "64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/23", "::/96", "::ffff:0:0:0/96", "fec0::/10",
        "100::/64", "192.88.99.0/24", "192.0.0.0/24", "100.64.0.0/10", "198.18.0.0/15",
    )
)  # fmt: skip


class NotSent(Exception):
    """Nothing was answered, or nothing may be sent there. Its text is a sentence for the person who set it up."""


@dataclass(frozen=True)
class Answer:
    """What came back: the status, and the first words of the answer where they can be shown."""

    status: int
    words: str = ""


@dataclass(frozen=True)
class Limits:
    """loopback: this machine itself, and http to it (a demonstration). own: this installation's
    names, those that begin with a point with all beneath them. refused: more
    networks that are its own or its authorities'."""

    loopback: bool = False
    own: Collection[str] = ()
    refused: Sequence[Network] = ()


def networks(words: str) -> tuple[Network, ...]:
    """ "192.0.2.0/24 2001:db8::/32" -> networks. ValueError for what is none."""
    return tuple(ipaddress.ip_network(each) for each in words.replace(",", " ").split())


def is_open(ip: Ip, limits: Limits) -> bool:
    """Whether anything may be sent to this address: a public one, or this machine in a demonstration."""
    carried = ip.ipv4_mapped if isinstance(ip, ipaddress.IPv6Address) else None
    ip = carried or ip
    if ip.is_loopback:
        return limits.loopback
    inside = ip.is_multicast or ip.is_reserved or ip.is_unspecified or ip.is_link_local or not ip.is_global
    return not inside and not any(ip in network for network in (*CARRIERS, *limits.refused))


def literal(host: str) -> Ip | None:
    """The address that `host` is, however it is written: 127.0.0.1, 2130706433, 0x7f.1, ::1. None for a name."""
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        pass
    try:
        return ipaddress.IPv4Address(socket.inet_aton(host))
    except OSError:
        return None


def checked(address: str, limits: Limits) -> SplitResult:
    """The parts of an address to which something may be sent, as far as can be told without asking for its name.
    Raises NotSent with a sentence otherwise."""
    if len(address) > LONGEST_ADDRESS:
        raise NotSent(f"The address may have {LONGEST_ADDRESS} characters at most.")
    if not address.isascii() or "\\" in address or any(not each.isprintable() or each == " " for each in address):
        raise NotSent("Enter the address in one line, without spaces; a name with other letters in its xn-- form.")
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        raise NotSent("This is no address. Enter one like https://warehouse.example.gov.uk/hooks.") from None
    host = (parts.hostname or "").rstrip(".")
    ip = literal(host)
    here = limits.loopback and (host == "localhost" or (ip is not None and ip.is_loopback))
    if not host or (parts.scheme != "https" and not (here and parts.scheme == "http")):
        raise NotSent("Enter the whole address, beginning with https://.")
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise NotSent("Leave out names, passwords and anything after a #: messages are signed instead.")
    if here:
        return parts
    if (443 if port is None else port) not in PORTS:
        raise NotSent("Use port 443, which need not be written, or 8443.")
    _refuse_inside(host, ip, limits)
    return parts


def checked_host(host: str, port: int, limits: Limits) -> str:
    """The host, in small letters, of a server to which files may be sent, as far as can be told without asking for
    its name. Raises NotSent with a sentence otherwise."""
    host = host.strip().lower().rstrip(".")
    if not host or len(host) > LONGEST_ADDRESS or not host.isascii() or not set(host) <= HOST_LETTERS:
        raise NotSent("Enter the server's name alone, such as files.example.gov.uk, without sftp:// and folders.")
    ip = literal(host)
    if ip is None and ":" in host:
        raise NotSent("Enter the server's name alone, and its port in a field of its own.")
    if limits.loopback and (host == "localhost" or (ip is not None and ip.is_loopback)):
        return host
    if port != SSH and not LOWEST_PORT <= port <= 65535:
        raise NotSent(f"Use port {SSH}, or one from {LOWEST_PORT} to 65535.")
    _refuse_inside(host, ip, limits)
    return host


def reached(
    host: str, port: int, limits: Limits, *, resolve: Callable[..., Sequence[Any]] | None = None,
    seconds: int = SECONDS,
) -> socket.socket:  # fmt: skip
    """A connection to the server, at an address that was checked. NotSent where nothing may be sent there, or nobody
    answers."""
    host = checked_host(host, port, limits)
    found = _resolved(host, port, limits, resolve or socket.getaddrinfo)
    try:
        return _connected(found, port, seconds)
    except OSError as problem:
        raise NotSent(_says(problem, seconds)) from None


def _refuse_inside(host: str, ip: Ip | None, limits: Limits) -> None:
    inside = "." not in host or host.endswith(INSIDE) if ip is None else not is_open(ip, limits)
    ours = any(host == each.lstrip(".") or (each[0] == "." and host.endswith(each)) for each in limits.own)
    if inside or ours:
        raise NotSent("That address is inside a network, or our own. Enter one that can be reached from the internet.")


def post(
    address: str, body: bytes, headers: Mapping[str, str], limits: Limits, *,
    resolve: Callable[..., Sequence[Any]] | None = None, seconds: int = SECONDS,
) -> Answer:  # fmt: skip
    """Posts `body` and says what was answered, whatever its status. NotSent where nothing may be sent there, and where
    no answer came within `seconds` of connecting."""
    parts = checked(address, limits)
    host = (parts.hostname or "").rstrip(".")
    port = parts.port or (443 if parts.scheme == "https" else 80)
    found = _resolved(host, port, limits, resolve or socket.getaddrinfo)
    try:
        raw = _connected(found, port, seconds)
    except OSError as problem:
        raise NotSent(_says(problem, seconds)) from None
    return _exchange(raw, parts, host, port, body, headers, seconds)


def _resolved(host: str, port: int, limits: Limits, resolve: Callable[..., Sequence[Any]]) -> list[str]:
    """Every address of the name; NotSent where one of them is inside: such a name is not to be trusted."""
    try:
        rows = resolve(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise NotSent(f"The name {host} was not found.") from None
    found = list(dict.fromkeys(str(row[4][0]).partition("%")[0] for row in rows))
    if not found:
        raise NotSent(f"The name {host} was not found.")
    if not all(is_open(ipaddress.ip_address(each), limits) for each in found):
        raise NotSent(f"The name {host} leads into a network that nothing is sent to.")
    return found


def _connected(found: Sequence[str], port: int, seconds: int) -> socket.socket:
    """A connection to one of these addresses, none of which is looked up again."""
    problem: OSError | None = None
    for each in found[:TRIED]:
        try:
            return socket.create_connection((each, port), timeout=seconds)
        except OSError as refused:
            problem = refused
    assert problem is not None
    raise problem


def _exchange(
    raw: socket.socket, parts: SplitResult, host: str, port: int, body: bytes, headers: Mapping[str, str], seconds: int
) -> Answer:
    secure = parts.scheme == "https"
    late = threading.Event()
    sock: socket.socket = raw
    watch: threading.Timer | None = None
    try:
        if secure:
            sock = ssl.create_default_context().wrap_socket(raw, server_hostname=host, do_handshake_on_connect=False)
        # A timeout of a socket is of each read: one who answers a letter at a time would hold us for ever.
        watch = threading.Timer(seconds, _cut, (sock, late))
        watch.daemon = True
        watch.start()
        if isinstance(sock, ssl.SSLSocket):
            sock.do_handshake()
        made = http.client.HTTPSConnection if secure else http.client.HTTPConnection
        connection = made(host, port, timeout=seconds)
        connection.sock = sock
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request("POST", target, body, {**headers, "Connection": "close"})
        answer = connection.getresponse()
        try:
            words = answer.read(READ_BYTES).decode("utf-8", "replace")
        finally:
            answer.close()
        if late.is_set():
            raise TimeoutError
        return Answer(answer.status, _shown(words))
    except (OSError, http.client.HTTPException, ValueError) as problem:
        raise NotSent(_says(TimeoutError() if late.is_set() else problem, seconds)) from None
    finally:
        if watch is not None:
            watch.cancel()
        sock.close()
        raw.close()


def _cut(sock: socket.socket, late: threading.Event) -> None:
    late.set()
    try:
        socket.socket.shutdown(sock, socket.SHUT_RDWR)  # beneath the encryption: whoever reads wakes up
    except OSError:
        return


def _shown(words: str) -> str:
    """One line of what can be printed, cut short."""
    return " ".join("".join(each if each.isprintable() else " " for each in words).split())[:KEPT_CHARACTERS]


def _says(problem: Exception, seconds: int) -> str:
    match problem:
        case ssl.SSLCertVerificationError():
            return f"Its certificate was not accepted: {problem.verify_message}."
        case ssl.SSLError():
            return "A secure connection could not be made."
        case TimeoutError():
            return f"It did not answer within {seconds} seconds."
        case ConnectionRefusedError():
            return "It refused the connection."
        case _:
            return "The connection broke off before an answer came."
