"""The sentences of the generator's refusals, errors, notices and hints."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

SENTENCES = {
    # params
    "mode_not_taken": _("This model takes {modes} only. Choose that, or another model."),
    "seed_needed": _("Name the seed too: without one a new picture is always drawn, and none can be the same."),
    "source_needed": _("Making a picture from a picture needs a source picture. Add one."),
    "two_sources": _("Give the picture as the file source or name it in source_image, not both."),
    "not_a_file": _("Send the source picture as a file of the form."),
    "source_not_taken": _("A source picture was given, but the mode is text-to-image. Choose one or the other."),
    "size": _("Each side must be a multiple of {step} pixels, from {smallest} to {largest}."),
    "both_sides": _("Give both the width and the height, or neither."),
    "not_taken": _("This model does not take this setting here. Leave it out, or choose another model."),
    # the catalogue
    "modes_wrong": _("Write a list of one or both of: {choices}."),
    "parameter_wrong": _(
        "{name}: steps (1 to 150), guidance (0 to 30) and strength (0 to 1) need min, default and max in that order; "
        "scheduler needs choices and a default among them; negative_prompt a default text. Nothing else is possible."
    ),
    "not_among": _("{name} is not among these: {choices}."),
    "named_twice": _("Name each of them once."),
    "revision_wrong": _("A revision is a commit, a branch or a tag: letters, digits, and . _ - /"),
    "repo_id_wrong": _("A repository at Hugging Face is named owner/name."),
    "other_mode": _("{model} has no mode in common with this model. Choose another."),
    # checks of curators
    "under_way": _("A check is under way."),
    "no_answer": _("The last check was begun and never answered. Is a worker running?"),
    "check_not_sent": _("The check could not be queued: the broker does not answer. Try again in a minute."),
    "check_needs_token": _("A check calls with the server's Hugging Face token. Set HF_TOKEN first."),
    "failed_with": _("It failed ({reason})."),
    # submit
    "unknown_model": _("There is no such model. Choose one of the catalogue."),
    "unknown_style": _("There is no such style. Choose one of the list, or none."),
    "model_unavailable": _("{model} cannot be used now: {reason} Choose another model."),
    "needs_token": _("it needs a Hugging Face token."),
    "server_spent": _("the server's Hugging Face token has paid all its pictures of today."),
    "no_backend": _("this version cannot run it yet."),
    "disabled": _("a curator has switched it off."),
    "not_in_plan": _("Your plan does not include {model}. Choose another model, or ask for another plan."),
    "too_many_pixels": _(
        "Your plan makes pictures of at most {most} pixels; this would be {asked}. "
        "Make it smaller, or ask for another plan."
    ),
    "queue_full": _("You already have {waiting} pictures waiting, the most your plan allows. Wait for one to finish."),
    "too_many_streams": _("You listen to {limit} streams already, the most there are. Close one first."),
    "not_cancellable": _("This is finished already; there is nothing to cancel."),
    "no_model": _("No model can be used now. Ask whoever runs this studio."),
    "key_reused": _("This Idempotency-Key was used for another request. Use a new key for a new request."),
    "bad_key": _("An Idempotency-Key has 1 to 255 visible ASCII characters."),
    # lists of prompts
    "too_many_batches": _("You keep {most} lists of prompts, as many as one can. Delete one you no longer need."),
    "not_utf8": _("This file is not text in UTF-8. In a spreadsheet, save it as “CSV UTF-8”."),
    "unknown_column": _("The column “{name}” is not known. Rename it or take it out; these are known: {columns}."),
    "unknown_columns": _(
        "The columns {names} are not known. Rename them or take them out; these are known: {columns}."
    ),
    "column_twice": _("The column {name} stands there twice. Take one out."),
    "no_prompt_column": _("There is no column named prompt. Name the column of the prompts so."),
    "broken_csv": _("Line {line} cannot be read: a quotation mark in it does not end, or it is far too long. Mend it."),
    "too_many_cells": _(
        "This row has more cells than the {columns} columns. Put a text with commas in quotation marks."
    ),
    "no_lines": _("There is no prompt in it. Write one in each line."),
    "too_many_lines": _("There are {lines} lines; at most {most} are possible. Cut it into several."),
    "file_or_lines": _("Choose a file or write the lines here, not both."),
    "model_off": _("{model} cannot be used now. Choose another model, or read the lines again later."),
    # how it ended
    "backend_failed": _("The model could not make this picture. Try again, or with other settings."),
    "out_of_memory": _("This machine ran out of memory while making the picture. Try a smaller size."),
    "bad_source": _("The model could not read the source picture. Try another one."),
    "source_gone": _("The source picture was removed before its turn came. Choose another one."),
    "too_slow": _("This took longer than its time limit and was given up. Nothing was spent for it; try again."),
    "gave_up": _("This was tried several times without success and was given up. Nothing was spent for it; try again."),
    "internal_error": _("Something went wrong on our side. Nothing was spent for it; try again."),
    "partly": _("{made} of {asked} pictures could be made; the others were not spent."),
    "fallback": _("Made by {model} instead of {asked}. {reason}"),
    "fallback_changed": _(
        "{model} does not take all that was asked for; left out or moved to what it takes: {changed}."
    ),
    "not_a_time": _("Write a time as RFC 3339 says, with its zone: 2026-11-21T00:00:00Z."),
    "setting_steps": _("steps"),
    "setting_guidance": _("guidance"),
    "setting_scheduler": _("scheduler"),
    "setting_strength": _("strength"),
    "setting_negative_prompt": pgettext_lazy("setting", "negative prompt"),
    "setting_size": _("size"),
    "setting_seed": _("seed"),
    "setting_source": _("source picture"),
    "setting_prompt": pgettext_lazy("setting", "prompt"),
    "setting_model": pgettext_lazy("setting", "model"),
    "setting_style": pgettext_lazy("setting", "style"),
    "setting_mode": pgettext_lazy("setting", "mode"),
    "setting_images": _("number of pictures"),
    # what the composer opens with
    "settings_left_out": _("Not taken over, because it is not known or not possible here: {names}."),
    "settings_moved": _("Moved to the nearest that is possible here: {names}."),
    "remix_without_source": _("The original began with a picture, which stays with its owner. Add one of your own."),
    "model_takes_no_picture": _("{model} makes pictures from words only: {instead} is chosen instead."),
    "recipe_read": _("The form is filled in from the recipe."),
    "recipe_missing": _("There is no recipe in it. Paste JSON, or the text that other tools write into pictures."),
    "recipe_missing_in_file": _("This file carries no recipe. Choose a picture as the studio that made it saved it."),
    "recipe_too_long": _("This is too long for a recipe. Paste at most 20,000 characters."),
    "recipe_file_too_big": _("This file is too big. Choose one of at most {megabytes} MB."),
    # presets
    "preset_name_wrong": _("A name has 1 to {most} characters. Write it differently."),
    "preset_name_taken": _("You have a preset of this name already. Choose another name, or delete that one first."),
    "too_many_presets": _("You have {most} presets, the most there can be. Delete one first."),
    "call_ended": _("The call was ended here before the picture came."),
    "no_token": _("This model needs a Hugging Face token. Enter yours on your account page, or choose another model."),
    "server_cap": _(
        "The server's Hugging Face token has paid all its pictures of today. Enter your own token on your account "
        "page, choose another model, or try again tomorrow."
    ),
    "not_served": _("No provider serves this model today. Choose another model."),
    "unknown_words": _("The built-in model does not know: {words}. It may draw something else instead."),
    # better words
    "prompt_help_unavailable": _("Your words could not be improved. {reason}"),
    "prompt_help_unpaid": _("Your words could not be improved. {reason}"),
    "prompt_help_refused": _("The language model does not work on these words. Yours stay as they are."),
    "prompt_help_needs_token": _("It needs a Hugging Face token: enter yours on your account page."),
    "prompt_help_failed": _("The language model gave no usable answer. Try again in a moment, or keep your own."),
    "server_unpaid": _(
        "The studio's Hugging Face credit is used up. Enter your own token on your account page, or keep your words."
    ),
    "own_unpaid": _("The credit of your Hugging Face token is used up. Buy some there, or wait for the next month's."),
    # what Hugging Face answers
    "model_gone": _("This model is no longer offered there. Choose another model."),
    "no_repository": _("There is no such model on Hugging Face, or the token may not see it. Choose another model."),
    "no_credits": _(
        "The Hugging Face credit is used up. Add some at https://huggingface.co/settings/billing, "
        "or choose a model that runs here."
    ),
    "server_no_credits": _(
        "The studio's Hugging Face credit is used up. Enter your own token on your account page, "
        "or choose a model that runs here."
    ),
    "server_token": _(
        "Hugging Face does not accept the studio's token. Tell whoever runs this studio, enter your own token on your "
        "account page, or choose a model that runs here."
    ),
    "server_gated": _(
        "The studio's token has not accepted the licence of this model. Tell whoever runs this studio, "
        "or choose another model."
    ),
    "provider_unpaid": _("This provider cannot be paid by the Hugging Face account now. Choose another model."),
    "token_refused": _("Hugging Face does not accept the token. Enter a new one on your account page."),
    "token_expired": _("The Hugging Face token has expired. Enter a new one on your account page."),
    "token_scope": _(
        "The Hugging Face token lacks the permission to make calls to Inference Providers. "
        "Give it that at https://huggingface.co/settings/tokens, or enter another one on your account page."
    ),
    "gated": _("The licence of this model is not accepted yet. Accept it on the model's page at Hugging Face."),
    "prompt_refused": _("The provider's filter refused this prompt. Write it differently."),
    "bad_setting": _("The provider does not take this value of {setting}. Change it, or choose another model."),
    "bad_settings": _("The provider does not take these settings. Change them, or choose another model."),
    "source_too_big": _("The source picture is too big for the provider. Choose a smaller one."),
    "provider_busy": _("The provider takes no more requests for now. Try again in a few minutes."),
    "busy": _("The provider is overloaded. Try again in a few minutes, or choose another model."),
    "loading": _("The model is still being started. Try again in a few minutes."),
    "timed_out": _("The provider took too long. Try again, or choose a faster model."),
    "provider_failed": _("The provider could not make this picture. Try again, or choose another model."),
    "provider_memory": _("The provider ran out of memory. Try a smaller size."),
    "network": _("The provider could not be reached. Try again in a few minutes."),
    "bad_answer": _("The provider sent something that is no picture. Try again, or choose another model."),
    "hub_down": _("Hugging Face does not answer now. Try again in a few minutes."),
    "wrong_host": _("This studio calls an address that Hugging Face has closed. Tell its operator."),
}
