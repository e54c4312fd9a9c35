"""How two names of an organisation are compared: files spell "Ltd", "Limited" and "ltd." of one company."""

import re
import unicodedata

_WORDS = {
    "limited": "ltd",
    "company": "co",
    "and": "&",
    "incorporated": "inc",
    "partnership": "partners",
    "uk": "uk",
    "(uk)": "uk",
}
_NOT_WORD = re.compile(r"[^\w&\s]+")


def fold(name: str) -> str:
    """The form in which names are compared: case, accents, punctuation and usual abbreviations do not count.

    Never merges on more than that: a near miss is for a person to confirm.
    """
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    plain = plain.replace("&", " & ").replace("'", "").replace("’", "")
    words = _NOT_WORD.sub(" ", plain).split()
    return " ".join(_WORDS.get(word, word) for word in words if word != "the")
