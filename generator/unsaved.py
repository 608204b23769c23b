"""Pictures that are made but could not be stored or written down: kept in memory until that works, so nobody pays
twice."""

import threading
from collections import OrderedDict
from uuid import UUID

from generator.making import Made

MOST = 64
"""Of one process; beyond it the oldest is forgotten, and made again."""

_kept: OrderedDict[UUID, Made] = OrderedDict()
_lock = threading.Lock()


def keep(output_id: UUID, made: Made) -> None:
    """Until `take`, or until the process ends."""
    with _lock:
        _kept[output_id] = made
        while len(_kept) > MOST:
            _kept.popitem(last=False)


def take(output_id: UUID) -> Made | None:
    """The picture of this output, which is not kept any more."""
    with _lock:
        return _kept.pop(output_id, None)
