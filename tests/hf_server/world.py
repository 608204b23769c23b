"""The state of the emulator: models, tokens, scripts, jobs, files, and what was recorded."""

import asyncio
import itertools
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.hf_server import pictures
from tests.hf_server.models import MODELS, TOKENS, Model, Token
from tests.hf_server.record import Call, Record
from tests.hf_server.scripts import Script, Scripts
from tests.hf_server.wire import Request


@dataclass
class Settings:
    """What a test may turn.

    `default_delay` is in seconds: the time of a direct answer, or of a job. `pending_polls` is how often a finished
    job says that it is not. `fixed_picture` draws one picture for everybody, which costs nothing.
    """

    default_delay: float = 0
    pending_polls: int = 1
    fixed_picture: bool = False
    chat_answer: str = ""


@dataclass
class File:
    """One picture on the picture host, and whose it is."""

    call: Call
    content: bytes
    media_type: str


@dataclass
class Job:
    """One piece of work in a queue; `twist` is how it ends."""

    id: str
    call: Call
    name: str
    seconds: float
    paint: Callable[[], Any]
    twist: str = ""
    polls: int = 0
    cancelled: bool = False
    made: Any = None
    over: asyncio.TimerHandle | None = None
    began: float = field(default_factory=time.monotonic)

    @property
    def left(self) -> float:
        """Seconds until it is done."""
        return max(0.0, self.began + self.seconds - time.monotonic())

    def is_done(self, pending_polls: int) -> bool:
        """Whether the work is over, as this poll may know it."""
        return self.twist != "stuck" and not self.left and self.polls > pending_polls

    def outcome(self) -> Any:
        """What it made, painted when first asked for."""
        if self.made is None:
            self.made = self.paint()
        return self.made


@dataclass
class World:
    """All of it; `reset` makes it new."""

    settings: Settings = field(default_factory=Settings)
    models: dict[str, Model] = field(default_factory=lambda: dict(MODELS))
    tokens: dict[str, Token] = field(default_factory=lambda: dict(TOKENS))
    scripts: Scripts = field(default_factory=Scripts)
    record: Record = field(default_factory=Record)
    jobs: dict[str, Job] = field(default_factory=dict)
    files: dict[str, File] = field(default_factory=dict)
    seeds: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1000))

    def reset(self) -> None:
        """As it was at the start."""
        self.__dict__.update(World().__dict__)

    def model_of(self, provider: str, provider_id: str) -> Model | None:
        """The model that a provider knows by this id (or by the version at the end of it)."""
        for model in self.models.values():
            known = model.providers.get(provider, {}).get("providerId", "")
            if known and (known == provider_id or known.endswith(f":{provider_id}")):
                return model
        return None

    def token_of(self, request: Request) -> Token | None:
        """The token of a request, where it is one that exists."""
        return self.tokens.get(request.token or "")


@dataclass
class Exchange:
    """One request being answered: its record, what its path names, and the script that takes it."""

    world: World
    request: Request
    call: Call
    named: dict[str, str]
    script: Script | None = None
    is_job: bool = False

    @property
    def twist(self) -> str:
        """How an otherwise usual answer is changed."""
        return self.script.row.twist if self.script else ""

    @property
    def seed(self) -> int:
        """The seed asked for, or one that the provider draws."""
        if self.call.seed is None:
            self.call.seed = next(self.world.seeds)
        return self.call.seed

    def picture(self, size: tuple[int, int], form: str) -> bytes:
        """The picture of this call, spoiled where a script wants it so."""
        colour = (
            (200, 120, 40) if self.world.settings.fixed_picture else pictures.colour_of(self.call.prompt, self.seed)
        )
        return pictures.spoiled(self.twist, *size, colour, form)

    def file(self, size: tuple[int, int], form: str) -> str:
        """Put the picture on the picture host; its address."""
        if self.twist == "private_url":
            return "http://10.0.0.1/picture.png"
        if self.twist == "local_url":
            return "http://127.0.0.1:1/picture.png"
        name = uuid.uuid4().hex
        self.world.files[name] = File(self.call, self.picture(size, form), pictures.TYPES[form])
        return f"{self.request.origin}/files/{name}.{pictures.ENDINGS[form]}"
