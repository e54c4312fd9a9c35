"""Builders of files with one defect each; the binary ones are made where a test needs them."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from pathlib import Path

SHEET_NS = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
LINK_NS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
ODS_NS = " ".join(
    f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "text")
)
ODS_TYPE = "application/vnd.oasis.opendocument.spreadsheet"


def packed(path: Path, entries: dict[str, bytes | str]) -> Path:
    """Write a zip of the named entries."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return path


def xlsx_entries(sheet_data: str, *, shared: list[str] | None = None, date1904: bool = False) -> dict[str, str]:
    """Return the parts of a workbook of one sheet, "Rates", from the inside of its sheetData element."""
    head = '<?xml version="1.0" encoding="UTF-8"?>'
    entries = {
        "[Content_Types].xml": f'{head}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="xml" ContentType="application/xml"/></Types>',
        "_rels/.rels": f'{head}<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        f'<Relationship Id="rId1" Type="{LINK_NS}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'{head}<workbook xmlns="{SHEET_NS}" xmlns:r="{LINK_NS}">'
        f'<workbookPr date1904="{int(date1904)}"/><sheets><sheet name="Rates" sheetId="1" r:id="rId1"/></sheets>'
        "</workbook>",
        "xl/_rels/workbook.xml.rels": f'{head}<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/'
        f'relationships"><Relationship Id="rId1" Type="{LINK_NS}/worksheet" Target="worksheets/sheet1.xml"/>'
        f'<Relationship Id="rId2" Type="{LINK_NS}/styles" Target="styles.xml"/>'
        f'<Relationship Id="rId3" Type="{LINK_NS}/sharedStrings" Target="sharedStrings.xml"/></Relationships>',
        "xl/styles.xml": f'{head}<styleSheet xmlns="{SHEET_NS}"><cellXfs count="2"><xf numFmtId="0"/>'
        '<xf numFmtId="14"/></cellXfs></styleSheet>',
        "xl/worksheets/sheet1.xml": f'{head}<worksheet xmlns="{SHEET_NS}"><sheetData>{sheet_data}'
        "</sheetData></worksheet>",
    }
    texts = "".join(f"<si><t>{text}</t></si>" for text in shared or [])
    entries["xl/sharedStrings.xml"] = f'{head}<sst xmlns="{SHEET_NS}">{texts}</sst>'
    return entries


def xlsx(path: Path, sheet_data: str, **options: object) -> Path:
    """Write a workbook of one sheet from the inside of its sheetData element."""
    return packed(path, xlsx_entries(sheet_data, **options))  # type: ignore[arg-type]


