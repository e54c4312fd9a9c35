import pytest
from django.db import connection
from commissioning.kernel.tenancy.viewer import Viewer, acting_as
from commissioning.partnership.models import Authority, Framework, Lot, PriceLine, Participation
from providers.models import Provider, Award, Rate
pytestmark = pytest.mark.django_db(databases=["default", "owner"])

def test_it():
    with acting_as(Viewer.of_service("x"), by="service:x"):
        a = Authority.objects.create(slug="a", name="A", kind="x", region="r")
        b = Authority.objects.create(slug="b", name="B", kind="x", region="r")
        p = Provider.objects.create(name="P", folded_name="p")
    with acting_as(Viewer.of_authority(a.pk), by="service:x"):
        f = Framework.objects.create(reference="x", name="X", kind="framework", lead_authority=a, starts_on="2026-04-01")
        Participation.objects.create(framework=f, authority=a, starts_on="2026-04-01")
        lot = Lot.objects.create(framework=f, number="1", name="L", service_type="fostering")
        line = PriceLine.objects.create(framework=f, lot=lot, position=1, code="c", name="Core")
        aw = Award.objects.create(framework=f, lot=lot, provider=p, starts_on="2026-04-01")
        r = Rate.objects.create(award=aw, price_line=line, framework=f, lot=lot, provider=p, amount="700", starts_on="2026-04-01")
        assert Rate.objects.count() == 1
        Framework.objects.update(name="Y")
        with connection.cursor() as cursor:
            cursor.execute("SELECT operation, before->>'name', after->>'name', actor FROM audit.partnership_framework")
            assert cursor.fetchall() == [("insert", None, "X", "service:x"), ("update", "X", "Y", "service:x")]
            cursor.execute("SELECT version, changed_xid > 0 from partnership_framework")
            print(cursor.fetchall())
    with acting_as(Viewer.of_authority(b.pk), by="service:x"):
        assert Rate.objects.count() == 0
        assert Rate._base_manager.count() == 0
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) from audit.providers_rate")
            assert cursor.fetchall() == [(0,)]
    with acting_as(Viewer.of_provider(p.pk), by="service:x"):
        assert Rate._base_manager.count() == 1
        assert Rate.objects.count() == 1
