"""Causes and cures of generations and calls that failed."""

from django.utils.translation import gettext_lazy as _

ENDED = {
    "backend_failed": (
        _("The model that runs here broke off while it made the picture."),
        _("Run it again; if it fails again, change size or steps."),
    ),
    "out_of_memory": (
        _("The machine of the studio had too little memory for a picture of this size."),
        _("Ask for a smaller size."),
    ),
    "bad_source": (
        _("The model, or its provider, could not read the source picture."),
        _("Send the picture as a plain RGB PNG or JPEG, or take another one."),
    ),
    "source_gone": (
        _("The source picture was deleted for good while the generation waited."),
        _("Submit it with another source. Keep sources until the generation has ended."),
    ),
    "too_slow": (
        _("The time limit of the whole generation ran out: an hour, or 15 minutes where the model runs elsewhere."),
        _("Run it again when less is going on, smaller, or with fewer steps or images."),
    ),
    "gave_up": (
        _("It was begun as often as is allowed (6 times), and never came to an end."),
        _("Run it again later. If it ends so again, tell whoever runs the studio."),
    ),
    "internal_error": (
        _("A mistake of ours. Whoever runs the studio finds it in the log."),
        _("Run it again once. If it fails again, tell whoever runs the studio its id."),
    ),
    "call_ended": (
        _("The call was ended here before it was answered: the generation was cancelled, or its time was over."),
        _("Nothing: it stands in `attempts` only, to tell what was called."),
    ),
    "no_backend": (
        _("The model is of a kind that this version of the studio cannot run."),
        _("Take another model, or leave `fallback` on."),
    ),
}
TOKENS = {
    "no_token": (
        _(
            "The model runs at Hugging Face, and there is no token that could pay: none of the account, none of the "
            "plan."
        ),
        _("Enter a Hugging Face token on the account page, or take a model that runs here."),
    ),
    "token_refused": (
        _("Hugging Face does not know the token that would pay: it was revoked, or copied badly."),
        _("Enter a new one on the account page. If it is the studio's, tell whoever runs it."),
    ),
    "token_expired": (
        _("The Hugging Face token that would pay has expired."),
        _("Enter a new one on the account page. If it is the studio's, tell whoever runs it."),
    ),
    "token_scope": (
        _("The Hugging Face token may not call Inference Providers."),
        _("Give it that permission at Hugging Face, or enter another one on the account page."),
    ),
    "gated": (
        _("The model has a licence that the owner of the Hugging Face token has not accepted."),
        _("Open the model's page at Hugging Face, accept it there, and run the generation again."),
    ),
    "no_credits": (
        _("The Hugging Face account that would pay has no credit left this month."),
        _("Buy credit there, enter another token on the account page, or take a model that runs here."),
    ),
    "server_cap": (
        _("The studio's Hugging Face token has paid as many images today as it may for everybody together."),
        _("Enter a token of your own on the account page, take another model, or try again tomorrow."),
    ),
    "provider_unpaid": (
        _("The provider wants to be paid in a way that the Hugging Face account has not agreed to, or cannot now."),
        _("Take another model, or enable the provider in the settings of the Hugging Face account."),
    ),
}
PROVIDERS = {
    "prompt_refused": (
        _("The provider's filter refused the words, or what it saw in the picture."),
        _("Change the prompt. The same words will be refused again, so do not repeat them in a loop."),
    ),
    "bad_setting": (
        _("The provider does not take the value of one setting, although the catalogue says that it should."),
        _("Change the setting that `detail` names, or leave it out; the defaults are the safest."),
    ),
    "bad_settings": (
        _("The provider does not take these settings and does not say which."),
        _("Leave out what you set, one after the other; the defaults are the safest."),
    ),
    "source_too_big": (
        _("The source picture is larger than the provider takes, even after it was scaled."),
        _("Ask for a smaller size, or take another model."),
    ),
    "not_served": (
        _("No provider serves this model at Hugging Face today."),
        _("Take another model, or leave `fallback` on so that the next of its chain makes the picture."),
    ),
    "model_gone": (
        _("The provider has taken the model out of its offer."),
        _("Take another model. It is asked for again after a day."),
    ),
    "no_repository": (
        _("Hugging Face has no model of this name, or does not show it to the token."),
        _("Take another model; tell whoever runs the studio that its catalogue is out of date."),
    ),
    "wrong_host": (
        _("The studio calls an address that Hugging Face has closed."),
        _("Tell whoever runs the studio: `HF_ROUTER_URL` has to be changed."),
    ),
    "provider_busy": (
        _("The provider answered 429: it takes no more requests of this account for now."),
        _("It was tried again here already. Run it again in some minutes."),
    ),
    "busy": (
        _("The provider is overloaded or down for a moment (502, 503)."),
        _("It was tried again here already. Run it again in some minutes, or take another model."),
    ),
    "loading": (
        _("The provider was still starting the model, and it took longer than is waited for."),
        _("Run it again in some minutes: it should be ready by then."),
    ),
    "timed_out": (
        _(
            "The provider did not finish in the time that one call may take. It may have made, and counted, the "
            "picture."
        ),
        _("Run it again smaller or with fewer steps, or take a faster model."),
    ),
    "provider_failed": (
        _("The provider broke off, without a reason that could be acted on."),
        _("Run it again. If it fails again, take another model."),
    ),
    "provider_memory": (
        _("The provider's machine has too little memory for a picture of this size."),
        _("Ask for a smaller size."),
    ),
    "network": (
        _("The provider could not be reached, or the connection broke."),
        _("Run it again in some minutes. If it stays so, tell whoever runs the studio."),
    ),
    "bad_answer": (
        _("The provider answered with something that is no picture."),
        _("Run it again. If it comes again, take another model."),
    ),
    "hub_down": (
        _("Hugging Face did not say which providers serve the model."),
        _("Run it again in some minutes."),
    ),
}
FAILURES = ENDED | TOKENS | PROVIDERS
