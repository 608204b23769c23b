"""What a page may change of an image."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from common.errors import InvalidInput


class ImageForm(forms.Form):
    """A title, or whether it is a favourite; what was not sent is not changed."""

    title = forms.CharField(
        required=False, strip=False, label=_("Title"), widget=forms.TextInput(attrs={"dir": "auto"})
    )
    favourite = forms.NullBooleanField(required=False)

    def changes(self) -> dict[str, Any]:
        """The members that were sent."""
        return {name: self.cleaned_data[name] for name in self.fields if name in self.data}

    def refuse(self, refusal: InvalidInput) -> None:
        """Put each sentence of a refusal on its field."""
        for error in refusal.as_members():
            self.add_error(error["field"], error["message"])
