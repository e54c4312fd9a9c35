"""Receiving a file over the web: counted while it streams in, so that one too large never fills a disk."""

from typing import Any

from crispy_forms_gds.choices import Choice
from django import forms
from django.conf import settings
from django.core.files.uploadhandler import FileUploadHandler, SkipFile
from django.http import HttpRequest

from ..forms import PageForm
from ..ingest.source import Source

MEGABYTES = settings.UPLOAD_LIMIT_BYTES // (1024 * 1024)


def too_large() -> str:
    megabytes = settings.UPLOAD_LIMIT_BYTES / (1024 * 1024)
    return f"The file is larger than {megabytes:g} MB. Send it in parts, for example one year at a time."


class LimitedUpload(FileUploadHandler):
    """Stands before the handlers that keep the file. Beyond the limit the rest is read and thrown away, so that the
    browser hears the answer instead of a broken connection; `request.file_too_large` is then True."""

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self.received = 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        self.received += len(raw_data)
        if self.received > settings.UPLOAD_LIMIT_BYTES:
            self.request.file_too_large = True
            raise SkipFile
        return raw_data

    def file_complete(self, file_size: int) -> None:
        return None


class SendForm(PageForm):
    button = "Send and check"

    source = forms.ChoiceField(
        label="What kind of file is it?",
        widget=forms.RadioSelect,
        error_messages={"required": "Choose what kind of file it is"},
    )
    file = forms.FileField(
        label="The file",
        help_text=f"Excel, OpenDocument, csv or xml, up to {MEGABYTES} MB.",
        max_length=255,
        widget=forms.FileInput(attrs={"accept": ".csv,.xlsx,.xls,.xlsm,.ods,.xml,.json,.txt"}),
        error_messages={
            "required": "Choose a file",
            "empty": "The file is empty. Check that the export finished, and send it again",
            "max_length": "The name of the file is longer than 255 characters. Give it a shorter one",
        },
    )

    def __init__(self, *args: Any, sources: list[Source], request: HttpRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.request = request
        self.fields["source"].choices = [Choice(s.name, s.label, hint=s.says) for s in sources]

    def clean(self) -> dict[str, Any]:
        if getattr(self.request, "file_too_large", False):
            self.errors.pop("file", None)
            self.add_error("file", too_large())
        return self.cleaned_data
