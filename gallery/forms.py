"""What a page may change of images and collections."""

from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from common.errors import InvalidInput
from common.sentences import say
from gallery.models import Image, Member, Report
from gallery.terms import BadSearch, Filter, Terms

DAY = "%Y-%m-%d"


class RefusableForm(forms.Form):
    """A form whose rules live in the service: it can show what that refused."""

    def refuse(self, refusal: InvalidInput) -> None:
        """Put each sentence of a refusal on its field."""
        for error in refusal.as_members():
            self.add_error(error["field"], error["message"])


class ImageForm(RefusableForm):
    """A title, tags that come (with commas between them) or go, whether it is a favourite; what was not sent stays."""

    title = forms.CharField(
        required=False, strip=False, label=_("Title"), widget=forms.TextInput(attrs={"dir": "auto"})
    )
    tags = forms.CharField(
        required=False, label=_("Tags"), widget=forms.TextInput(attrs={"dir": "auto", "list": "known-tags"})
    )
    without_tag = forms.CharField(required=False, strip=False, widget=forms.HiddenInput)
    favourite = forms.NullBooleanField(required=False)

    def changes(self, image: Image) -> dict[str, Any]:
        """The members that were sent, as the service takes them."""
        changed = {name: self.cleaned_data[name] for name in ("title", "favourite") if name in self.data}
        if "tags" in self.data or "without_tag" in self.data:
            kept = [tag for tag in image.tags if tag != self.cleaned_data["without_tag"]]
            changed["tags"] = kept + [tag for tag in self.cleaned_data["tags"].split(",") if tag.strip()]
        return changed


class CollectionForm(RefusableForm):
    """How a collection is called."""

    name = forms.CharField(
        max_length=100,
        strip=False,
        label=_("Name"),
        widget=forms.TextInput(attrs={"dir": "auto", "autocomplete": "off"}),
    )
    description = forms.CharField(
        max_length=1000,
        required=False,
        strip=False,
        label=_("Description"),
        widget=forms.Textarea(attrs={"dir": "auto", "rows": 3}),
    )


class ShareForm(RefusableForm):
    """With whom a collection is shared, and what they may do."""

    handle = forms.CharField(
        max_length=254,
        label=_("Handle"),
        help_text=_("It stands on their account page."),
        widget=forms.TextInput(attrs={"autocapitalize": "none", "autocomplete": "off", "spellcheck": "false"}),
    )
    role = forms.ChoiceField(label=_("They"), choices=Member.Role.choices, initial=Member.Role.VIEWER)


class LinkForm(RefusableForm):
    """A link to a picture: how long it opens, its password, and whether it shows the recipe."""

    LIFETIMES = [
        ("1", _("For a day")),
        ("7", _("For 7 days")),
        ("30", _("For 30 days")),
        ("365", _("For a year")),
        ("", _("For ever")),
    ]

    expires_in_days = forms.ChoiceField(label=_("It opens"), choices=LIFETIMES, initial="30", required=False)
    password = forms.CharField(
        label=_("Password"),
        required=False,
        strip=False,
        help_text=_("Whoever has the link is asked for it. Leave it empty to ask for none."),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    recipe_shown = forms.BooleanField(label=_("Show the recipe, and let others remix it"), required=False, initial=True)

    def settings(self) -> dict[str, Any]:
        """What the service takes."""
        days = self.cleaned_data["expires_in_days"]
        return {**self.cleaned_data, "expires_in_days": int(days) if days else None}


class LinkChangeForm(LinkForm):
    """The same of a link that is there: an empty password leaves the one it has."""

    KEPT = [("kept", _("As long as now"))]

    expires_in_days = forms.ChoiceField(label=_("It opens"), choices=KEPT + LinkForm.LIFETIMES, required=False)
    password = forms.CharField(
        label=_("Another password"),
        required=False,
        strip=False,
        help_text=_("Leave it empty to change nothing."),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    without_password = forms.BooleanField(label=_("Ask for no password"), required=False)
    field_order = ["expires_in_days", "password", "without_password", "recipe_shown"]

    def settings(self) -> dict[str, Any]:
        """What the service takes."""
        sent = self.cleaned_data
        days = sent["expires_in_days"]
        return {
            "expires_in_days": days if days == "kept" else int(days) if days else None,
            "password": "" if sent["without_password"] else sent["password"] or None,
            "recipe_shown": sent["recipe_shown"],
        }


class UnlockForm(forms.Form):
    """The password of a link."""

    password = forms.CharField(
        label=_("Password"),
        strip=False,
        max_length=100,
        widget=forms.PasswordInput(attrs={"autocomplete": "off", "autofocus": True}),
    )


class ReportForm(RefusableForm):
    """Why a picture should not be there."""

    reason = forms.ChoiceField(
        label=_("What is wrong with it"), choices=Report.Reason.choices, widget=forms.RadioSelect
    )
    words = forms.CharField(
        label=_("In your words"),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"dir": "auto", "rows": 4}),
    )


