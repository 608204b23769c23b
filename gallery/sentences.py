"""What the gallery's refusals say."""

from django.utils.translation import gettext_lazy as _

SENTENCES = {
    "storage_full": _("There is no room to store this picture now. Try again later, or tell the operator."),
    "source_empty": _("This file is empty. Choose another one."),
    "source_format": _("This is not a JPEG, PNG, WebP or GIF picture. Convert it and try again."),
    "source_unreadable": _("This picture is damaged or cut off. Save it again, or choose another one."),
    "source_too_large": _("This picture has more than {megapixels} megapixels. Scale it down and try again."),
    "tag_empty": _("A tag is empty. Write something in it, or remove it."),
    "no_recipe": _("This picture was uploaded, not made here, so it has no recipe."),
}
