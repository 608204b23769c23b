from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = _("People and plans")

    def ready(self) -> None:
        from accounts import checks  # noqa: F401  (registers itself)
        from accounts.cures import CURES
        from accounts.sentences import SENTENCES
        from common import cures
        from common.sentences import register

        register(SENTENCES)
        cures.register(CURES)
