"""The one way out: where nothing is sent, which address is connected to, and how little of an answer is kept."""

import datetime
import ipaddress
import socket
import ssl
import threading

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from commissioning.kernel import outward
from commissioning.kernel.outward import Limits, NotSent, checked, is_open, networks, post
from tests.receiver import receiver

HERE = Limits(loopback=True)
OURS = Limits(own=("platform.example.gov.uk", ".boroughs.example"), refused=networks("185.1.0.0/16, 2a00:1::/32"))
FINE = "https://hooks.example.com/in"


def answering(*addresses):
    """A resolver that answers so, and keeps what it was asked."""
    asked = []

    def resolve(host, port, **_):
        asked.append((host, port))
        return [(socket.AF_INET6 if ":" in each else socket.AF_INET, socket.SOCK_STREAM, 6, "", (each, port))
                for each in addresses]  # fmt: skip

    resolve.asked = asked
    return resolve


# Each is inside in one way of writing or another; (address, why it is here).
INSIDE = [
    ("10.1.2.3", "private"), ("172.16.0.1", "private"), ("192.168.0.1", "private"), ("127.0.0.1", "loopback"),
    ("127.8.8.8", "loopback"), ("0.0.0.0", "this host"), ("169.254.169.254", "metadata"), ("100.64.0.1", "shared"),
    ("192.0.0.192", "metadata of another cloud"), ("198.18.0.1", "benchmarks"), ("224.0.0.1", "multicast"),
    ("240.0.0.1", "reserved"), ("255.255.255.255", "broadcast"), ("185.1.2.3", "refused by a setting"),
    ("::1", "loopback"), ("::", "unspecified"), ("fe80::1", "link-local"), ("fc00::1", "private"),
    ("fd00:ec2::254", "metadata"), ("fec0::1", "site-local"), ("ff02::1", "multicast"), ("2a00:1::5", "refused"),
    ("::ffff:127.0.0.1", "mapped"), ("::ffff:10.0.0.1", "mapped"), ("::ffff:169.254.169.254", "mapped"),
    ("::127.0.0.1", "compatible"), ("64:ff9b::7f00:1", "translated"), ("64:ff9b::a9fe:a9fe", "translated"),
    ("2002:7f00:1::", "6to4"), ("2001:0:4136:e378:8000:63bf:80ff:fffe", "teredo"), ("2001:db8::1", "documentation"),
]  # fmt: skip


@pytest.mark.parametrize(("address", "why"), INSIDE, ids=[f"{address} {why}" for address, why in INSIDE])
def test_nothing_goes_inside_by_number_or_by_name(address, why, monkeypatch):
    """Written as it is, and as what a name leads to, alone or beside an address that is fine."""
    monkeypatch.setattr(socket, "create_connection", lambda *_, **__: pytest.fail("it connected"))
    assert not is_open(ipaddress.ip_address(address), OURS)
    written = f"[{address}]" if ":" in address else address
    with pytest.raises(NotSent, match="inside a network"):
        checked(f"https://{written}/", OURS)
    for found in ((address,), ("93.184.215.14", address)):
        with pytest.raises(NotSent, match="leads into a network"):
            post(FINE, b"{}", {}, OURS, resolve=answering(*found))


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("http://hooks.example.com/", "beginning with https"), ("ftp://hooks.example.com/", "beginning with https"),
        ("file:///etc/passwd", "beginning with https"), ("hooks.example.com", "beginning with https"),
        ("https:///in", "beginning with https"), ("https://2130706433/", "inside"), ("https://0x7f000001/", "inside"),
        ("https://0177.0.0.1/", "inside"), ("https://127.1/", "inside"), ("https://[::ffff:7f00:1]/", "inside"),
        ("https://localhost/", "inside"), ("https://LOCALHOST./", "inside"), ("https://intranet/", "inside"),
        ("https://db.internal/", "inside"), ("https://printer.local/", "inside"), ("https://a.localhost/", "inside"),
        ("https://platform.example.gov.uk/", "our own"), ("https://PLATFORM.example.gov.uk./", "our own"),
        ("https://boroughs.example/", "our own"), ("https://any.boroughs.example/", "our own"),
        ("https://hooks.example.com:22/", "port 443"), ("https://hooks.example.com:0/", "port 443"),
        ("https://hooks.example.com:99999/", "no address"), ("https://[::1/", "no address"),
        ("https://me:secret@hooks.example.com/", "names, passwords"), ("https://a@10.0.0.1/", "names, passwords"),
        ("https://hooks.example.com/#part", "after a #"), ("https://hooks.example.com/a b", "without spaces"),
        ("https://hooks.example.com/\r\nHost: other", "without spaces"), ("https://hook\u00e9.example.com/", "xn--"),
        ("https://good.example.com\\@10.0.0.1/", "without spaces"), (f"https://hooks.example.com/{'a' * 500}", "500"),
    ],
)  # fmt: skip
def test_an_address_that_will_not_do_says_why(address, says):
    with pytest.raises(NotSent, match=says):
        checked(address, OURS)


