"""Ages in whole years, from a birth or from an age that was recorded on a day."""

from datetime import date


def age_on(day: date, born_on: date | None, recorded: int | None = None, recorded_on: date | None = None) -> int | None:
    """Whole years on `day`. A child born on 29 February turns a year older on 1 March in other years, as in English
    law. Without a birth, the recorded age and the whole years since (at most a year short); None where neither is
    known. Before the birth, or before the recorded age reaches nought: 0."""
    if born_on is not None:
        return max(0, day.year - born_on.year - ((day.month, day.day) < (born_on.month, born_on.day)))
    if recorded is None or recorded_on is None:
        return None
    since = day.year - recorded_on.year - ((day.month, day.day) < (recorded_on.month, recorded_on.day))
    return max(0, recorded + since)


# FOI age bands (FIELD.md 3.1), the last two split at 18, where rules and funding change.
BANDS = ((0, 4), (5, 10), (11, 15), (16, 17), (18, 25))


def band_of(age: int | None) -> str:
    """ "5 to 10"; "26 and over"; empty where the age is not known."""
    if age is None:
        return ""
    for low, high in BANDS:
        if low <= age <= high:
            return f"{low} to {high}"
    return "26 and over"
