"""What the gallery's refusals say."""

from django.utils.translation import gettext_lazy as _

SENTENCES = {
    "storage_full": _("There is no room to store this picture now. Try again later, or tell the operator."),
    "source_empty": _("This file is empty. Choose another one."),
    "source_format": _("This is not a JPEG, PNG, WebP or GIF picture. Convert it and try again."),
    "source_unreadable": _("This picture is damaged or cut off. Save it again, or choose another one."),
    "source_too_large": _("This picture has more than {megapixels} megapixels. Scale it down and try again."),
    "too_detailed": _("This picture has too much fine detail to be drawn as lines. Download it as PNG instead."),
    "tracers_busy": _("Other pictures are being drawn as lines just now. Try again in {seconds} s."),
    "not_a_colour": _("Write a colour as # and six hexadecimal digits, such as #ffffff."),
    "shape_out_of_range": _(
        "In this shape the other side would have {side} pixels. Give both sides, from {min} to {max} each."
    ),
    "tag_empty": _("A tag is empty. Write something in it, or remove it."),
    "tags_full": _("One of these pictures has {most} tags already. Take a tag off it, or leave it out."),
    "too_many_selected": _("At most {most} pictures are changed at once. Select fewer, and do the rest after."),
    "no_recipe": _("This picture was uploaded, not made here, so it has no recipe."),
    "too_many_collections": _("You have {most} collections, which is the most. Delete one you do not need."),
    "collection_full": _("A collection holds {most} pictures, which is the most. Make another one for the rest."),
    "not_in_collection": _("This picture is not in the collection. Add it first."),
    "no_such_place": _("There is no such place. Write a whole number from 1 to {most}."),
    "too_many_members": _("A collection can be shared with {most} people, which is the most. Remove somebody first."),
    "person_unknown": _("Nobody here has this handle. Ask them: it stands on their account page."),
    "not_by_email": _(
        "People are not looked up by e-mail, so that nobody learns who has an account. Ask them for their handle."
    ),
    "shared_with_yourself": _("This collection is yours already. Write the handle of somebody else."),
    "archives_busy": _("Several archives are being sent just now. Try again in {seconds} s."),
    "archive_too_large": _("An archive holds {most} pictures, which is the most. Choose fewer."),
    "viewer_only": _("This collection is shared with you to look at. Ask its owner to let you change it."),
    "owner_only": _("Only the owner of this collection may do that. Ask them."),
    "needs_curator": _("A curator chooses what is in the showcase. Choose private or unlisted."),
    "too_many_links": _("A picture can have {most} links at a time. Revoke one, or wait until one runs out."),
    "not_shared": _(
        "This picture has no link that opens without a password, or it was not made here. It cannot be published."
    ),
    "link_gone": _("This link was revoked meanwhile. Make a new one."),
    # searching
    "too_many_terms": _("A search has at most {most} words and filters. Leave some out."),
    "unknown_filter": _(
        "There is no filter “{name}:”. Use one of {known}; or put it in quotes to look for it in the text."
    ),
    "filter_empty": _("The filter “{name}:” says nothing. Write its value right after the colon, without a space."),
    "filter_choice": _("“{value}” is nothing that {name}: takes. Write one of {choices}."),
    "filter_seed": _("“{value}” is no seed. Write a whole number, such as seed:42."),
    "filter_range": _(
        "“{value}” is no number that {name}: takes. Write one number or a range: {name}:20, {name}:20..30, {name}:20.. "
        "or {name}:..30."
    ),
    "filter_days": _(
        "“{value}” is no date. Write a day, a month or a range: made:2026-11-21, made:2026-11 or "
        "made:2026-11-01..2026-11-21."
    ),
    "too_many_searches": _("You keep {most} searches, which is the most. Remove one you do not need."),
    "search_name_taken": _("You have a search of this name. Choose another name."),
}
