"""The sentences that only other programs' dialects say."""

from django.utils.translation import gettext_lazy as _

SENTENCES = {
    "not_ready_in_time": _(
        "The picture was not ready in time. It is still being made: look for it in your gallery, or ask for the "
        "generation of this id."
    ),
    "cancelled_meanwhile": _("This was cancelled before the picture was made. Send the request again."),
}
