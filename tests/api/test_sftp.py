"""Exports laid down on a server: whole or not at all, on the host that was named, by the addresses' rules."""

import socket
from datetime import timedelta
from io import BytesIO, StringIO

import paramiko
import pytest
import time_machine
from django.core import mail
from django.core.exceptions import PermissionDenied, ValidationError

from api.exporting import send_exports
from commissioning.kernel.outward import Limits, NotSent, checked_host
from commissioning.kernel.sftp import HostChanged, Target, lay_down
from commissioning.kernel.tenancy.viewer import acting_as
from commissioning.partnership.actions.sftp_targets import add_target, remove_target, secret_of
from commissioning.partnership.models import ScheduledExport, SftpTarget
from tests.contracts.watching import own, signed_in
from tests.partnership.telling import Clock
from tests.reading import text
from tests.sftp_server import PASSWORD, USER, sftp_server

from .test_exports import NOON, kept, log, person, saved, scheduled
from .walk import V1, whole

pytestmark = pytest.mark.django_db(databases=["default", "owner"])
HERE, OUT = Limits(loopback=True), Limits()
LIST = "/accounts/sftp/"


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOON, tick=False):
        yield Clock(NOON)


@pytest.fixture
def there(tmp_path):
    with sftp_server(tmp_path / "there") as found:
        yield found


def target(there, **more):
    told = {"host": "127.0.0.1", "port": there.port, "user": USER, "folder": "in", "fingerprint": there.fingerprint,
            "secret": PASSWORD, "by_key": False}  # fmt: skip
    return Target(**told | more)


def added(admin, there, **more):
    told = {"name": "warehouse", "host": "127.0.0.1", "port": there.port, "user": USER, "folder": "in",
            "fingerprint": there.fingerprint, "password": PASSWORD}  # fmt: skip
    with acting_as(admin.viewer, by=admin):
        return add_target(by=admin, **told | more)


def private_key():
    key, out = paramiko.RSAKey.generate(2048), StringIO()
    key.write_private_key(out)
    return key, out.getvalue()


def test_a_file_is_laid_down_whole_under_another_name_first(there):
    for plain, content in ((False, b"a" * 600_000), (False, b"second"), (True, b"third")):
        there.plain = plain
        there.did.clear()
        lay_down(BytesIO(content), "rates.csv", target(there), HERE)
        assert there.files() == {"in/rates.csv": content}
        assert [path for did, path in there.did if did == "open"] == ["in/rates.csv.part"]
    key, written = private_key()
    there.keys.append(key.asbytes())
    lay_down(BytesIO(b"by key"), "rates.csv", target(there, secret=written, by_key=True), HERE)
    assert there.files() == {"in/rates.csv": b"by key"}


def test_what_goes_wrong_is_said_and_leaves_nothing(there):
    for wrong, says in (
        ({"secret": "guess"}, "did not accept"), ({"secret": private_key()[1], "by_key": True}, "did not accept"),
        ({"folder": "nowhere"}, "folder is not there"), ({"port": 1}, "refused the connection"),
    ):  # fmt: skip
        with pytest.raises(NotSent, match=says):
            lay_down(BytesIO(b"x"), "rates.csv", target(there, **wrong), HERE)
    before = len(there.tried)
    with pytest.raises(HostChanged, match="another key"):
        lay_down(BytesIO(b"x"), "rates.csv", target(there, fingerprint="SHA256:" + "A" * 43), HERE)
    assert len(there.tried) == before  # it was told no password
    assert there.files() == {}


@pytest.mark.parametrize(("host", "port"), [
    ("127.0.0.1", 22), ("10.1.2.3", 22), ("0x7f.1", 22), ("169.254.169.254", 22), ("::1", 22), ("files", 22),
    ("files.internal", 22), ("sftp://files.example.com", 22), ("files.example.com", 25), ("us.example.com", 22),
])  # fmt: skip
def test_nothing_inside_is_reached(host, port):
    limits = Limits(own={"us.example.com"})
    with pytest.raises(NotSent):
        checked_host(host, port, limits)


def test_a_name_that_leads_inside_is_not_reached(there):
    def resolve(*_, **__):
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", there.port))]

    with pytest.raises(NotSent, match="leads into a network"):
        lay_down(BytesIO(b"x"), "x", target(there, host="files.example.com"), OUT, resolve=resolve)
    assert checked_host("Files.Example.com.", 2222, OUT) == "files.example.com"


