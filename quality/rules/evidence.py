"""What a file is, by its content and never by its name; which files evidence may be; what to do about the others."""

import io
import re
import zipfile
from dataclasses import dataclass

LARGEST = 10 * 1024 * 1024
MOST_PIXELS = 40_000_000


@dataclass(frozen=True)
class Type:
    content_type: str
    ending: str
    picture: bool = False


JPEG = Type("image/jpeg", "jpg", picture=True)
PNG = Type("image/png", "png", picture=True)
WEBP = Type("image/webp", "webp", picture=True)
PDF = Type("application/pdf", "pdf")
DOCX = Type("application/vnd.openxmlformats-officedocument.wordprocessingml.document", "docx")

WANTED = "Send a photograph (JPEG or PNG), a PDF or a Word document (docx)."
TOO_LARGE = "This file is larger than 10 MB. Take the photograph at a lower quality, or send the paper in parts."
TOO_MANY_PIXELS = "This picture has more than 40 million pixels. Make it smaller, or take it at a lower quality."
NOT_WHOLE = "This picture cannot be opened: it is damaged, or no picture. Take it again, or save it again as JPEG."
_HEIC = (b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1", b"avif", b"avis")


class Refused(ValueError):
    """A file that is not kept; says why, and what to do."""


def type_of(content: bytes) -> Type:
    """Raises Refused, in words for whoever sent it."""
    if not content:
        raise Refused("This file is empty. Choose it again.")
    if len(content) > LARGEST:
        raise Refused(TOO_LARGE)
    if content.startswith(b"\xff\xd8\xff"):
        return JPEG
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return PNG
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return WEBP
    if content.startswith(b"%PDF-"):
        return PDF
    if content.startswith(b"PK\x03\x04"):
        return _of_archive(content)
    raise Refused(_why(content))


def _of_archive(content: bytes) -> Type:
    """Only the list of what is inside is read: nothing is unpacked."""
    try:
        inside = {name.lower() for name in zipfile.ZipFile(io.BytesIO(content)).namelist()}
    except (zipfile.BadZipFile, ValueError, OverflowError, NotImplementedError):
        raise Refused(f"This file is damaged. Save it again. {WANTED}") from None
    if any(name.endswith("vbaproject.bin") for name in inside):
        raise Refused("This Word document holds macros. Save it as a Word document without macros (docx), or as PDF.")
    if {"[content_types].xml", "word/document.xml"} <= inside:
        return DOCX
    raise Refused(f"This is an archive or another kind of office file. {WANTED}")


def _why(content: bytes) -> str:
    head = content[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if content[4:8] == b"ftyp" and content[8:12] in _HEIC:
        return (
            "This is a HEIC photograph, which cannot be read here. Take it again from this page, or set the camera to "
            "“Most compatible” (JPEG) and take it again."
        )
    if content.startswith((b"MZ", b"\x7fELF", b"#!")) or content[:4] in (b"\xca\xfe\xba\xbe", b"\xcf\xfa\xed\xfe"):
        return f"This is a program, whatever its name says. {WANTED}"
    if b"<svg" in head:
        return "This is a drawing (SVG), which may hold a script. Save it as PNG and send that."
    if re.match(rb"<(?:!doctype|html|head|body|script|\?xml)", head):
        return f"This is a web page. Print it to PDF and send that. {WANTED}"
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        return "This is an older Office file. Save it as PDF or as a Word document (docx) and send that."
    return f"This kind of file is not kept. {WANTED}"


def clean_name(name: str, ending: str) -> str:
    """The name as it is shown: no folder, nothing unprintable, and the ending that its content has."""
    stem = re.split(r"[/\\]", name)[-1].rpartition(".")[0] or re.split(r"[/\\]", name)[-1]
    stem = "".join(letter for letter in stem if letter.isprintable() and letter not in '<>:"|?*;').strip(" .")
    return f"{stem[:100] or 'file'}.{ending}"
