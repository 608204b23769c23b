from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class GeneratorConfig(AppConfig):
    name = "generator"
    verbose_name = _("Models and generations")

    def ready(self) -> None:
        from common import cures
        from common.sentences import register
        from gallery import facts
        from generator.cures import CURES
        from generator.recipes import model_names, style_names
        from generator.sentences import SENTENCES

        register(SENTENCES)
        cures.register(CURES)
        facts.name_with("style", style_names)
        facts.name_with("model", model_names)
