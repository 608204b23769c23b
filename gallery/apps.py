from django.apps import AppConfig


class GalleryConfig(AppConfig):
    name = "gallery"

    def ready(self) -> None:
        from common.sentences import register
        from gallery.sentences import SENTENCES

        register(SENTENCES)
