"""The sentences of webhooks: what refuses one, and why a message did not arrive."""

from django.utils.translation import gettext_lazy as _

SENTENCES = {
    "not_a_webhook_address": _(
        "This is no address that a message can be sent to. Write a whole one, such as https://example.org/hooks."
    ),
    "address_with_user": _(
        "An address with a name or password in it is not taken. Leave out what stands before the @."
    ),
    "address_with_fragment": _("What stands after # is never sent. Leave it out."),
    "private_address": _(
        "This address leads into a private network, which is not reached from here. Give one of the open internet."
    ),
    "no_event": _("Choose at least one event."),
    "unknown_event": _("{name} is not among the events: {choices}."),
    "event_twice": _("Name each event once."),
    "too_many_webhooks": _("You have {most} webhooks, as many as one can. Remove one that nothing uses."),
    "webhook_disabled": _("This webhook is switched off. Switch it on, then send again."),
    "secret_unreadable": _("The secret cannot be read any more: the key that opens it is gone. Replace the secret."),
    "rotated_too_often": _(
        "The secret was replaced {most} times within 24 hours, and all of the old ones still sign. Wait until the "
        "first of these replacements is a day ago."
    ),
    # why a message did not arrive
    "receiver_unreachable": _("Nobody answered at this address. Check that your program runs and can be reached."),
    "receiver_broken": _("The connection broke before an answer came. Check your program and its certificate."),
    "receiver_late": _("No answer came within 10 seconds. Answer first, work afterwards."),
    "receiver_redirects": _("The answer was a redirect, which is not followed. Give the address that it leads to."),
    "receiver_refused": _("Your program answered with an error. Its own log says more."),
    "receiver_gone": _("Your program answered 410: it wants no more messages. Switch the webhook on if it does."),
    "too_many_waiting": _(
        "Too many messages waited for your programs already. Make them answer faster, then send this one again."
    ),
    # why a webhook was switched off
    "never_arrived": _(
        "A message could not be delivered in eight tries, over more than a day. Check your program, then switch the "
        "webhook on."
    ),
}
