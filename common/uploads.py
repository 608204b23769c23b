"""A cap on everything that is uploaded, and a disk that may be full."""

import codecs
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.core.files.uploadhandler import FileUploadHandler, TemporaryFileUploadHandler
from django.http.multipartparser import MultiPartParser, MultiPartParserError

from common.errors import DomainError, Malformed

KEEPING = "utf8keeping"
"""UTF-8 that never replaces what it cannot read, whatever its caller asks for: Django's parser asks for U+FFFD."""


def _keeping(name: str) -> codecs.CodecInfo | None:
    return codecs.CodecInfo(codecs.utf_8_encode, _decoded) if name == KEEPING else None


def _decoded(text: Any, _errors: str = "strict", /) -> tuple[str, int]:
    return codecs.utf_8_decode(text, "surrogateescape", True)


codecs.register(_keeping)


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


class WatchedForm:
    """A multipart body as it is read, which knows in the end whether it was all there; keeps only a boundary of it."""

    def __init__(self, stream: Any, boundary: bytes) -> None:
        self._stream = stream
        self._delimiter = b"--" + boundary
        self._tail = b""
        self._begins = False
        self._has_begun = False
        self._is_closed = False
        self._boundaries = 0

    def is_whole(self, *, parts: int) -> bool:
        """Whether it began with a boundary, the last of them said that it is that, and so many parts lie in between."""
        return self._begins and self._is_closed and self._boundaries == parts + 1

    def read(self, size: int = -1) -> bytes:
        piece: bytes = self._stream.read(size)
        seen = self._tail + piece
        if not self._has_begun and (len(seen) >= len(self._delimiter) + 4 or not piece):
            self._has_begun = True
            self._begins = seen.lstrip(b"\r\n").startswith((self._delimiter + b"\r\n", self._delimiter + b"--"))
        self._boundaries += seen.count(self._delimiter) - self._tail.count(self._delimiter)
        last = seen.rfind(self._delimiter)
        if last >= 0:
            self._is_closed = seen[last + len(self._delimiter) :].startswith(b"--")
        self._tail = seen[-len(self._delimiter) - 1 :] if self._has_begun else seen
        return piece


class WholeForm(MultiPartParser):
    """A form of which all arrived; where a text in it is not UTF-8, the bytes that are wrong stay as surrogates."""

    def __init__(self, meta: Any, stream: Any, handlers: Any) -> None:
        """Raises `MultiPartParserError` where the head names no boundary."""
        super().__init__(meta, stream, handlers, KEEPING)
        self._watched = self._input_data = WatchedForm(stream, self._boundary)  # type: ignore[attr-defined]

    def parse(self) -> Any:
        """The texts and the files. Raises `Malformed` for a form that was cut, is none or has a part that is neither,
        and keeps nothing of it."""
        try:
            texts, files = super().parse()
        except MultiPartParserError as error:
            raise Malformed from error
        parts = sum(len(each) for _, each in [*texts.lists(), *files.lists()])
        if not self._watched.is_whole(parts=parts):
            for _, each in files.lists():
                for file in each:
                    file.close()
            raise Malformed
        return texts, files
