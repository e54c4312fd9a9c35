"""Pages of asking young people that belong together."""

from typing import Any

from contracts.pages.links import Link, links

OF_ASKING = (
    ("asking", "Whose turn it is", "surveys"),
    ("asking-answers", "Answers", "surveys"),
    ("asking-rates", "How many answer", "surveys"),
    ("asking-visits", "Young inspectors’ visits", "surveys"),
    ("not-safe", "Not safe", "unsafe-answers"),
)


def asking_links(user: Any, here: str) -> list[Link]:
    return links(user, OF_ASKING, here)
