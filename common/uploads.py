"""A cap on everything that is uploaded."""

from typing import Any

from django.conf import settings
from django.core.files.uploadhandler import FileUploadHandler

from common.errors import DomainError


class BodyTooLarge(DomainError):
    """More was sent than this address takes."""

    code = "body_too_large"
    status = 413


class CappedUploadHandler(FileUploadHandler):
    """Refuses a multipart body by its declared length, then counts what really comes."""

    def handle_raw_input(
        self, input_data: Any, META: dict[str, Any], content_length: int, boundary: str, encoding: str | None = None
    ) -> None:
        self._received = 0
        self._refuse_over(content_length)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        self._received += len(raw_data)
        self._refuse_over(self._received)
        return raw_data

    def file_complete(self, file_size: int) -> None:
        return None

    def _refuse_over(self, size: int) -> None:
        if size > settings.MULTIPART_MAX_BYTES:
            raise BodyTooLarge(megabytes=settings.MULTIPART_MAX_BYTES // 2**20)
