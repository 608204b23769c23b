"""The broker of the laptop: messages are files, made atomic.

kombu's own filesystem transport writes a message into its final file, where a reader may take it half-written. Here a
message is written under another name and then renamed (POSIX rename is atomic).
"""

import os
import uuid
from pathlib import Path
from time import monotonic
from typing import Any

from kombu.transport import TRANSPORT_ALIASES
from kombu.transport.filesystem import Channel, Transport
from kombu.utils.encoding import str_to_bytes
from kombu.utils.json import dumps


class AtomicChannel(Channel):
    def _put(self, queue: str, payload: Any, **kwargs: Any) -> None:  # type: ignore[override]
        folder = Path(self.data_folder_out)
        name = f"{round(monotonic() * 1000)}_{uuid.uuid4()}.{queue}"
        draft = folder / f"{name}.draft"
        try:
            draft.write_bytes(str_to_bytes(dumps(payload)))
            os.replace(draft, folder / f"{name}.msg")
        except OSError:
            draft.unlink(missing_ok=True)
            raise


class AtomicTransport(Transport):
    Channel = AtomicChannel


def register(folder: Path) -> None:
    """Make `filesystem-atomic://` known to Celery, and its folders."""
    TRANSPORT_ALIASES["filesystem-atomic"] = "config.broker:AtomicTransport"
    for name in ("messages", "control", "processed"):
        (folder / name).mkdir(parents=True, exist_ok=True)
