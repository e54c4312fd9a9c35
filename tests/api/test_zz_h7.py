import json, time, statistics, cProfile, pstats
import pytest
from django.db import connection, connections, transaction
from tests.api.conftest import *
from tests.api.conftest import framework as fw
pytestmark = pytest.mark.django_db(databases=["default", "owner"], transaction=True)
from tests.api.walk import *
def test_bench(client, market, southwark):
    place = market.ours
    with officer(southwark):
        lines = PriceLine.objects.bulk_create([PriceLine(framework=place.framework, lot=place.lot, position=n, code=f"M{n}", name=f"Line {n}") for n in range(10000)])
        for a in place.lot.awards.all():
            Rate.objects.bulk_create([Rate(award=a, price_line=l, framework=place.framework, lot=place.lot, amount="712.5", provider_id=a.provider_id, starts_on=BEGINS) for l in lines], batch_size=5000)
    with connections["owner"].cursor() as c:
        c.execute("ANALYZE providers_rate"); c.execute("ANALYZE partnership_priceline")
    key = bearer(southwark)
    RAW = """SELECT json_agg(t) FROM (SELECT r.id, r.uuid, r.version, r.changed_at, f.uuid framework, f.reference, l.uuid lot, l.number, p.uuid provider, p.name, a.uuid award, pl.uuid price_line, pl.code, pl.unit, r.amount::text, r.starts_on, r.ends_before, r.source_sheet, r.source_row
      FROM providers_rate r JOIN partnership_framework f ON f.id=r.framework_id JOIN partnership_lot l ON l.id=r.lot_id JOIN providers_provider p ON p.id=r.provider_id JOIN providers_award a ON a.id=r.award_id JOIN partnership_priceline pl ON pl.id=r.price_line_id
      WHERE r.id > %s ORDER BY r.id LIMIT %s) t"""
    RAW1 = """SELECT json_agg(t)::text FROM (SELECT * FROM providers_rate r WHERE r.id > %s ORDER BY r.id LIMIT %s) t"""
    def med(f, n=60):
        out=[]
        for _ in range(n):
            t=time.perf_counter(); f(); out.append(time.perf_counter()-t)
        return statistics.median(out)*1000
    with officer(southwark):
        first = Rate.objects.order_by("id")[5000].pk
        import uuid as u
    for limit in (100, 1000):
        page = client.get(f"/api/v1/rates/?limit={limit}", headers=key).json()
        nxt = page["next"]
        def api(): assert client.get(nxt, headers=key).status_code == 200
        def raw(q=RAW):
            with officer(southwark):
                with connection.cursor() as c: c.execute(q, [first, limit]); c.fetchone()
        def sqlonly(q):
            def go():
                with connection.cursor() as c: c.execute(q, [first, limit]); c.fetchone()
            return go
        with officer(southwark):
            a, b = med(sqlonly(RAW)), med(sqlonly(RAW1))
        print("limit", limit, "api", med(api), "door+joined", med(raw), "sql only joined", a, "sql only bare", b)
    pr=cProfile.Profile(); nxt=client.get("/api/v1/rates/?limit=100", headers=key).json()["next"]; pr.enable()
    for _ in range(50): client.get(nxt, headers=key)
    pr.disable(); pstats.Stats(pr).sort_stats("tottime").print_stats(60)
    from django.test.utils import CaptureQueriesContext
    with CaptureQueriesContext(connection) as q: client.get(nxt, headers=key)
    for x in q.captured_queries: print(x["time"], x["sql"][:3000])
    sql=[x["sql"] for x in q.captured_queries if "json_build_object" in x["sql"]][0]
    with officer(southwark), connection.cursor() as c:
        c.execute("EXPLAIN (ANALYZE, BUFFERS OFF) "+sql); print("\n".join(r[0] for r in c.fetchall()))
    from tests.api.test_walks import settle; settle()
    w=client.get("/api/v1/rates/?limit=1", headers=key).json()["watermark"]
    with CaptureQueriesContext(connection) as q: print(len(client.get(f"/api/v1/rates/?limit=100&updated_since={int(w)-2000}", headers=key).json()["results"]))
    for x in q.captured_queries:
        print(x["time"], x["sql"][:200])
        if "ORDER BY" in x["sql"] and "changed_xid" in x["sql"]:
            with officer(southwark), connection.cursor() as c:
                c.execute("EXPLAIN (ANALYZE, BUFFERS OFF) "+x["sql"]); print("\n".join(r[0] for r in c.fetchall()))
    t=time.perf_counter(); n=len(whole(client.get("/api/v1/rates/?format=ndjson", headers=key))); print("ndjson 20k", time.perf_counter()-t, n)
    t=time.perf_counter(); n=len(whole(client.get("/api/v1/rates/?format=csv", headers=key))); print("csv 20k", time.perf_counter()-t, n)
