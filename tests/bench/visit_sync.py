"""A whole visit from a tablet, 80 answers with 20 photographs: ours, by the page's own addresses (signed in, judged
item by item, kept with history, pictures written anew), against the limit: the answers in one bare INSERT as web into
the same tables, and the same pictures decoded and encoded once by Pillow, written to files."""

import io
import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.core.files.storage import storages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from PIL import Image

from commissioning.kernel.tenancy.viewer import Viewer, acting_as
from commissioning.partnership.models import Authority, User
from providers.models import Establishment, Provider
from quality.actions.plan_visit import plan_visit
from quality.models import (
    Answer,
    Evidence,
    Finding,
    FindingReply,
    ImprovementAction,
    TemplateQuestion,
    Visit,
    VisitReport,
    VisitSync,
    VisitTemplate,
)  # fmt: skip
from tests.bench import rounds
from tests.bench.ground import empty
from tests.bench.rounds import LIMIT, OURS, Contender, gate, interleave

BY = "service:bench"
ANSWERS, PICTURES, ROUNDS = 80, 20, 5
SIZE = (2560, 1920)  # what the page makes of a tablet's photograph
WRITTEN = (VisitSync, Evidence, FindingReply, ImprovementAction, Finding, Answer, VisitReport)
WHEN = "2026-04-20T10:00:00+00:00"


def bench(folder: Path) -> list[rounds.Finding]:
    settings.EVIDENCE = folder / "evidence"
    settings.STORAGES["evidence"]["OPTIONS"]["location"] = settings.EVIDENCE
    storages._storages.pop("evidence", None)
    authority, officer, visit, questions = _visit()
    pictures = [_picture(number) for number in range(PICTURES)]
    client = Client()
    with acting_as(Viewer.nobody(), by=BY):
        client.force_login(officer)

    def ours() -> None:
        address = f"/visits/{visit.uuid}/record/"
        told = client.get(f"{address}data").json()
        items: dict[str, Any] = {f"answer/{each}": _answer() for each in questions}
        items["visited_on"] = "2026-04-20"
        letter = {
            "key": str(uuid4()), "device": "bench",
            "saw": {"template": told["template"]["uuid"], "state": "planned",
                    "planned_on": told["visit"]["planned_on"]},
            "items": {name: {"mine": mine, "was": None} for name, mine in items.items()},
        }  # fmt: skip
        answer = client.post(f"{address}sync", json.dumps(letter), content_type="application/json")
        gate("items that were saved", len(answer.json()["saved"]), len(items))
        for number, content in enumerate(pictures):
            file = SimpleUploadedFile(f"{number}.jpg", content, "image/jpeg")
            facts = {"device_key": str(uuid4()), "kind": "photograph", "consent": "yes", "file": file}
            gate("photograph", client.post(f"{address}file", facts).status_code, 200)

    def limit() -> None:
        with acting_as(Viewer.of_authority(authority.pk), by=BY), connection.cursor() as cursor:
            cursor.execute(
                """INSERT INTO quality_answer
                       (authority_id, provider_id, to_provider, to_members, visit_id, question_id, value, note,
                        answered_at)
                   SELECT %s, %s, false, false, %s, id, 'met', 'Seen on the day.', %s FROM quality_templatequestion""",
                [authority.pk, visit.provider_id, visit.pk, WHEN],
            )
            gate("answers that were inserted", cursor.rowcount, ANSWERS)
        for number, content in enumerate(pictures):
            out = io.BytesIO()
            Image.open(io.BytesIO(content)).convert("RGB").save(out, "JPEG", quality=85)
            (folder / f"{number}.jpg").write_bytes(out.getvalue())

    def before() -> None:
        empty(*WRITTEN)
        with acting_as(Viewer.of_authority(authority.pk), by=BY):
            Visit.objects.filter(pk=visit.pk).update(state="planned", visited_on=None)

    def kept(given: Any) -> None:
        with acting_as(Viewer.of_authority(authority.pk), by=BY):
            gate("answers", Answer.objects.count(), ANSWERS)
            gate("photographs", Evidence.objects.count(), PICTURES)

    contenders = [
        Contender("ours: 1 sync and 20 photographs, signed in", OURS, ours, before, kept),
        Contender("a bare INSERT, and Pillow alone", LIMIT, limit, before),
    ]
    interleave(contenders, rounds=ROUNDS, warm=True)
    facts = {
        "answers, photographs": f"{ANSWERS}, {PICTURES} of {SIZE[0]} x {SIZE[1]} pixels",
        "sent": f"{sum(map(len, pictures)) / 1e6:.1f} MB",
        "requests": 2 + PICTURES,
    }
    return [rounds.Finding("visit sync", "a whole visit from a tablet", contenders, facts, "encoding pictures")]


def _answer() -> dict[str, str]:
    return {"value": "met", "note": "Seen on the day.", "answered_at": WHEN}


def _picture(number: int) -> bytes:
    """Noise on a slope: as hard to pack as a photograph of a wall."""
    out = io.BytesIO()
    noise = Image.effect_noise(SIZE, 12 + number % 4)
    Image.merge("RGB", (noise, noise.rotate(180), Image.linear_gradient("L").resize(SIZE))).save(
        out, "JPEG", quality=85
    )
    return out.getvalue()


def _visit() -> tuple[Authority, User, Visit, list[str]]:
    with acting_as(Viewer.of_service("bench"), by=BY):
        authority = Authority.objects.get(slug="southwark")
        Authority.objects.filter(pk=authority.pk).update(member_from=date(2012, 4, 1))
        provider = Provider.objects.create(name="Alder", folded_name="alder")
        home = Establishment.objects.create(urn="SC1", name="Elm House", kind="childrens_home", provider=provider)
        officer = User.objects.create_user("q@bench.test", role="quality_officer", authority=authority)
    with acting_as(Viewer.of_authority(authority.pk), by=BY):
        template = VisitTemplate.objects.create(code="bench", name="Site visit", kind="site", rule="As stated.")
        questions = [
            TemplateQuestion.objects.create(
                template=template, section=number // 10, section_name=f"Part {number // 10}", number=number,
                words=f"Question {number}?", scale="met",
            ) for number in range(ANSWERS)
        ]  # fmt: skip
        today = datetime.now(UTC).date()
        visit = plan_visit(
            authority_id=authority.pk, establishment=home, template=template, planned_on=today, by=officer, today=today
        )
    return authority, officer, visit, [str(each.uuid) for each in questions]
