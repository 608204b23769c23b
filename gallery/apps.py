from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class GalleryConfig(AppConfig):
    name = "gallery"
    verbose_name = _("Pictures")

    def ready(self) -> None:
        from common import cures
        from common.sentences import register
        from gallery.cures import CURES
        from gallery.sentences import SENTENCES

        register(SENTENCES)
        cures.register(CURES)
