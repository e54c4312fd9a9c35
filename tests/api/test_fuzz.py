"""Calls made up from the description, by callers of every kind: none is a failure of ours, all are as described."""
import pytest
from .fuzz import try_out
pytestmark = pytest.mark.django_db(databases=["default", "owner"])


def test_calls_made_up_from_the_description(market, southwark, settings):
    import time, collections, re
    t=time.time()
    settings.API_CALLS_OF_KEY = settings.API_CALLS_OF_AUTHORITY = 1_000_000
    told = try_out(market, southwark, share=6, drawn=3)
    print(told.cases, time.time()-t, told.by_caller(), collections.Counter(s for (_, s), n in told.answers.items() for _ in range(n)))
    c=collections.defaultdict(list)
    for f in told.failures:
        c[re.sub(r"\d+|'[^']*'|\"[^\"]*\"","#","\n".join(f.partition(": ")[2].split("\n")[:2]))[:150]].append(f)
    for k,v in sorted(c.items(), key=lambda kv:-len(kv[1])): print("#####",len(v), k, "\n", "\n  --\n".join(v[:3]), "\n")
