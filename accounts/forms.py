"""Forms: shape only."""

import unicodedata
from datetime import datetime, timedelta
from typing import Any

from allauth.account import forms as allauth_forms
from allauth.core import context
from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import adapter
from accounts.models import ApiToken, User
from common.errors import DomainError, InvalidInput
from events import types
from events.models import WebhookEndpoint

EMAIL_MAX = 254


class LoginForm(allauth_forms.LoginForm):
    """E-mail or handle, and the password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].label = _("E-mail or handle")
        self.fields["login"].widget.attrs.update(autocomplete="username", autocapitalize="none")
        _without_placeholders(self)


class SignupForm(allauth_forms.SignupForm):
    """E-mail and password; an invitation may ask for one e-mail."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].label = _("E-mail")
        _with_room_for_an_email(self)
        _without_placeholders(self)

    def clean_email(self) -> str:
        email: str = super().clean_email()
        invitation = adapter.invitation_of(context.request) if settings.SIGNUP == "invite" else None
        if invitation is not None and invitation.email not in {"", email}:
            raise ValidationError(_("The invitation is for another e-mail. Write the one it was sent to."))
        return email


class AddEmailForm(allauth_forms.AddEmailForm):
    """Another e-mail of one's own: never one that signs somebody else in."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].label = _("Another e-mail")
        _with_room_for_an_email(self)
        _without_placeholders(self)

    def clean_email(self) -> str:
        email: str = super().clean_email()
        if User.objects.filter(email__iexact=email).exclude(pk=self.user.pk).exists():
            raise adapter.AccountAdapter().validation_error("email_taken")
        return email


class ResetPasswordForm(allauth_forms.ResetPasswordForm):
    """The e-mail that gets the link."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].label = _("E-mail")
        _without_placeholders(self)


class ChangePasswordForm(allauth_forms.ChangePasswordForm):
    """The password now, and another."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _without_placeholders(self)


class SetPasswordForm(allauth_forms.SetPasswordForm):
    """A first password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _without_placeholders(self)


class ResetPasswordKeyForm(allauth_forms.ResetPasswordKeyForm):
    """Another password, by the link of an e-mail."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _without_placeholders(self)


class ReauthenticateForm(allauth_forms.ReauthenticateForm):
    """The password once more."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _without_placeholders(self)


class ProfileForm(forms.ModelForm):
    """Name, handle and language."""

    class Meta:
        model = User
        fields = ["name", "handle", "language"]
        labels = {"name": _("Name"), "handle": _("Handle"), "language": _("Language")}
        help_texts = {
            "name": _("What others see. Your e-mail is never shown."),
            "handle": _("You can sign in with it. 3 to 30 of the letters a-z, digits, - and _."),
        }
        widgets = {
            "name": forms.TextInput(attrs={"autocomplete": "name", "dir": "auto"}),
            "handle": forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none"}),
        }
        error_messages = {"handle": {"unique": _("Somebody else has this handle. Choose another.")}}

    def clean_name(self) -> str:
        return _without_controls(self.cleaned_data["name"])


class TokenForm(forms.Form):
    """A token's name, what it may do and how long."""

    LIFETIMES = [("", _("Never")), ("7", _("In 7 days")), ("30", _("In 30 days")), ("365", _("In a year"))]
    SCOPES = [
        ("read", _("Read: see pictures, generations and the account")),
        ("generate", _("Generate: make pictures, which spends the quota")),
        ("manage", _("Manage: change pictures, collections and webhooks")),
    ]

    name = forms.CharField(
        label=_("Name"), max_length=ApiToken.NAME_MAX, help_text=_("What will use it, such as “shop import”.")
    )
    scopes = forms.MultipleChoiceField(
        label=_("It may"), choices=SCOPES, initial=["read", "generate"], widget=forms.CheckboxSelectMultiple
    )
    expires = forms.ChoiceField(label=_("It expires"), choices=LIFETIMES, required=False)

    def clean_name(self) -> str:
        return _without_controls(self.cleaned_data["name"])

    def expires_at(self) -> datetime | None:
        """The instant at which the token ends; None for never."""
        days = self.cleaned_data["expires"]
        return timezone.now() + timedelta(days=int(days)) if days else None


class HuggingFaceForm(forms.Form):
    """One's own token; what was typed is never shown again."""

    token = forms.CharField(
        label=_("Your token"),
        max_length=200,
        widget=forms.PasswordInput(attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}),
        help_text=_("It begins with hf_ and needs the permission “Make calls to Inference Providers”."),
    )

    def refuse(self, refusal: DomainError) -> None:
        """Put the sentences of a refusal where they belong: on the field, or above the form."""
        _put_on(self, refusal)


class WebhookForm(forms.Form):
    """The address of a program, and what it is told of."""

    EVENTS = [
        (types.SUCCEEDED, _("Pictures are ready")),
        (types.FAILED, _("Making them failed")),
        (types.CANCELLED, _("It was cancelled")),
    ]

    url = forms.CharField(
        label=_("Address"),
        max_length=WebhookEndpoint.URL_MAX,
        widget=forms.URLInput(attrs={"autocomplete": "off", "placeholder": "https://", "dir": "ltr"}),
        help_text=_("Where your program listens. Messages are sent with POST, as JSON."),
    )
    events = forms.MultipleChoiceField(
        label=_("It is told when"),
        choices=EVENTS,
        initial=list(types.TOLD),
        widget=forms.CheckboxSelectMultiple,
    )
    description = forms.CharField(
        label=_("Description"),
        max_length=WebhookEndpoint.DESCRIPTION_MAX,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "dir": "auto"}),
        help_text=_("For yourself, such as “shop import”."),
    )

    def clean_description(self) -> str:
        return _without_controls(self.cleaned_data["description"])

    def refuse(self, refusal: DomainError) -> None:
        """Put the sentences of a refusal where they belong: on the field, or above the form."""
        _put_on(self, refusal)


def _put_on(form: forms.Form, refusal: DomainError) -> None:
    if not isinstance(refusal, InvalidInput):
        form.add_error(None, refusal.message)
        return
    for error in refusal.as_members():
        form.add_error(error["field"], error["message"])


def _with_room_for_an_email(form: forms.BaseForm) -> None:
    """Allauth's field takes more characters than our column has."""
    form.fields["email"].validators.append(MaxLengthValidator(EMAIL_MAX))


def _without_placeholders(form: forms.BaseForm) -> None:
    """The label stands above the field; saying it twice helps nobody."""
    for field in form.fields.values():
        field.widget.attrs.pop("placeholder", None)


def _without_controls(text: str) -> str:
    if any(unicodedata.category(character) == "Cc" for character in text):
        raise ValidationError(_("This has control characters in it. Remove them and try again."))
    return text
