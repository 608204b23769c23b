"""Causes and cures of the codes that belong to no app."""

from django.utils.translation import gettext_lazy as _

from common import cures

REQUESTS = {
    "invalid": (
        _("At least one member of the body or parameter of the address breaks a rule."),
        _(
            "Read `errors`: each names a `field`, a `code` and what to change. All of them come at once. Do not send "
            "the same again."
        ),
    ),
    "not_found": (
        _("The address names nothing, or something that belongs to somebody else: the two look alike on purpose."),
        _(
            "Check the id, and that the token is its owner's; and that the address has no / too many, twice after the "
            "host or at its end. What was deleted for good does not come back; forget its id."
        ),
    ),
    "method_not_allowed": (
        _("The address exists, but not for this method. What a header or `_method` says instead of it does not count."),
        _("The header `Allow` and the document at `/api/schema/` name the methods."),
    ),
    "not_json": (
        _(
            "The body is not JSON as RFC 8259 has it: `NaN`, `Infinity`, a member given twice, numbers beyond what is "
            "kept and bytes that are not UTF-8 are refused too. `detail` says which it is."
        ),
        _("Let a JSON library write the body. Encode it as UTF-8; send very large numbers as texts."),
    ),
    "too_deep": (
        _("Objects and lists in the body lie too deep in one another, most often in `metadata`."),
        _("Flatten it: 32 levels are read."),
    ),
    "body_too_large": (
        _("The body is longer than this address reads: 1 MiB of JSON, 30 MiB with a picture."),
        _("Scale the picture down or save it as JPEG; send a picture as `multipart/form-data`, never inside of JSON."),
    ),
    "upload_full": (
        _("The disk of the studio that takes what arrives is full."),
        _("Wait some minutes and try again; if it stays so, tell whoever runs the studio."),
    ),
    "body_too_slow": (
        _(
            "The body came more slowly than 16 KiB a second for over a minute, nothing of it came for 15 seconds, or "
            "the head took longer than 20."
        ),
        _("Send it again over a better connection; make a source picture smaller."),
    ),
    "address_too_long": (
        _("The path and the query together are longer than 32 KiB."),
        _("Send what it holds as a body, or ask for less at once."),
    ),
    "head_too_large": (
        _("The headers together are larger than 64 KiB, most often because of cookies."),
        _("Send fewer and shorter headers. A program needs no cookies."),
    ),
    "repeated_header": (
        _("A header such as `Authorization`, `Content-Type`, `Host` or `Idempotency-Key` came twice."),
        _("Send it once. Look whether your program and its HTTP library, or a proxy, both add it."),
    ),
    "wrong_encoding": (
        _("`Content-Encoding` or `Transfer-Encoding` says that the body is packed. Nothing is unpacked."),
        _("Send the body as it is: no `Content-Encoding`; `Transfer-Encoding` only as `chunked`."),
    ),
    "wrong_media_type": (
        _("`Content-Type` is missing or names another format than the address reads."),
        _("Send `Content-Type: application/json`, or `multipart/form-data` where a picture is sent along."),
    ),
    "not_acceptable": (
        _("`Accept` excludes what the address answers."),
        _("Send the `Accept` that the sentence names, or none at all."),
    ),
    "malformed": (
        _(
            "The request itself cannot be read: a form that was cut, is none or has another boundary than "
            "`Content-Type` names, an impossible header or address, an unknown method, broken chunks, a connection "
            "that ended too early."
        ),
        _("Look at the bytes that your program really sends; let a HTTP library build forms and headers."),
    ),
    "unknown_host": (
        _("The host name in the address, or in the header `Host`, is none that the studio answers under."),
        _(
            "Use the address that the studio names in its own links. Its operator lets it answer under more names "
            "with the setting `ALLOWED_HOSTS`, and has a proxy pass the `Host` that came."
        ),
    ),
    "not_signed_in": (
        _("The request brought no credentials, or in another scheme than Bearer."),
        _("Make a token on the account page and send `Authorization: Bearer <token>` with every request."),
    ),
    "forbidden": (
        _("The account may not do this."),
        _("Trying again does not help. Ask whoever runs the studio."),
    ),
    "csrf_failed": (
        _(
            "The request came with a browser's session but without the token of our own page. Sessions are for our "
            "pages."
        ),
        _("Use an API token in `Authorization`; from a page of ours send the header `X-CSRFToken`."),
    ),
    "server_error": (
        _("A mistake of ours. Whoever runs the studio finds it in the log."),
        _(
            "Try again after a minute. Where pictures are made, make sure that none is made twice by sending the same "
            "`Idempotency-Key`. If it comes again, tell whoever runs the studio what you sent and when."
        ),
    ),
}
FIELDS = {
    "unknown": (
        _("A member or parameter of this name is not known here; none is ever dropped silently."),
        _("Check how it is written (`snake_case`), or leave it out. The document at `/api/schema/` has all of them."),
    ),
    "repeated": (
        _("The same parameter or form field was given more than once."),
        _("Give it once."),
    ),
    "required": (
        _("The member is missing or empty, and cannot be."),
        _("Send it."),
    ),
    "null": (
        _("The member was `null`, which it cannot be."),
        _("Leave the member out to get its default."),
    ),
    "not_a_text": (
        _("The value is no JSON string."),
        _('Put it in quotation marks: `"7"`, not `7`.'),
    ),
    "not_a_whole_number": (
        _('Types are strict: `"7"`, `7.5`, `7.0` and `true` are no whole numbers.'),
        _("Send `7`."),
    ),
    "not_a_number": (
        _('Types are strict: `"7.5"` and `true` are no numbers, and a number must be finite.'),
        _("Send `7.5`."),
    ),
    "not_yes_or_no": (
        _('Types are strict: `"true"`, `1` and `"yes"` are neither true nor false.'),
        _("Send `true` or `false`."),
    ),
    "not_an_object": (
        _("The value, or the whole body, is no JSON object."),
        _("Send `{...}` with members."),
    ),
    "not_a_list": (
        _("The value is no JSON list."),
        _("Send `[...]`, also for a single item."),
    ),
    "not_a_choice": (
        _("The value is none of those that the member takes."),
        _("`message` lists them. What depends on the model or the plan stands in `GET /api/v1/models`."),
    ),
    "out_of_range": (
        _("The number is smaller or larger than possible; for a generation the model decides."),
        _("`message` names both ends; `parameters` in `GET /api/v1/models` has them for each model."),
    ),
    "too_long": (
        _("The text has more characters than are kept."),
        _("Shorten it: `message` says how long it is and may be. Characters count, not bytes."),
    ),
    "too_large": (
        _("The object is larger than may be kept when it is written as JSON."),
        _("Keep the large part yourself and send its id."),
    ),
    "too_many": (
        _("The list, or the text, has more items than are possible."),
        _("`message` says how many may be."),
    ),
    "control_characters": (
        _("The text holds control characters other than newline and tab, or half of a surrogate pair."),
        _("Remove them before sending; nothing is stripped here."),
    ),
    "wrong_bytes": (
        _("The text of a form, or of the query of an address, has bytes that are not UTF-8; none is ever replaced."),
        _("Encode texts as UTF-8 before they are sent. An address has them percent-encoded: `%C3%A9` is an é."),
    ),
    "bad_cursor": (
        _("The cursor was changed, shortened, or made for another list or order."),
        _("Follow `next` and `previous` as they are. To change the order or the filters, begin without a cursor."),
    ),
    "not_found": (
        _("What this member names is not there, or belongs to somebody else."),
        _("Check the id, and that it is a thing of the token's owner."),
    ),
}
CURES = {cures.REQUESTS: REQUESTS, cures.FIELDS: FIELDS}
