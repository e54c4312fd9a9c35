"""What is news. A change that had long been public when it was heard stands on the list of changes and waits there for
a decision; nobody is written to about it. So the first load of years of files fills that list, and no inbox."""

from datetime import date, timedelta

NEWS_DAYS = 92  # a quarter: ours, to be agreed in the partnership
LONG_PUBLIC = "It had been public for more than three months when it was heard, so nobody was written to."


def is_news(*, public_on: date, heard_on: date, watched_since: date | None) -> bool:
    """Whether those concerned are written to: where it became public in the quarter before it was heard, or since the
    partnership began to load the regulator's lists. A yearly list tells of things that are more than a year old; to a
    partnership that was watching then, they are new all the same."""
    if watched_since is not None and public_on >= watched_since:
        return True
    return public_on >= heard_on - timedelta(days=NEWS_DAYS)
