"""Where the time and memory of one run go: named functions timed from outside, and the process's highest memory."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import wraps
from pathlib import Path
from typing import Any
from unittest.mock import patch

Parts = dict[str, list[tuple[Any, str]]]


@contextmanager
def parts_timed(parts: Parts) -> Iterator[dict[str, float]]:
    """Seconds by part, while inside. A part is functions by (owner, name), none of which calls another."""
    spent = dict.fromkeys(parts, 0.0)
    with ExitStack() as stack:
        for part, functions in parts.items():
            for owner, name in functions:
                stack.enter_context(patch.object(owner, name, _timed(getattr(owner, name), part, spent)))
        yield spent


def _timed(function: Callable[..., Any], part: str, spent: dict[str, float]) -> Callable[..., Any]:
    @wraps(function)
    def timed(*given: Any, **named: Any) -> Any:
        begun = time.perf_counter()
        try:
            return function(*given, **named)
        finally:
            spent[part] += time.perf_counter() - begun

    return timed


def forget_peak() -> int:
    """Begins the measuring of memory anew; returns the bytes held now. Linux alone can; elsewhere 0."""
    try:
        Path("/proc/self/clear_refs").write_text("5")
        return _status("VmRSS")
    except OSError:
        return 0


def peak() -> int:
    """The most bytes held since forget_peak."""
    try:
        return _status("VmHWM")
    except OSError:
        return 0


def _status(name: str) -> int:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(name):
            return int(line.split()[1]) * 1024
    return 0
