"""The fields of what comes in: strict in their types. Ranges, lengths, choices and patterns are told to the OpenAPI
document alone: the rules themselves live with the services, which refuse in our words."""

import json
import math
from collections.abc import Iterator, Sequence
from typing import Any

from drf_spectacular.drainage import set_override
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from common.texts import is_clean

_CONTROL = r"\u0000-\u0008\u000b-\u001f\u007f-\u009f"
CLEAN = rf"^[^{_CONTROL}]*$"
"""A text without control characters, newline and tab apart."""
SAYING = rf"^[^{_CONTROL}]*[^\s{_CONTROL}][^{_CONTROL}]*$"
"""The same, not blank."""


class StrictChar(serializers.CharField):
    """A text that was sent as a text, unchanged, without control characters; rules about it live elsewhere."""

    def __init__(self, *, pattern: str = CLEAN, **kwargs: Any) -> None:
        super().__init__(**{"trim_whitespace": False, "allow_blank": True, **kwargs})
        self.tell(pattern=pattern)

    def tell(self, **constraints: Any) -> None:
        """What the document says of it, besides its lengths."""
        set_override(self, "field", {"type": "string", **constraints})

    def run_validation(self, data: Any = serializers.empty) -> Any:
        if data is not serializers.empty and data is not None and not isinstance(data, str):
            raise serializers.ValidationError("", code="not_a_text")
        if isinstance(data, str) and not is_clean(data):
            raise serializers.ValidationError("", code="control_characters")
        return super().run_validation(data)

    def run_validators(self, value: Any) -> None:
        """None: what the framework's would refuse is refused already."""


class StrictChoice(StrictChar):
    """A text of a few."""

    def __init__(self, *, choices: Sequence[str], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.tell(enum=list(choices))


class StrictId(StrictChar):
    """The id of something; what is no id is refused where it is looked up, as one that is not there."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.tell(format="uuid")


class StrictInteger(serializers.IntegerField):
    """A whole number that was sent as one: not "7", not 2.5, not true."""

    def run_validation(self, data: Any = serializers.empty) -> Any:
        wrong = isinstance(data, bool) or not isinstance(data, int)
        if data is not serializers.empty and data is not None and wrong:
            raise serializers.ValidationError("", code="not_a_whole_number")
        return super().run_validation(data)

    def run_validators(self, value: Any) -> None:
        """None, as of a text."""


class StrictFloat(serializers.FloatField):
    """A finite number that was sent as one."""

    def run_validation(self, data: Any = serializers.empty) -> Any:
        if data is not serializers.empty and data is not None and not _is_finite_number(data):
            raise serializers.ValidationError("", code="not_a_number")
        return super().run_validation(data)

    def run_validators(self, value: Any) -> None:
        """None, as of a text."""


def _is_finite_number(value: Any) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    try:
        return math.isfinite(value)
    except OverflowError:
        return False


class StrictBoolean(serializers.BooleanField):
    """true or false."""

    def run_validation(self, data: Any = serializers.empty) -> Any:
        if data is not serializers.empty and data is not None and not isinstance(data, bool):
            raise serializers.ValidationError("", code="not_yes_or_no")
        return super().run_validation(data)


@extend_schema_field({"type": "object", "additionalProperties": {}})
class StrictObject(serializers.Field[Any, Any, Any, Any]):
    """An object of anything, its texts without control characters, of at most `most` kB (1,024 bytes) as JSON."""

    def __init__(self, *, most: int, **kwargs: Any) -> None:
        self.most = most
        super().__init__(**kwargs)

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        """Raises `ValidationError`."""
        if not isinstance(data, dict):
            raise serializers.ValidationError("", code="not_an_object")
        text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
        if not all(is_clean(part) for part in _texts(data)):
            raise serializers.ValidationError("", code="control_characters")
        if len(text.encode()) > self.most * 1024:
            raise serializers.ValidationError("", code="too_large")
        return data

    def to_representation(self, value: dict[str, Any]) -> dict[str, Any]:
        return value


def _texts(value: Any) -> Iterator[str]:
    """Every text in a JSON value, the names of members included."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from value
        yield from (text for member in value.values() for text in _texts(member))
    elif isinstance(value, list):
        yield from (text for member in value for text in _texts(member))
