from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class GeneratorConfig(AppConfig):
    name = "generator"
    verbose_name = _("Models and generations")

    def ready(self) -> None:
        from common.sentences import register
        from generator.sentences import SENTENCES

        register(SENTENCES)
