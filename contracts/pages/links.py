"""Pages that belong together: links above a list to the others, and only to those that its reader may open."""

from dataclasses import dataclass

from django.urls import reverse

# (name of the address, words, what one must be allowed to read)
OF_PLACEMENTS = (
    ("oversight", "Where nobody looks", "oversight"),
    ("services", "Additional services", "cost-lines"),
    ("outcomes-due", "Outcome reviews due", "outcomes"),
    ("distances", "Far from home", "placements"),
    ("placements-premises", "Premises not recorded", "placements"),
    ("moving", "Moving on", "placements"),
    ("own-places", "Our own places", "placements"),
    ("benefits", "Benefits", "benefits"),
    ("returns", "Returns and standards", "returns"),
    ("children", "Find a child", "children"),
)
OF_MOVING = (
    ("moving", "Ends that come", "placements"),
    ("meetings", "Meetings", "placements"),
    ("endings", "How homes ended", "placements"),
    ("own-places", "Our own places", "placements"),
)


@dataclass(frozen=True)
class Link:
    words: str
    href: str
    here: bool


def links(user, pages: tuple[tuple[str, str, str], ...], here: str = "") -> list[Link]:
    """`here` is the address of the page that shows them."""
    found = [(words, reverse(name)) for name, words, resource in pages if user.may("read", resource)]
    return [Link(words, href, href == here) for words, href in found]