def test_an_export_goes_to_the_server_with_its_owners_rights(market, southwark, lewisham, there, clock, client):
    admin, analyst = person(southwark, "authority_administrator", "admin"), person(southwark)
    server = added(admin, there)
    with own(southwark):
        assert PASSWORD not in SftpTarget.objects.values_list("secret", flat=True).get()
        assert secret_of(server) == PASSWORD
    with own(lewisham):
        assert not SftpTarget.objects.exists()
    with pytest.raises(PermissionDenied):
        added(analyst, there, name="mine")
    export = scheduled(analyst, saved(analyst), sftp=server)
    name = f"in/rates-of-mine-{export.uuid.hex[:8]}-southwark-2026-04-21.csv"
    clock.now = NOON + timedelta(days=1)
    send_exports(clock=clock)
    (row,) = log(southwark)
    assert (row.state, row.error, list(there.files()), kept(), mail.outbox) == ("sent", "", [name], [], [])
    client.force_login(analyst)
    assert there.files()[name] == whole(client.get(f"{V1}/rates/?format=csv"))
    # Its key changed: refused before a password is told, paused, and the owner is written to.
    there.host_key, tried = paramiko.ECDSAKey.generate(), len(there.tried)
    clock.on(days=1)
    send_exports(clock=clock)
    refused = log(southwark)[-1]
    assert (refused.state, len(there.files()), len(there.tried)) == ("refused", 1, tried)
    assert "another key" in refused.export.paused_why
    assert mail.outbox[0].to == [analyst.email]
    assert PASSWORD not in mail.outbox[0].body + refused.error


def test_a_server_that_is_away_is_tried_again_and_one_removed_pauses(market, southwark, there, clock):
    admin, analyst = person(southwark, "authority_administrator", "admin"), person(southwark)
    server = added(admin, there, password="wrong")
    scheduled(analyst, saved(analyst), sftp=server)
    clock.on(days=1)
    send_exports(clock=clock)
    (row,) = log(southwark)
    assert (row.state, row.attempt, row.try_at) == ("waiting", 1, clock.now + timedelta(minutes=5))
    assert "did not accept" in row.error
    with acting_as(admin.viewer, by=admin):
        remove_target(target=server, at=clock.now, by=admin)
    with own(southwark):
        assert SftpTarget.objects.get().secret == ""
        assert ScheduledExport.objects.get().paused_why == "The server that it went to was removed."
    clock.on(minutes=6)
    send_exports(clock=clock)
    assert log(southwark)[0].state == "refused"
    with pytest.raises(ValidationError, match="removed"):
        scheduled(analyst, saved(analyst, name="two"), sftp=server)


def test_pages_from_none_to_removed(market, southwark, lewisham, there, clock):
    admin = person(southwark, "authority_administrator", "admin")
    client = signed_in(admin)
    assert "No servers yet" in text(client.get(LIST))
    typed = {"name": "warehouse", "host": "127.0.0.1", "port": there.port, "user": USER, "folder": "in",
             "fingerprint": there.fingerprint, "password": PASSWORD}  # fmt: skip
    for wrong, says in (
        ({"name": ""}, "Give the server a name"), ({"host": "10.0.0.1"}, "inside a network"),
        ({"host": "files.example.gov.uk:22"}, "name alone"),
        ({"fingerprint": "MD5:00"}, "whole fingerprint"), ({"password": ""}, "one of the two"),
        ({"private_key": "SECRET"}, "one of the two"), ({"password": "", "private_key": "SECRET"}, "no private key"),
        ({"port": "many", "private_key": "SECRET"}, "in figures"),
    ):  # fmt: skip
        page = client.post(f"{LIST}add/", typed | wrong)
        assert says in text(page), wrong
        assert PASSWORD not in page.content.decode()
        assert "SECRET" not in page.content.decode(), "neither is shown again"
    page = client.post(f"{LIST}add/", typed, follow=True)
    assert "warehouse is added" in text(page)
    assert "is in use" in text(client.post(f"{LIST}add/", typed))
    analyst = person(southwark)
    view = saved(analyst)
    form = f"/accounts/views/{view.uuid}/schedule/"
    assert "To the server warehouse" in text(signed_in(analyst).get(form))
    with own(southwark):
        server = SftpTarget.objects.get()
    asked = {"format": "csv", "every": "day", "hour": "6", "to": str(server.uuid)}
    assert "to the server warehouse" in text(signed_in(analyst).post(form, asked, follow=True))
    shown = " ".join(each.content.decode() for each in (client.get(LIST), client.get("/audit/"), page))
    assert PASSWORD not in shown
    assert server.secret not in shown
    one = f"{LIST}{server.uuid}/remove/"
    assert signed_in(person(lewisham, "authority_administrator", "admin")).post(one).status_code == 404
    assert signed_in(analyst).get(LIST).status_code == 403
    assert "Exports to it are paused" in text(client.post(one, follow=True))
    assert "No servers yet" in text(client.get(LIST))