@pytest.mark.parametrize(
    "address",
    [FINE, "https://hooks.example.com:8443/in?key=1", "https://93.184.215.14/", "https://[2606:4700::1]/"],
)
def test_an_address_on_the_internet_will_do(address):
    assert checked(address, OURS).scheme == "https"


def test_the_connection_is_made_to_the_address_that_was_checked(monkeypatch):
    """A name that answers otherwise the second time is not asked a second time."""
    made = []

    def connect(address, timeout):
        made.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "create_connection", connect)
    resolve = answering("93.184.215.14", "93.184.215.15", "93.184.215.16")
    with pytest.raises(NotSent, match="refused the connection"):
        post(FINE, b"{}", {}, OURS, resolve=resolve)
    assert resolve.asked == [("hooks.example.com", 443)]
    assert made == [("93.184.215.14", 443), ("93.184.215.15", 443)]
    with pytest.raises(NotSent, match=r"hooks\.example\.com was not found"):
        post(FINE, b"{}", {}, OURS, resolve=answering())


def test_what_is_posted_and_how_little_is_kept_of_the_answer():
    with receiver() as there:
        there.answers = [(500, {}, b"Something\n\x1b[31mbroke " + b"x" * 5000), (302, {"Location": "/other"}, b"")]
        first = post(there.address, b'{"a":1}', {"webhook-id": "7"}, HERE)
        assert first.status == 500
        assert first.words.startswith("Something [31mbroke xxx")
        assert len(first.words) == outward.KEPT_CHARACTERS
        assert post(there.address, b"{}", {}, HERE).status == 302
    assert [(got.path, got.body) for got in there.got] == [("/hooks?of=tests", b'{"a":1}'), ("/hooks?of=tests", b"{}")]
    assert there.got[0].headers["webhook-id"] == "7"
    with pytest.raises(NotSent, match="refused the connection"):
        post(there.address, b"{}", {}, HERE)
    with pytest.raises(NotSent, match="beginning with https"):
        post(there.address, b"{}", {}, OURS)


def test_who_answers_a_letter_at_a_time_is_cut_off():
    gone = threading.Event()

    def drip(handler):
        try:
            while not gone.wait(0.02):
                handler.wfile.write(b"H")
                handler.wfile.flush()
        except OSError:
            gone.set()

    with receiver() as there:
        there.answers = [drip]
        with pytest.raises(NotSent, match="did not answer within 1 second"):
            post(there.address, b"{}", {}, HERE, seconds=1)
        gone.set()


def certificate(folder):
    """Of localhost, signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    day = datetime.datetime(2020, 1, 1)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(1).not_valid_before(day).not_valid_after(day.replace(year=2120))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    path = folder / "own.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ) + made.public_bytes(serialization.Encoding.PEM)
    )  # fmt: skip
    return path


def test_a_certificate_has_to_be_the_names_own(tmp_path, monkeypatch):
    own = certificate(tmp_path)
    secure = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    secure.load_cert_chain(own)
    with receiver(secure) as there:
        address = there.address.replace("http://127.0.0.1", "https://localhost")
        with pytest.raises(NotSent, match="certificate was not accepted"):
            post(address, b"{}", {}, HERE, resolve=answering("127.0.0.1"))
        plain = ssl.create_default_context
        monkeypatch.setattr(ssl, "create_default_context", lambda: plain(cafile=str(own)))
        assert post(address, b"{}", {}, HERE, resolve=answering("127.0.0.1")).status == 200
        with pytest.raises(NotSent, match="certificate was not accepted"):  # trusted, and another name's
            post(address.replace("localhost", "127.0.0.1"), b"{}", {}, HERE)
    assert len(there.got) == 1
