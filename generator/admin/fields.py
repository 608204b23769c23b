"""Form fields of the back office: lists that are kept as JSON, written the way people write them."""

from collections.abc import Sequence
from typing import Any

from django import forms


class Row(forms.ModelForm):
    """A row of a list that is edited in place: each field is called by its column and by what the row is about."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        for field in self.fields.values():
            field.widget.attrs["aria-label"] = f"{field.label}: {self.instance}"


class Ticks(forms.MultipleChoiceField):
    """A list of known words, each a box to tick; it keeps their order."""

    widget = forms.CheckboxSelectMultiple

    def __init__(self, *, words: Sequence[tuple[str, Any]], **options: Any) -> None:
        super().__init__(choices=words, **options)
        self.words = [word for word, _ in words]

    def clean(self, value: Any) -> list[str]:
        """The ticked ones, in the order of the boxes. Raises `ValidationError` for a word that has none."""
        ticked = set(super().clean(value))
        return [word for word in self.words if word in ticked]


class Commas(forms.CharField):
    """A list of words, written with commas between them."""

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(map(str, value)) if isinstance(value, list | tuple) else value

    def clean(self, value: Any) -> list[str]:
        """The words without the spaces around them."""
        return self._words(super().clean(value))

    def has_changed(self, initial: Any, data: Any) -> bool:
        return self._words(data or "") != list(initial or [])

    @staticmethod
    def _words(text: str) -> list[str]:
        return [word.strip() for word in text.split(",") if word.strip()]


class Settings(forms.JSONField):
    """An object of JSON that may be empty."""

    def clean(self, value: Any) -> Any:
        found = super().clean(value)
        return {} if found is None else found
