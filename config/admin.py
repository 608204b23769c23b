"""The back office."""

from django.contrib.admin.apps import AdminConfig


class StudioAdminConfig(AdminConfig):
    """Django's admin under our name."""

    default_site = "config.admin_site.StudioAdminSite"
