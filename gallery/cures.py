"""Causes and cures of what the gallery refuses."""

from django.utils.translation import gettext_lazy as _

from common import cures

REQUESTS = {
    "storage_full": (
        _("The studio's storage for pictures is full or does not answer, so the upload was not kept."),
        _("Try again in some minutes; if it stays so, tell whoever runs the studio. Nothing was spent."),
    ),
    "too_detailed": (
        _("The picture cannot be traced into an SVG of reasonable size within the time allowed."),
        _("Take `format=png` or `webp`. Trying again does not help: the answer depends on the picture alone."),
    ),
    "tracers_busy": (
        _("The studio traces only a few pictures at the same time, and this one was not done after 30 seconds."),
        _("Wait `retry_after` seconds and ask again: nothing is wrong with the picture."),
    ),
    "no_recipe": (
        _("The image was uploaded, so nothing is known of how it was made."),
        _("Ask for recipes of images whose `origin` is `generated`."),
    ),
    "too_many_collections": (
        _("The account has as many collections as one can have."),
        _("Delete one that is not needed; its images stay."),
    ),
    "collection_full": (
        _("The collection holds as many images as one can hold."),
        _("Make another collection, or take images out of this one."),
    ),
    "archives_busy": (
        _("The studio sends only a few archives at the same time, and fewer to one account."),
        _("Wait `retry_after` seconds; ask for one archive after the other."),
    ),
    "viewer_only": (
        _("The collection is shared with this account for looking, and the request would change it."),
        _("Ask its owner to make you an editor; `role` in the answers says what you are."),
    ),
    "owner_only": (
        _("Only the owner may rename, delete or share a collection; this account is a viewer or an editor of it."),
        _("Use the owner's token. `role` in the answers says what you are."),
    ),
}
FIELDS = {
    "source_empty": (
        _("The file that came along has no bytes."),
        _("Check that your program opens the file in binary mode and does not read it twice."),
    ),
    "source_format": (
        _("The first bytes are not those of a JPEG, PNG, WebP or GIF. File names and `Content-Type` do not count."),
        _("Convert the picture first (HEIC, AVIF and SVG are not read)."),
    ),
    "source_unreadable": (
        _("The picture is damaged or cut off."),
        _("Compare its length with the original; save it anew."),
    ),
    "source_too_large": (
        _("The picture has more pixels than are read (64 megapixels), whatever its size in bytes."),
        _("Scale it down. More than the model's largest side is of no use."),
    ),
    "not_a_colour": (
        _("`background` is no colour as it is written here."),
        _("Send `#` and six hexadecimal digits; in an address `#` is written `%23`."),
    ),
    "shape_out_of_range": (
        _("With only one side given, the other one would become too small or too large in the picture's own shape."),
        _("Give both `width` and `height`, with `fit` to say what happens to the rest."),
    ),
    "tag_empty": (
        _("One of the `tags` is empty or has spaces only."),
        _("Leave it out."),
    ),
    "not_in_collection": (
        _("`cover` or `after` names an image that is not in this collection."),
        _("Add it first with `PUT /api/v1/collections/{id}/images/{image}`."),
    ),
    "needs_curator": (
        _("`visibility` cannot be set to `public` by a program: a curator publishes."),
        _("Send `private` or `unlisted`."),
    ),
    "too_many_terms": (
        _("`q` has more words and filters than one search takes (12)."),
        _("Leave some out, or put words that belong together in quotation marks: they count as one."),
    ),
    "unknown_filter": (
        _("In `q`, a word before a colon is a filter, and there is none of this name."),
        _("`message` lists the filters. To look for a text with a colon, put it in quotation marks."),
    ),
    "filter_empty": (
        _("In `q`, nothing follows the colon of a filter."),
        _("Write the value right after the colon: `model:flux`."),
    ),
    "filter_choice": (
        _("In `q`, the filter does not take this value."),
        _("`message` lists what it takes."),
    ),
    "filter_seed": (
        _("In `q`, the value of `seed:` is no whole number."),
        _("Write `seed:42`."),
    ),
    "filter_range": (
        _("In `q`, the value is neither a number nor a range of numbers."),
        _("Write `steps:20`, `steps:20..30`, `steps:20..` or `steps:..30`."),
    ),
    "filter_days": (
        _("In `q`, the value is neither a date nor a range of dates."),
        _("Write `made:2026-11-21`, `made:2026-11` or `made:2026-11-01..2026-11-21`."),
    ),
}
FAILURES = {
    "storage_full": (
        _("The picture was made, but the studio's storage was full or did not answer for too long."),
        _("Tell whoever runs the studio, then run it again. What could not be stored is not spent."),
    ),
}
CURES = {cures.REQUESTS: REQUESTS, cures.FIELDS: FIELDS, cures.FAILURES: FAILURES}
