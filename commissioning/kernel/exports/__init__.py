"""Files that people take away: csv and workbooks of what a page shows, forms to fill in, rejected rows to correct."""

from .charts import SpreadChart
from .csv import csv_bytes, csv_chunks
from .form import FormColumn, WorkbookForm
from .notice import HEADER, Notice, file_name
from .rejects import Fault, RejectedRow, RejectedSheet, rejects_workbook
from .text import guard, left_alone, unguard
from .workbook import (
    CONTENT_TYPE,
    MOST_ROWS,
    SheetOf,
    sheet_names,
    streamed,
    workbook_bytes,
    write_sheet,
    write_workbook,
)

__all__ = [
    "CONTENT_TYPE",
    "MOST_ROWS",
    "HEADER",
    "Fault",
    "FormColumn",
    "Notice",
    "RejectedRow",
    "RejectedSheet",
    "SheetOf",
    "SpreadChart",
    "WorkbookForm",
    "csv_bytes",
    "csv_chunks",
    "file_name",
    "guard",
    "left_alone",
    "rejects_workbook",
    "sheet_names",
    "streamed",
    "unguard",
    "workbook_bytes",
    "write_sheet",
    "write_workbook",
]
