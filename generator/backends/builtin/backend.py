"""The built-in model behind the backend contract."""

from generator.backends.base import Advice, BackendError, Call, Picture, Route
from generator.backends.builtin import files, pipeline
from generator.params import IMAGE_TO_IMAGE, Params

STEPS, GUIDANCE, SCHEDULER, STRENGTH = 25, 6.0, "dpmpp_2m", 0.6
"""What the model card advises, for params that do not say."""
WAIT_FOR_MEMORY = 10.0


class Builtin:
    """Runs the model in this process, on its processor."""

    def routes(self, repo_id: str, *, mode: str, key: str) -> list[Route]:
        """This machine, whatever is asked."""
        return [Route()]

    def abandon(self, call: Call) -> None:
        """Nothing goes on elsewhere."""

    def generate(self, call: Call) -> Picture:
        """Make exactly one picture, as `Backend` promises; there is one model, whatever `repo_id` says."""
        params, model = call.params, _model()
        size = _size(params, model.size_step)
        try:
            painted = model.paint(
                prompt=params.prompt,
                negative_prompt=params.negative_prompt or "",
                size=size,
                steps=params.steps or STEPS,
                guidance=GUIDANCE if params.guidance is None else params.guidance,
                scheduler=params.scheduler or SCHEDULER,
                seed=params.seed or 0,
                source=_source_pixels(params, call.source, size),
                strength=STRENGTH if params.strength is None else params.strength,
                on_step=call.on_progress,
            )
            content = pipeline.as_png(painted)
        except pipeline.SHORTAGES as error:
            code = "out_of_memory" if pipeline.is_of_memory(error) else "backend_failed"
            raise _failed("run", Advice.TRY_AGAIN, code=code, wait=WAIT_FOR_MEMORY) from error
        except pipeline.MISFITS as error:
            raise _failed("run", Advice.STOP) from error
        return Picture(
            content=content,
            seed=params.seed or 0,
            revision=files.revision(),
            software=dict(pipeline.SOFTWARE),
        )


def _model() -> pipeline.Pipeline:
    try:
        return pipeline.shared()
    except (RuntimeError, *pipeline.SHORTAGES) as error:
        raise _failed("load", Advice.TRY_AGAIN, wait=WAIT_FOR_MEMORY) from error
    except (OSError, KeyError, ValueError, *pipeline.MISFITS) as error:
        raise _failed("load", Advice.STOP) from error


def _size(params: Params, step: int) -> tuple[int, int]:
    width, height = params.width or 0, params.height or 0
    if min(width, height) < step or width % step or height % step:
        raise _failed("size", Advice.STOP)
    return width, height


def _source_pixels(params: Params, source: bytes | None, size: tuple[int, int]) -> pipeline.Pixels | None:
    if params.mode != IMAGE_TO_IMAGE:
        return None
    try:
        return pipeline.read_picture(source or b"", size)
    except pipeline.UNREADABLE as error:
        raise _failed("source", Advice.STOP) from error


def _failed(during: str, advice: Advice, *, code: str = "backend_failed", wait: float = 0.0) -> BackendError:
    return BackendError(code, advice=advice, wait=wait, during=during)
