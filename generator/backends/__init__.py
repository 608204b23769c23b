"""Every way to run a model, found by name and imported on first use, in the worker only."""

import threading
from functools import cache
from importlib import import_module

from generator.backends.base import Advice, Backend, BackendError

BACKENDS = {
    "builtin": "generator.backends.builtin.backend.Builtin",
    "huggingface": "generator.backends.huggingface.backend.HuggingFace",
}

_making = threading.Lock()


def get(name: str) -> Backend:
    """The one backend of this name in this process; raises `BackendError` where there is none."""
    if name not in BACKENDS:
        raise BackendError("no_backend", advice=Advice.NEXT_MODEL, backend=name)
    with _making:
        return _made(name)


@cache
def _made(name: str) -> Backend:
    module, _, class_name = BACKENDS[name].rpartition(".")
    backend: Backend = getattr(import_module(module), class_name)()
    return backend
