"""A cap on everything that is uploaded, and a disk that may be full."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.core.files.uploadhandler import FileUploadHandler, TemporaryFileUploadHandler

from common.errors import DomainError


class BodyTooLarge(DomainError, RequestDataTooBig):
    """More was sent than this address takes. Django hands it to `handler400` where it is raised before any view."""

    code = "body_too_large"
    status = 413


class UploadFull(DomainError, SuspiciousOperation):
    """The disk that holds uploads while they arrive is full."""

    code = "upload_full"
    status = 507


class CappedUploadHandler(FileUploadHandler):
    """Refuses a multipart body by its declared length, then counts what really comes."""

    def handle_raw_input(
        self,
        input_data: Any,
        META: dict[str, Any],
        content_length: int,
        boundary: str,
        encoding: str | None = None,
    ) -> None:
        """Raises `BodyTooLarge`, or `UploadFull` where the body could not be kept, before anything is read."""
        if getattr(self.request, "scope", {}).get("disk_full"):
            raise UploadFull
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


class DiskUploadHandler(TemporaryFileUploadHandler):
    """Every file arrives on the disk; one that cannot be written is a refusal and leaves nothing there."""

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """Raises `UploadFull`."""
        with self._or_full():
            super().new_file(*args, **kwargs)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        """Raises `UploadFull`."""
        with self._or_full():
            return super().receive_data_chunk(raw_data, start)

    def file_complete(self, file_size: int) -> Any:
        """Raises `UploadFull` for what could not be flushed."""
        with self._or_full():
            return super().file_complete(file_size)

    @contextmanager
    def _or_full(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            with suppress(OSError):
                self.upload_interrupted()
            raise UploadFull from error
