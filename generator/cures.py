"""Causes and cures of what the generator refuses, and of models that cannot be used."""

from django.utils.translation import gettext_lazy as _

from common import cures
from generator.failure_cures import FAILURES

REQUESTS = {
    "model_unavailable": (
        _("The model that was asked for is switched off, or there is no token that could pay for it."),
        _(
            "Read `available` and `unavailable_code` in `GET /api/v1/models` and ask for another model, or leave "
            "`model` out to get the default one."
        ),
    ),
    "no_model": (
        _("No model was named, and there is none that this account could use now."),
        _("Enter a Hugging Face token on the account page, or ask whoever runs the studio."),
    ),
    "not_in_plan": (
        _("The model exists but is not part of the account's plan."),
        _("Ask for a model that is `available` in `GET /api/v1/models`, or for another plan."),
    ),
    "too_many_pixels": (
        _("Width times height is more than the account's plan makes."),
        _("Ask for a smaller size; `detail` names both numbers of pixels."),
    ),
    "queue_full": (
        _("As many generations of this account wait as its plan allows."),
        _(
            "Wait `retry_after` seconds, or until one of them ends (`GET /api/v1/generations?status=queued`), then "
            "send it again with the same `Idempotency-Key`."
        ),
    ),
    "too_many_streams": (
        _("This account has ten live streams open, over all its programs and pages."),
        _(
            "Close one, or listen to `GET /api/v1/events` once instead of to each generation. The place of a stream "
            "that broke off is free again after 90 seconds."
        ),
    ),
    "not_cancellable": (
        _("The generation has ended already, so there is nothing to cancel."),
        _("Read its `status`: it will not change any more."),
    ),
    "key_reused": (
        _("Within a day the same `Idempotency-Key` came with another body."),
        _("Draw a new random key for each new wish, and keep the key only when you send the very same request again."),
    ),
    "prompt_help_unavailable": (
        _(
            "The language model that improves prompts did not answer, or no token can pay for it. `detail` has the "
            "reason."
        ),
        _("Go on with the words you have, or try again in a minute."),
    ),
    "prompt_help_unpaid": (
        _("The Hugging Face credit that would pay for better words is used up."),
        _("Go on with the words you have, buy credit, or enter another token on the account page."),
    ),
    "prompt_help_refused": (
        _("The language model does not work on these words."),
        _("Send other words. The same ones will be refused again."),
    ),
}
FIELDS = {
    "mode_not_taken": (
        _("The model does not work in this mode, such as making a picture from a picture."),
        _("Look at `modes` in `GET /api/v1/models` and take another model or mode."),
    ),
    "seed_needed": (
        _("`reuse` looks for the pictures of this very recipe, and a recipe without a `seed` is never the same again."),
        _("Send the `seed` of the pictures that you mean, or leave `reuse` out."),
    ),
    "source_needed": (
        _("`mode` is `image-to-image`, but no picture to begin with was given."),
        _("Name one in `source_image`, or send one as the form field `source`."),
    ),
    "source_not_taken": (
        _("A source picture was given together with `mode` `text-to-image`."),
        _("Leave `mode` out: it follows from whether there is a source."),
    ),
    "two_sources": (
        _("A picture came along in `source`, and `source_image` names another one."),
        _("Give one of the two."),
    ),
    "not_a_file": (
        _("The form field `source` is a text, not a file."),
        _("Send it as a file part with a file name; in curl: `-F source=@mug.png`."),
    ),
    "size": (
        _("A side is no multiple of the model's step, or outside of its range."),
        _("Round to `size_step` and stay within `max_side` of `GET /api/v1/models`."),
    ),
    "both_sides": (
        _("Only one of `width` and `height` was given."),
        _("Give both, or neither for the model's own size."),
    ),
    "not_taken": (
        _("The model has no such setting in this mode; nothing is dropped silently."),
        _("Leave it out, or take a model whose `parameters` in `GET /api/v1/models` have it."),
    ),
    "unknown_model": (
        _("No model has this slug or repo id here."),
        _("Take a `slug` of `GET /api/v1/models`."),
    ),
    "unknown_style": (
        _("No style has this slug here."),
        _("Take a `slug` of `GET /api/v1/styles`, or leave it out."),
    ),
    "bad_key": (
        _("The `Idempotency-Key` is empty, too long, or not ASCII."),
        _("Send a random UUID."),
    ),
    "not_a_time": (
        _("The value is no time of RFC 3339 with a zone."),
        _("Send `2026-11-21T00:00:00Z`; in an address `+` is written `%2B`."),
    ),
}
MODELS = {
    "disabled": (
        _("A curator has switched the model off."),
        _("Take another one; `fallback` never leads to it either."),
    ),
    "no_backend": (
        _("The catalogue names a kind of model that this version of the studio cannot run."),
        _("Take another one, or ask whoever runs the studio to bring it up to date."),
    ),
    "not_in_plan": (
        _("The account's plan does not include the model."),
        _("Take another one, or ask for another plan."),
    ),
}
CURES = {cures.REQUESTS: REQUESTS, cures.FIELDS: FIELDS, cures.FAILURES: FAILURES, cures.MODELS: MODELS}
