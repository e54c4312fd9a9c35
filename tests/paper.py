"""The words of a printed document, to look for what should or should not be in it."""

import re
import zlib


def printed(raw: bytes) -> str:
    """The words of the document's pages."""
    words = []
    for stream in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", raw, re.DOTALL):
        try:
            content = zlib.decompress(stream)
        except zlib.error:
            content = stream
        for shown in re.findall(rb"\(((?:\\.|[^\\)])*)\)\s*T[jJ]", content, re.DOTALL):
            words.append(re.sub(rb"\\(.)", rb"\1", shown).decode("latin-1"))
    return " ".join(" ".join(words).split())