def ods(path: Path, rows: str) -> Path:
    """Write an OpenDocument sheet "Rates" from the inside of its table element."""
    manifest = '<?xml version="1.0"?><m:manifest xmlns:m="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>'
    content = (
        f'<?xml version="1.0"?><office:document-content {ODS_NS}><office:body><office:spreadsheet>'
        f'<table:table table:name="Rates">{rows}</table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    return packed(path, {"mimetype": ODS_TYPE, "META-INF/manifest.xml": manifest, "content.xml": content})


def ods_text(text: str, extra: str = "") -> str:
    """Return one text cell of an OpenDocument sheet."""
    return f'<table:table-cell office:value-type="string" {extra}><text:p>{text}</text:p></table:table-cell>'


def lying_zip(path: Path, megabytes: int) -> Path:
    """Write a workbook one entry of which unpacks to far more than the directory claims, with a fitting checksum."""
    content = b"\x00" * (megabytes * 1024 * 1024)
    claimed = 1000
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    body = packer.compress(content) + packer.flush()
    name = b"xl/worksheets/sheet1.xml"
    fields = struct.pack("<HHHHHLLL", 20, 0, 8, 0, 33, zlib.crc32(content[:claimed]), len(body), claimed)
    plain = b"<workbook/>"
    book = b"xl/workbook.xml"
    plain_fields = struct.pack("<HHHHHLLL", 20, 0, 0, 0, 33, zlib.crc32(plain), len(plain), len(plain))
    out, directory = io.BytesIO(), b""
    for entry, about, data in ((book, plain_fields, plain), (name, fields, body)):
        at = out.tell()
        out.write(b"PK\x03\x04" + about + struct.pack("<HH", len(entry), 0) + entry + data)
        directory += b"PK\x01\x02" + struct.pack("<H", 20) + about
        directory += struct.pack("<HHHHHLL", len(entry), 0, 0, 0, 0, 0, at) + entry
    start = out.tell()
    out.write(directory + b"PK\x05\x06" + struct.pack("<HHHHLLH", 0, 0, 2, 2, len(directory), start, 0))
    path.write_bytes(out.getvalue())
    return path


def ole(path: Path, streams: dict[str, bytes]) -> Path:
    """Write an OLE container (Office 97 to 2003) whose streams are padded to at least 4,096 bytes."""
    sectors: list[bytes] = []
    chain: list[int] = []
    starts: dict[str, tuple[int, int]] = {}
    for name, data in streams.items():
        data = data.ljust(max(4096, -(-len(data) // 512) * 512), b"\x00")
        starts[name] = (len(sectors), len(data))
        count = len(data) // 512
        chain += [len(sectors) + index + 1 for index in range(count - 1)] + [0xFFFFFFFE]
        sectors += [data[index * 512 : index * 512 + 512] for index in range(count)]
    folder = [_ole_entry("Root Entry", 5, 1, 0xFFFFFFFE, 0, 0xFFFFFFFF)]
    for index, (name, (start, size)) in enumerate(starts.items(), 1):
        after = index + 1 if index < len(starts) else 0xFFFFFFFF
        folder.append(_ole_entry(name, 2, 0xFFFFFFFF, start, size, after))
    directory = b"".join(folder).ljust(-(-len(folder) // 4) * 512, b"\x00")
    directory_at = len(sectors)
    for index in range(len(directory) // 512):
        sectors.append(directory[index * 512 : index * 512 + 512])
        chain.append(len(sectors) if (index + 1) * 512 < len(directory) else 0xFFFFFFFE)
    table_at = len(sectors)
    chain.append(0xFFFFFFFD)
    sectors.append(b"".join(struct.pack("<L", link) for link in chain).ljust(512, b"\xff"))
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 16
    header += struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + b"\x00" * 6
    header += struct.pack("<LLLLLLLLL", 0, 1, directory_at, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0)
    header += struct.pack("<L", table_at)
    path.write_bytes(header.ljust(512, b"\xff") + b"".join(sectors))
    return path


def _ole_entry(name: str, kind: int, child: int, start: int, size: int, after: int) -> bytes:
    text = name.encode("utf-16-le") + b"\x00\x00"
    entry = text.ljust(64, b"\x00") + struct.pack("<HBBLLL", len(text), kind, 1, 0xFFFFFFFF, after, child)
    return (entry + b"\x00" * 36 + struct.pack("<LQ", start, size)).ljust(128, b"\x00")


def xls(path: Path) -> Path:
    """Write a workbook of Excel 97: a sheet "Rates" with the text "URN" above the number 2590934."""
    record = lambda kind, body: struct.pack("<HH", kind, len(body)) + body  # noqa: E731
    start = record(0x0809, struct.pack("<HHHHLL", 0x0600, 0x0005, 0, 0, 0, 6))
    end = record(0x000A, b"")
    name = b"Rates"
    bound = lambda at: record(0x0085, struct.pack("<LBBBB", at, 0, 0, len(name), 0) + name)  # noqa: E731
    at = len(start) + len(bound(0)) + len(end)
    sheet = record(0x0809, struct.pack("<HHHHLL", 0x0600, 0x0010, 0, 0, 0, 6))
    sheet += record(0x0200, struct.pack("<LLHHH", 0, 2, 0, 1, 0))
    sheet += record(0x0204, struct.pack("<HHHHB", 0, 0, 0, 3, 0) + b"URN")
    sheet += record(0x0203, struct.pack("<HHHd", 1, 0, 0, 2590934.0)) + end
    return ole(path, {"Workbook": start + bound(at) + end + sheet})
