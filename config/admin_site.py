from django.contrib.admin import AdminSite
from django.utils.translation import gettext_lazy as _


class StudioAdminSite(AdminSite):
    """The back office of curators."""

    site_header = "Training Edge AI"
    site_title = "Training Edge AI"
    index_title = _("Back office")
