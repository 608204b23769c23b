"""Pictures for a studio that runs, drawn in a moment instead of made in a minute: run by `manage.py shell`."""

import random
from typing import Any

from PIL import Image as Pixels
from PIL import ImageDraw, ImageFilter

from accounts.models import User
from common import pictures
from gallery import storage
from gallery.models import Image
from gallery.services import images
from tests.hostile import BLUR, hostile

SUBJECTS = (
    "a red mug on a yellow background", "une tasse bleue sur la table", "a green vase with two stripes",
    "a small boat at sunset", "a mountain in the evening", "three apples in a row", "a violet book",
    "a camera on white", "a teal sofa in a quiet room", "des montgolfières au-dessus des champs",
    "a lighthouse by the sea", "<b>bold</b> & \"quoted\" cups ☕", "a yellow car on the beach",
)  # fmt: skip
MODELS = ("builtin", "flux-1-schnell", "qwen-image", "stable-diffusion-xl")
STYLES = ("", "watercolour", "studio", "sunset")
COLOURS = ("#c23b22", "#1f5fbf", "#2f7d5b", "#e0a526", "#7a4fb0", "#d96f9b", "#3aa6a0", "#e8e2d5", "#2b2b33")
SIZES = ((256, 256), (256, 192), (192, 256), (128, 128))


def run(email: str, count: int, *, plain: bool = False) -> None:
    """Give somebody so many pictures, the first the oldest: each has another seed, most another recipe.

    `plain` words are for measuring; all others are hostile.
    """
    owner = User.objects.get(email=email)
    first = Image.objects.owned_by(owner).count()
    for number in range(first, first + count):
        keep(owner, number, plain=plain)


def keep(owner: User, number: int, *, plain: bool) -> Image:
    """The picture of this number: the same wherever it is drawn."""
    recipe = recipe_of(number, plain=plain)
    marked = storage.marked(content=drawn(number, *SIZES[number % len(SIZES)]), recipe=recipe)
    return images.add_image(owner=owner, stored=storage.store(owner_id=owner.pk, marked=marked), recipe=recipe)


def drawn(number: int, width: int, height: int) -> bytes:
    """A form on a ground, both coloured by the number, as a PNG."""
    dice = random.Random(number)
    ground, form, edge = dice.sample(COLOURS, 3)
    picture = Pixels.new("RGB", (width, height), ground)
    draw = ImageDraw.Draw(picture)
    draw.rectangle((0, height * 0.72, width, height), fill=edge)
    left, top = width * dice.uniform(0.15, 0.35), height * dice.uniform(0.15, 0.35)
    box = (left, top, left + width * 0.5, top + height * 0.5)
    (draw.ellipse, draw.rectangle, draw.rounded_rectangle)[number % 3](box, fill=form)
    return pictures.encode(picture.filter(ImageFilter.GaussianBlur(1.5)), "png")


def recipe_of(number: int, *, plain: bool) -> dict[str, Any]:
    """A recipe as the studio writes it, varied by the number."""
    subject, style = SUBJECTS[number % len(SUBJECTS)], STYLES[number % len(STYLES)] or None
    prompt, negative = (subject, None) if plain else (hostile(subject), BLUR)
    width, height = SIZES[number % len(SIZES)]
    model = MODELS[number % len(MODELS)]
    return {
        "version": 1, "mode": "text-to-image", "model": model, "repo_id": model, "revision": "9d2c4e7f1b60a85d",
        "backend": "builtin", "provider": None, "prompt": prompt, "negative_prompt": negative, "style": style,
        "full_prompt": prompt, "full_negative_prompt": negative, "width": width, "height": height,
        "steps": 20 + number % 11, "guidance": 6.0, "scheduler": "dpmpp_2m", "seed": 1000 + number,
        "strength": None, "source_digest": None, "software": {"onnxruntime": "1.31.1"},
    }  # fmt: skip
