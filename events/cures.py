"""Causes and cures of what webhooks refuse, and of messages that did not arrive."""

from django.utils.translation import gettext_lazy as _

from common import cures

REQUESTS = {
    "too_many_webhooks": (
        _("The account has as many webhooks as one can have."),
        _("Delete one that nothing uses, or choose more `events` for one that is there."),
    ),
    "webhook_disabled": (
        _("The webhook is switched off, by its owner or because messages did not arrive, so nothing is sent to it."),
        _('Mend the receiver, then switch it on: `PATCH` with `{"enabled": true}`.'),
    ),
    "secret_unreadable": (
        _("The secret was stored with keys that the studio no longer has, so nothing can be signed with it."),
        _("Make a new one with `POST /api/v1/webhooks/{id}/rotate` and give it to the receiver."),
    ),
    "rotated_too_often": (
        _(
            "The secret was replaced five times within 24 hours. Each old one signs for a day, so that no receiver is "
            "cut off."
        ),
        _("Use the newest that you were told. To get another, wait until the first of these rotations is a day ago."),
    ),
}
FIELDS = {
    "not_a_webhook_address": (
        _("The value is no whole `http` or `https` address of at most 2,000 characters."),
        _("Send one such as `https://example.org/hooks`."),
    ),
    "address_with_user": (
        _("The address has a name or a password before an `@`."),
        _("Leave them out. The signature proves who sends; a secret of your own can stand in the path."),
    ),
    "address_with_fragment": (
        _("The address has a part after `#`, which is never sent."),
        _("Leave it out."),
    ),
    "private_address": (
        _("The address leads into a private network, to this machine itself, or to the metadata of a cloud."),
        _("Give one of the open internet. Whoever runs the studio can allow others with `WEBHOOK_ALLOW_PRIVATE`."),
    ),
    "no_event": (
        _("`events` is empty."),
        _("Name at least one; the document at `/api/schema/` lists them."),
    ),
    "unknown_event": (
        _("One of `events` is no type that is sent."),
        _("`message` lists the types."),
    ),
    "event_twice": (
        _("A type stands in `events` more than once."),
        _("Name each once."),
    ),
}
DELIVERIES = {
    "receiver_unreachable": (
        _("The name could not be looked up, or nobody accepted the connection."),
        _("Check the address, and that the receiver runs and can be reached from the internet."),
    ),
    "receiver_broken": (
        _("The connection broke before an answer came, or its certificate is not valid for the name."),
        _("Check the certificate with its whole chain, and what stands between: a proxy or a firewall."),
    ),
    "receiver_late": (
        _("No answer came within 10 seconds, from looking up the name to the headers of the answer."),
        _("Answer 204 as soon as the signature is verified, and do the work afterwards."),
    ),
    "receiver_redirects": (
        _("The answer was a redirect, which is never followed."),
        _("Give the webhook the address that it leads to."),
    ),
    "receiver_refused": (
        _("The answer was an error (`status` says which)."),
        _(
            "Read `answer` in the log of the delivery. Verify the signature over the bytes as they came, before any "
            "program parses them, and allow five minutes of difference between the clocks."
        ),
    ),
    "receiver_gone": (
        _("The answer was 410: the receiver wants no more messages, so the webhook was switched off."),
        _("If that was a mistake, switch the webhook on and send the delivery again."),
    ),
    "never_arrived": (
        _("All tries of one message failed, over more than a day, so the webhook was switched off."),
        _("Mend the receiver, switch the webhook on, and send again what is needed (`POST .../redeliver`)."),
    ),
    "private_address": (
        _("When the message was sent, the address led into a private network, so nothing was sent."),
        _("Look at what the name resolves to now."),
    ),
    "secret_unreadable": (
        _("The secret was stored with keys that the studio no longer has, so the message could not be signed."),
        _("Make a new one with `POST /api/v1/webhooks/{id}/rotate`, then send the delivery again."),
    ),
    "webhook_disabled": (
        _("The webhook was switched off while the message waited."),
        _("Switch it on, then send the delivery again."),
    ),
    "too_many_waiting": (
        _("10,000 messages of the account waited to be sent already, so this one was not put in the post."),
        _("Answer as soon as the signature is verified, remove webhooks whose receivers are gone, then send it again."),
    ),
}
CURES = {cures.REQUESTS: REQUESTS, cures.FIELDS: FIELDS, cures.DELIVERIES: DELIVERIES}
