"""Evidence files: told by their content, pictures written anew without what hides in them, served by short links."""

import io
import os
import struct
import zipfile
import zlib
from pathlib import Path
from uuid import uuid4

import pytest
import time_machine
from django.core.files.storage import storages
from django.db import transaction
from django.test import Client
from PIL import Image

from commissioning.kernel.tenancy.viewer import Viewer, acting_as
from quality.actions.keep_evidence import keep_evidence
from quality.jobs import sweep_evidence_job
from quality.models import Evidence
from quality.pages.evidence import evidence_link
from quality.rules.evidence import LARGEST, clean_name
from tests.kernel.test_settings import TOLD, last_line, read
from tests.quality.tablets import BY, Tablet, answered, found, own, photograph, planned_visit

pytestmark = pytest.mark.django_db(databases=["default", "owner"])


@pytest.fixture
def officer(cast):
    return cast.person("quality_officer")


@pytest.fixture
def tablet(cast, officer):
    """A visit that is a draft."""
    client = Client()
    client.force_login(officer)
    tablet = Tablet(client, planned_visit(cast.authority, cast.provider, officer))
    tablet.sync({f"answer/{tablet.questions()[0]}": answered("no")})
    return tablet


def with_place() -> bytes:
    """A photograph lying on its side, with where and by whom in every corner that a JPEG has for it."""
    picture = Image.new("RGB", (60, 40), "red")
    notes = Image.Exif()
    notes[0x0112] = 6  # turn by a quarter
    notes[0x010F] = "SECRETCAMERA"
    notes.get_ifd(0x8825).update({1: "N", 2: (51.0, 28.0, 40.0), 3: "W", 4: (0.0, 5.0, 0.0)})
    out = io.BytesIO()
    picture.save(out, "JPEG", exif=notes, comment=b"SECRETCOMMENT", xmp=b"<x:xmpmeta>SECRETXMP</x:xmpmeta>")
    return out.getvalue() + b"SECRETTRAILER"


