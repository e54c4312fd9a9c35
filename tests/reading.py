"""Pages as a reader has them."""

import re


def text(answer) -> str:
    """A page's words, without its marks, with one blank between them."""
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())
