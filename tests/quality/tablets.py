"""A home, a template and a visit for tests of visits, and what a tablet sends of one."""

import io
import json
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

from django.utils import timezone
from PIL import Image

from commissioning.kernel.tenancy.viewer import Viewer, acting_as
from providers.models import Establishment
from quality.actions.plan_visit import plan_visit
from quality.models import TemplateQuestion, Visit, VisitTemplate

BY = "service:tests"
NOW = datetime(2026, 4, 20, 9, 0, tzinfo=UTC)
ASKED = (
    (1, "The building", "Can visitors who do not live here get in?", "no_is_good", True),
    (1, "The building", "Do the front door and the bedroom doors lock?", "yes_is_good", True),
    (2, "Staff", "Are there enough staff at night?", "met", False),
    (2, "Staff", "How many staff were on shift?", "number", False),
    (2, "Staff", "What do young people say of the staff?", "words", False),
)


def own(authority):
    return acting_as(Viewer.of_authority(authority.pk), by=BY)


def home_run_by(provider, urn="SC900001", name="Elm House"):
    """Made once."""
    with acting_as(Viewer.of_service("tests"), by=BY):
        return Establishment.objects.get_or_create(
            urn=urn, defaults={"name": name, "kind": "childrens_home", "provider": provider, "places": 4}
        )[0]


def template_of(authority, code="site-test", asked=ASKED, number=1):
    """Made once, with its questions."""
    with own(authority):
        template, made = VisitTemplate.objects.get_or_create(
            code=code, number=number, defaults={"name": "Site visit for tests", "kind": "site", "rule": "As stated."}
        )
        if made:
            for place, (section, name, words, scale, vital) in enumerate(asked, 1):
                TemplateQuestion.objects.create(
                    template=template, section=section, section_name=name, number=place, words=words, scale=scale,
                    vital=vital, guidance="Try the door, and ask who has a key.",
                )  # fmt: skip
        return template


def planned_visit(authority, provider, lead, *, planned_on=None, code="site-test", asked=ASKED, announced=True, **home):
    home = home_run_by(provider, **home)
    template = template_of(authority, code, asked)
    today = timezone.localdate()
    with own(authority):
        return plan_visit(
            authority_id=authority.pk, establishment=home, template=template, planned_on=planned_on or today, by=lead,
            today=min(today, planned_on or today), announced=announced,
        )  # fmt: skip


def fresh(visit, authority) -> Visit:
    with own(authority):
        return Visit.objects.select_related("template").get(pk=visit.pk)


def at(minutes=0) -> str:
    return (datetime.now(UTC) - timedelta(hours=1) + timedelta(minutes=minutes)).isoformat()


def answered(value="yes", note="", minutes=0) -> dict:
    return {"value": value, "note": note, "answered_at": at(minutes)}


def found(words="The back door does not lock.", marking="shareable", **more) -> dict:
    return {
        "question": "", "words": words, "marking": marking, "about": "", "asks_action": marking == "shareable",
        "found_at": at(), **more,
    }  # fmt: skip


class Tablet:
    """What a device knows and sends, by the page's own addresses."""

    def __init__(self, client, visit):
        self.client, self.visit, self.device = client, visit, str(uuid4())
        self.read()

    def read(self):
        self.told = self.client.get(f"/visits/{self.visit.uuid}/record/data").json()
        self.stands = self.told["stands"]
        self.saw = {
            "template": self.told["template"]["uuid"], "state": self.told["visit"]["state"],
            "planned_on": self.told["visit"]["planned_on"],
        }  # fmt: skip

    def questions(self):
        return [each["uuid"] for section in self.told["template"]["sections"] for each in section["questions"]]

    def letter(self, items=()):
        """What it sends: each item with what it knew to stand."""
        return {
            "key": str(uuid4()), "device": self.device, "saw": self.saw,
            "items": {name: {"mine": mine, "was": self.stands.get(name)} for name, mine in dict(items).items()},
        }  # fmt: skip

    def send(self, letter):
        return self.client.post(
            f"/visits/{self.visit.uuid}/record/sync", json.dumps(letter), content_type="application/json"
        )

    def sync(self, items, day=True):
        day = {"visited_on": date.today().isoformat()} if day and "visited_on" not in self.stands else {}
        letter = self.letter(day | items)
        answer = self.send(letter)
        assert answer.status_code == 200, answer.content
        return answer.json()

    def picture(self, content, name="door.jpg", **facts):
        facts = {"device_key": str(uuid4()), "kind": "photograph", "consent": "yes"} | facts
        file = io.BytesIO(content)
        file.name = name
        return self.client.post(f"/visits/{self.visit.uuid}/record/file", {**facts, "file": file})


def photograph(size=(64, 48), kind="JPEG", **options) -> bytes:
    out = io.BytesIO()
    Image.effect_noise(size, 40).convert("RGB").save(out, kind, **options)
    return out.getvalue()
