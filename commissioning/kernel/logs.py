"""What logs never hold: an address by which whoever has it is let in."""

import logging
import re

from django.conf import settings


class WithoutKeys(logging.Filter):
    """Of an address that is itself a key (settings.KEYED_ADDRESSES) a record keeps the beginning alone."""

    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.args, tuple):
            record.args = tuple(_hidden(each) if isinstance(each, str) else each for each in record.args)
        return True


def _hidden(text: str) -> str:
    begins = "|".join(map(re.escape, settings.KEYED_ADDRESSES))
    return re.sub(rf"({begins})\S+", r"\1…", text)
