"""The sentences of refusals that belong to no app."""

from django.utils.translation import gettext_lazy as _

SENTENCES = {
    "invalid": _("Some of what was sent cannot be used. See each field for what to change."),
    "not_found": _("There is nothing here. It may have been removed, or it belongs to somebody else."),
    "method_not_allowed": _("This address does not take {method} requests."),
    "not_json": _("The body is not valid JSON. Check it and send it again."),
    "json_broken": _("The body is not valid JSON: see line {line}, column {column}. Mend it and send it again."),
    "json_not_utf8": _("The body is not UTF-8, as JSON has to be. Encode it as UTF-8 and send it again."),
    "json_no_constant": _("The body is not valid JSON: “{name}” is no JSON. Leave the member out, or send a number."),
    "json_number_too_large": _("The body cannot be read: a number in it is too large to be kept. Send it as a text."),
    "json_too_many_digits": _(
        "The body cannot be read: a whole number in it has more than {most} digits. Send it as a text."
    ),
    "json_member_twice": _("The body cannot be read: “{name}” is given twice in one object. Give it once."),
    "too_deep": _("The body is nested more than {levels} levels deep. Flatten it and send it again."),
    "body_too_large": _("What was sent is larger than {megabytes} MB. Send something smaller."),
    "upload_full": _(
        "What was sent could not be kept: a disk is full. Try again later, or tell whoever runs this studio."
    ),
    "body_too_slow": _("What you sent came too slowly and was given up. Send it again over a better connection."),
    "address_too_long": _("This address is too long. Shorten it, or send what it holds as a body."),
    "head_too_large": _("The headers of the request are too large. Send fewer, or delete the cookies of this site."),
    "repeated_header": _("A header that may stand only once was sent twice. Send it once."),
    "wrong_encoding": _("A packed body is not taken. Send it without Content-Encoding."),
    "wrong_media_type": _("This address takes {taken}. Set the Content-Type header accordingly."),
    "not_acceptable": _("This address answers {given} only. Send Accept: {given}."),
    "malformed": _("The request could not be read. Check it and send it again."),
    "unknown_host": _(
        "This studio does not answer under this name. Use its address, or have its operator add the name to "
        "ALLOWED_HOSTS."
    ),
    "not_signed_in": _("A token is needed. Make one on your account page and send it as Authorization: Bearer."),
    "forbidden": _("You may not do this."),
    "csrf_failed": _("This page is too old to be sent. Reload it and try again."),
    "server_error": _("Something went wrong on our side. Try again in a minute; nothing was spent."),
    "unknown": _("This member is not known. Remove it, or check how it is written."),
    "repeated": _("This was given more than once. Give it once."),
    "required": _("This is needed."),
    "null": _("This may not be null. Leave it out instead."),
    "not_a_text": _("Write a text."),
    "not_a_whole_number": _("Write a whole number."),
    "not_a_number": _("Write a number."),
    "not_yes_or_no": _("Write true or false."),
    "not_an_object": _("Write an object with members."),
    "not_a_list": _("Write a list."),
    "not_a_choice": _("Choose one of: {choices}."),
    "out_of_range": _("Choose a value from {min} to {max}."),
    "too_long": _("This has {length} characters; at most {most} are possible. Shorten it."),
    "too_large": _("This is larger than {kilobytes} kB. Make it smaller."),
    "too_many": _("At most {most} are possible."),
    "control_characters": _("This has control characters in it. Remove them and try again."),
    "wrong_bytes": _("This is not UTF-8. Encode it as UTF-8 and send it again."),
    "bad_cursor": _("This cursor is not one of ours, or it is of another list or order. Begin again without it."),
}
