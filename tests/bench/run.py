"""All benchmarks or those named, as a table on the screen and as JSON in build/bench.json."""

import importlib
import json
import os
import platform
import sys
import time
from pathlib import Path

from tests.bench.ground import empty, ground
from tests.bench.rounds import Finding, GateClosed

BENCHMARKS = {
    "ofsted": "ofsted",
    "changes": "ofsted_changes",
    "rates": "rates",
    "placements": "placements",
    "lot": "lot_page",
    "api": "api_walk",
    "partners": "partners",
    "spend": "spend",
    "release": "release",  # and "published", a cut of it
    "audit": "audit",
    "rota": "rota",
    "scorecard": "scorecard",
    "disclosure": "disclosure",
    "visit": "visit_sync",
    "voice": "voice",
    "fuzz": "fuzz",
}
RESULTS = Path(__file__).resolve().parents[2] / "build" / "bench.json"


def main(words: list[str]) -> int:
    """0 where every gate held; 1 where one did not; 2 for a name that is no benchmark."""
    unknown = [word for word in words if word not in BENCHMARKS]
    if unknown:
        print(f"{', '.join(unknown)}: no such benchmark. Known: {', '.join(BENCHMARKS)}.", file=sys.stderr)
        return 2
    findings, failed = [], False
    with ground() as folder:
        for name in words or BENCHMARKS:
            begun = time.monotonic()
            module = importlib.import_module(f"tests.bench.{BENCHMARKS[name]}")
            empty()
            try:
                found = module.bench(folder)
            except GateClosed as problem:
                print(f"\n{name}: THE GATE IS CLOSED. {problem}", flush=True)
                failed = True
                continue
            for finding in found:
                _print(finding)
            print(f"  ({time.monotonic() - begun:.0f} s)", flush=True)
            findings += found
    _write(findings)
    return 1 if failed else 0


def _print(finding: Finding) -> None:
    print(f"\n{finding.name}: {finding.says}")
    print(f"  {'':<52} {'median':>10}  ours is")
    ours = next(each for each in finding.contenders if each.role == "ours")
    for each in finding.contenders:
        ratio = "" if each.role == "ours" else f"{ours.median / each.median:.2f} x its {each.role}"
        scaled = "" if each.work == 1 else f" (timed on {each.work:.0%})"
        print(f"  {each.label + scaled:<52} {_span(each.median):>10}  {ratio}")
    for label, value in finding.facts.items():
        print(f"  {label}: {value}")
    print(f"  Bounded by: {finding.bounded}", flush=True)


def _span(seconds: float) -> str:
    return f"{seconds:.2f} s" if seconds >= 1 else f"{seconds * 1000:.2f} ms"


def _write(findings: list[Finding]) -> None:
    RESULTS.parent.mkdir(exist_ok=True)
    told = {
        "made_at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "python": platform.python_version(),
        "cores": os.cpu_count(),
        "benchmarks": [finding.as_json() for finding in findings],
    }
    RESULTS.write_text(json.dumps(told, indent=2, default=str) + "\n")
    print(f"\nWritten to {RESULTS.relative_to(RESULTS.parents[1])}.")
