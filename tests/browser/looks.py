"""What every page is held to: no accessibility violation, nothing wider than the screen."""

from axe_playwright_python.sync_playwright import Axe

WIDTHS = {"desktop": 1280, "phone": 390}
HEIGHT = 900
# What passes is not told node by node, and style sheets are taken apart for one experimental rule alone, which is not
# asked: that is most of the time taken.
TOLD = {"resultTypes": ["violations"], "preload": {"assets": ["media"]}}
RULES = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]},
    **TOLD,
}
# What a narrower window can break: the rest was asked of the same page at its full width.
NARROW = {"runOnly": {"type": "rule", "values": [
    "target-size", "scrollable-region-focusable", "heading-order", "empty-table-header", "link-name", "button-name",
]}, **TOLD}  # fmt: skip


AXE = Axe().axe_script
# What passed is left in the page: to hand it all over takes as long as asking.
RUN = "rules => axe.run(rules).then(found => found.violations.map(each => [each.id, each.nodes.map(n => n.target)]))"


def violations(page, rules=RULES):
    if page.evaluate("typeof axe") == "undefined":
        page.evaluate(AXE)
    return [(name, targets[:3]) for name, targets in page.evaluate(RUN, rules)]


def too_wide(page):
    return page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth + 1")


def faults(page):
    """(address, width, what) of everything wrong with the page as it stands, on a desk and on a phone.

    The window is made narrower rather than the page opened twice: the answer to a form cannot be asked for again.
    """
    wrong = []
    for name, width in WIDTHS.items():
        page.set_viewport_size({"width": width, "height": HEIGHT})
        # Tables and charts are fitted by a ResizeObserver, which speaks after the next frame.
        page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
        wrong += [(page.url, name, found) for found in violations(page, RULES if name == "desktop" else NARROW)]
        if too_wide(page):
            wrong.append((page.url, name, "wider than the screen"))
    page.set_viewport_size({"width": WIDTHS["desktop"], "height": HEIGHT})
    return wrong
