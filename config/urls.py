"""Every address."""

from django.contrib import admin
from django.contrib.auth.decorators import login_not_required
from django.urls import include, path

from common import schema, views

urlpatterns = [
    path("", include("generator.urls")),
    path("", include("gallery.urls")),
    path("account/", include("accounts.urls")),
    path("accounts/", include("allauth.account.urls")),
    path("admin/", admin.site.urls),
    path("api/v1/", include("generator.api_urls")),
    path("api/v1/", include("gallery.api_urls")),
    path("api/v1/", include("accounts.api_urls")),
    path("api/schema/", login_not_required(schema.SchemaView.as_view()), name="schema"),
    path(
        "api/docs/",
        login_not_required(schema.DocsView.as_view()),
        name="api_docs",
    ),
    path("api/<path:rest>", views.no_such_api),
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
]

handler400 = "common.views.malformed"
handler403 = "common.views.forbidden"
handler404 = "common.views.not_found"
handler429 = "accounts.views.too_many"
handler500 = "common.views.server_error"