class SearchForm(RefusableForm):
    """A name for a search; the search comes with it."""

    name = forms.CharField(
        max_length=100,
        label=_("Name"),
        widget=forms.TextInput(attrs={"dir": "auto", "autocomplete": "off"}),
    )
    query = forms.CharField(required=False, strip=False, widget=forms.HiddenInput)
    sort = forms.CharField(required=False, widget=forms.HiddenInput)


class FilterForm(forms.Form):
    """The filters that most people need, as fields; what each says becomes text of the search."""

    WIDTHS = [
        ("", _("Any size")),
        ("..511", _("Small, up to 511 pixels wide")),
        ("512..1023", _("Medium, 512 to 1023")),
        ("1024..", _("Large, 1024 or more")),
    ]
    MODES = [("", _("Words or a picture")), ("text", _("Words")), ("picture", _("A picture"))]
    AS_TEXT = ("model", "mode", "style", "width", "collection")
    FAVOURITE = Filter("is", "favourite")

    model = forms.CharField(required=False, label=_("Model"), widget=forms.Select)
    mode = forms.CharField(required=False, label=_("Made from"), widget=forms.Select)
    style = forms.CharField(required=False, label=_("Style"), widget=forms.Select)
    width = forms.CharField(required=False, label=_("Size"), widget=forms.Select)
    first = forms.DateField(
        required=False, label=_("From"), input_formats=[DAY], widget=forms.DateInput(attrs={"type": "date"}, format=DAY)
    )
    last = forms.DateField(
        required=False, label=_("To"), input_formats=[DAY], widget=forms.DateInput(attrs={"type": "date"}, format=DAY)
    )
    collection = forms.CharField(required=False, label=_("Collection"), widget=forms.Select)
    favourite = forms.BooleanField(required=False, label=_("Favourites only"))

    def __init__(
        self,
        *args: Any,
        models: list[tuple[str, str]],
        styles: list[tuple[str, str]],
        collections: list[Any],
        **options: Any,
    ) -> None:
        """Offer these (models and styles with their names), and whatever is chosen already."""
        super().__init__(*args, **options)
        named = {"model": models, "style": styles, "collection": [(str(each), str(each)) for each in collections]}
        for name, choices in named.items():
            self._offer(name, [("", _("Any")), *choices])
        self._offer("width", self.WIDTHS)
        self._offer("mode", self.MODES)

    def _offer(self, name: str, choices: list[tuple[str, Any]]) -> None:
        """These, and what is chosen already where it is none of them."""
        chosen = str(self[name].value() or "")
        known = {value for value, _label in choices}
        widget = cast(forms.Select, self.fields[name].widget)
        widget.choices = choices if chosen in known else [*choices, (chosen, chosen)]

    @classmethod
    def told(cls, terms: Terms) -> dict[str, Any]:
        """What the fields say of a search."""
        made = [each.days for each in terms.filters if each.name == "made" and not each.negated]
        first, last = made[0] if made else (None, None)
        values = {name: terms.value_of(name) for name in cls.AS_TEXT}
        return {**values, "first": first, "last": last, "favourite": cls.FAVOURITE in terms.filters}

    def narrowed(self, terms: Terms) -> Terms:
        """The search as the fields have it; its words and other filters stay. Raises `BadSearch`."""
        said, told = self.cleaned_data, self.told(terms)
        for name in self.AS_TEXT:
            if said[name] != told[name]:
                terms = terms.without(Filter(name, told[name])).with_filter(name, said[name])
        if (said["first"], said["last"]) != (told["first"], told["last"]):
            ends = [str(day or "") for day in (said["first"], said["last"])]
            terms = terms.with_filter("made", "..".join(ends) if any(ends) else "")
        if said["favourite"] != told["favourite"]:
            kept = terms.without(self.FAVOURITE)
            terms = kept.with_filter("is", "favourite") if said["favourite"] else kept
        return terms

    def refuse(self, wrong: BadSearch) -> None:
        """Say why this is no search."""
        for code, arguments in wrong.problems:
            self.add_error(None, say(code, **arguments))
