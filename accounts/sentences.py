"""The sentence of every refusal about accounts."""

from django.utils.translation import gettext_lazy as _

SENTENCES = {
    "quota_exhausted": _(
        "Today's quota of {limit} pictures is used up. It returns in {wait}, at {time}; a larger plan has more."
    ),
    "quota_nearly_exhausted": _(
        "Today's quota has room for {left} of the {amount} pictures you asked for. "
        "Make fewer, or come back in {wait}, at {time}."
    ),
    "rate_limited": _("That was too often within a minute. Wait {seconds} s and try again."),
    "daily_limit": _("This can be asked {limit} times a day. Try again in {hours} h."),
    "hourly_limit": _("This can be sent {limit} times an hour. Try again in {minutes} min."),
    "too_many_tries": _("Too many passwords were tried for this link. Wait {seconds} s and try again."),
    "tries_uncounted": _("Passwords cannot be tried just now. Try again in {seconds} s."),
    "bad_token": _("This token is unknown, revoked or expired. Make a new one on your account page."),
    "insufficient_scope": _("This token lacks the scope {scope}. Make one that has it on your account page."),
    "too_many_tokens": _("You have {most} working tokens, and more is not possible. Revoke one that nothing uses."),
    "invitation_used": _("This invitation was used already or has run out. Ask for a new one."),
    "email_taken": _("There is an account with this e-mail already. Sign in, or reset its password."),
    "handle_taken": _("Somebody else has this handle. Choose another."),
    "not_a_hugging_face_token": _("This is not a Hugging Face token: it begins with hf_. It was sent nowhere."),
    "own_token_works": _("Hugging Face accepts it."),
    "own_token_refused": _("Hugging Face does not accept this token. Copy it again, or make a new one there."),
    "own_token_expired": _("This token has expired. Make a new one at Hugging Face."),
    "own_token_without_scope": _(
        "This token may not make pictures. Give it the permission “Make calls to Inference Providers” at Hugging Face."
    ),
    "own_token_without_credit": _(
        "The Hugging Face credit of this token is used up. Buy credit there, or wait for the next month's."
    ),
    "hub_silent": _(
        "Hugging Face could not be asked about this token, so nothing was changed. Try again in a few minutes."
    ),
    "token_unreadable": _(
        "Your Hugging Face token cannot be read any more, since the studio's keys were changed. "
        "Enter it again on your account page."
    ),
    "in_the_past": _("This time is in the past. Choose a later one."),
}