def bomb(width: int, height: int) -> bytes:
    """A PNG whose head tells of so many pixels, in a few kilobytes."""

    def part(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    lines = zlib.compress(bytes((width + 7) // 8 + 1) * height, 9)
    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + part(b"IHDR", head) + part(b"IDAT", lines) + part(b"IEND", b"")


def docx(*more: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in ("[Content_Types].xml", "word/document.xml", *more):
            archive.writestr(name, "<x/>")
    return out.getvalue()


SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
REFUSED = {
    "no picture": (b"\xff\xd8\xff\xe0 this is no picture at all", "door.jpg", "cannot be opened"),
    "half a picture": (photograph((300, 200))[:900], "door.jpg", "cannot be opened"),
    "60 megapixels": (bomb(10_000, 6_000), "door.png", "40 million pixels"),
    "200 megapixels": (bomb(20_000, 10_000), "door.png", "40 million pixels"),
    "a drawing with a script": (SVG, "door.jpg", "Save it as PNG"),
    "a bare drawing": (SVG.partition(b"?>")[2], "plan.svg", "Save it as PNG"),
    "a web page": (b"<!DOCTYPE html><script>alert(1)</script>", "door.png", "Print it to PDF"),
    "a program": (b"MZ\x90\x00\x03" + bytes(200), "door.jpg", "is a program"),
    "a script": (b"#!/bin/sh\nrm -rf /\n", "door.jpg", "is a program"),
    "HEIC": (b"\x00\x00\x00\x18ftypheic" + bytes(200), "IMG_1.jpg", "Most compatible"),
    "an empty file": (b"", "door.jpg", "empty"),
    "a paper as a photograph": (b"%PDF-1.7\n%%EOF", "door.jpg", "no picture"),
    "more than 10 MB": (b"\xff\xd8\xff" + bytes(LARGEST), "door.jpg", "10 MB"),
    "an archive": (b"PK\x03\x04" + bytes(60), "door.jpg", "damaged"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_is_not_kept_says_what_to_do(tablet, cast, what, settings):
    content, name, says = REFUSED[what]
    answer = tablet.picture(content, name)
    assert answer.status_code == 409, answer.content
    problem = answer.json()["problem"]
    assert says in problem
    assert problem.endswith(".")
    with own(cast.authority):
        assert not Evidence.objects.exists()
    assert not [each for each in Path(settings.EVIDENCE).rglob("*") if each.is_file()]


def test_a_photograph_is_written_anew_turned_and_without_its_place(tablet, cast):
    sent = with_place()
    assert sent.count(b"SECRET") == 4
    question = tablet.questions()[0]
    key = str(uuid4())
    answer = tablet.picture(sent, "../../etc/IMG 2<script>.exe", device_key=key, question=question, caption="The door")
    assert answer.status_code == 200
    assert tablet.picture(sent, device_key=key).json() == answer.json()  # sent twice, kept once
    with own(cast.authority):
        row = Evidence.objects.get()
        with storages["evidence"].open(row.stored_as) as file:
            kept = file.read()
    assert (row.name, row.content_type, row.size) == ("IMG 2script.jpg", "image/jpeg", len(kept))
    assert (str(row.question.uuid), row.caption, row.consent, row.redacted) == (question, "The door", True, False)
    assert b"SECRET" not in kept
    picture = Image.open(io.BytesIO(kept))
    assert picture.size == (40, 60)
    assert not picture.getexif()
    assert {"comment", "xmp", "exif"}.isdisjoint(picture.info)
    assert "IMG" not in row.stored_as


def test_consent_quota_papers_and_files_of_a_finding(tablet, cast, officer, settings):
    assert "agreed" in tablet.picture(photograph(), consent="").json()["problem"]
    assert "kept yet" in tablet.picture(photograph(), finding=str(uuid4())).json()["problem"]
    assert tablet.picture(photograph(), finding="nonsense").status_code == 409
    assert tablet.client.post(f"/visits/{tablet.visit.uuid}/record/file", {"kind": "photograph"}).status_code == 409
    for content, name in ((b"%PDF-1.7\n%%EOF", "plan.pdf"), (docx(), "plan.docx"), (photograph(kind="PNG"), "s.png")):
        assert tablet.picture(content, name, kind="document", consent="").json()["name"] == name
    assert "macros" in tablet.picture(docx("word/vbaProject.bin"), kind="document").json()["problem"]
    signed = tablet.picture(photograph(kind="PNG"), "signature.png", kind="signature", consent="")
    assert signed.json()["name"] == "signature.png"
    key = str(uuid4())
    tablet.read()
    tablet.sync({f"finding/{key}": found("Ours.", "placing")})
    assert tablet.picture(photograph(), finding=key).status_code == 200
    with own(cast.authority):
        assert Evidence.objects.get(finding__device_key=key).finding.marking == "placing"
    settings.EVIDENCE_QUOTA_MB = 0
    assert "room for evidence" in tablet.picture(photograph()).json()["problem"]
    assert clean_name("a/b\\c\0d:?.tar.gz", "pdf") == "cd.tar.pdf"
    assert clean_name("...", "jpg") == "file.jpg"


def test_a_file_leaves_by_a_link_of_its_reader_for_five_minutes(tablet, cast, officer):
    tablet.picture(photograph(), "hall.jpg", caption="Hall")
    with own(cast.authority):
        row = Evidence.objects.get()
    with time_machine.travel(cast.now, tick=False) as clock:
        link = evidence_link(row, officer)
        client = tablet.client
        client.force_login(officer)
        file = client.get(link)
        assert file["Content-Disposition"] == 'attachment; filename="hall.jpg"'
        assert file["Content-Security-Policy"] == "sandbox; default-src 'none'"
        assert (file["X-Content-Type-Options"], file["Content-Type"]) == ("nosniff", "image/jpeg")
        assert "no-store" in file["Cache-Control"]
        assert len(b"".join(file.streaming_content)) == row.size
        page = client.get(f"/evidence/{row.uuid}/")
        assert page["Content-Type"].startswith("text/html")
        assert "?link=" in page.content.decode()
        # A colleague is given a link of his own; a stranger and another provider, nothing.
        colleague, stranger, rival = Client(), Client(), Client()
        colleague.force_login(cast.person("analyst"))
        stranger.force_login(cast.person("quality_officer", stranger=True))
        rival.force_login(cast.person("provider_contact", stranger=True))
        assert "made for somebody else" in colleague.get(link).content.decode()
        assert {stranger.get(link).status_code, rival.get(link).status_code} == {404}
        assert Client().get(link).status_code == 302
        clock.shift(301)
        assert "had run out" in client.get(link).content.decode()
        assert "had run out" in client.get(f"/evidence/{row.uuid}/?link=forged").content.decode()


def test_a_provider_keeps_its_own_and_reads_it(tablet, cast):
    contact = cast.person("provider_contact")
    with own(cast.authority):
        tablet.visit.__class__.objects.filter(pk=tablet.visit.pk).update(to_provider=True)
    with acting_as(contact.viewer, by=contact):
        row = keep_evidence(content=b"%PDF-1.7\n%%EOF", name="plan.pdf", kind="document", by=contact, now=cast.now,
                            visit=tablet.visit)  # fmt: skip
        assert row.to_provider
        assert Evidence.objects.get() == row
    with acting_as(Viewer.of_provider(cast.rival.pk), by=BY):
        assert not Evidence.objects.exists()


def test_a_store_elsewhere_is_a_setting_and_names_what_is_missing():
    show = (
        "from django.conf import settings as s; from django.core.files.storage import storages as t; "
        "print(s.STORAGES['evidence']['BACKEND'], t['evidence'].bucket_name)"
    )
    store = {
        "EVIDENCE_S3_BUCKET": "evidence", "EVIDENCE_S3_ENDPOINT": "https://store.example", "EVIDENCE_S3_REGION": "eu",
        "EVIDENCE_S3_ACCESS_KEY": "k", "EVIDENCE_S3_SECRET_KEY": "s",
    }  # fmt: skip
    told = {name: value for name, value in TOLD.items() if name != "EVIDENCE"}
    assert read(show, **told, **store).stdout == "storages.backends.s3.S3Storage evidence\n"
    missing = {name: value for name, value in store.items() if name != "EVIDENCE_S3_REGION"}
    assert "Set EVIDENCE_S3_REGION: " in last_line(read(show, **told, **missing))


def test_a_file_whose_row_was_taken_back_goes_after_a_week(tablet, cast, settings):
    tablet.picture(photograph(), "hall.jpg")

    def files():
        return {str(each.relative_to(settings.EVIDENCE)) for each in settings.EVIDENCE.rglob("*") if each.is_file()}

    def taken_back():
        with own(cast.authority), transaction.atomic():
            keep_evidence(content=b"%PDF-1.7", name="a.pdf", kind="document", by=BY, now=cast.now, visit=tablet.visit)
            transaction.set_rollback(True)

    (kept,) = files()
    taken_back()
    (young,) = files() - {kept}
    taken_back()
    (old,) = files() - {kept, young}
    other = f"{cast.other.pk}/2026/{Path(old).name}"  # an authority without a row: not ours to judge
    strange = f"{cast.authority.pk}/2026/notes.txt"
    for name in (other, strange):
        (settings.EVIDENCE / name).parent.mkdir(parents=True, exist_ok=True)
        (settings.EVIDENCE / name).write_text("x")
    for name in (kept, old, other, strange):
        os.utime(settings.EVIDENCE / name, (0, 0))
    sweep_evidence_job(timestamp=0)
    assert files() == {kept, young, other, strange}
