"""Every address."""

from django.contrib import admin
from django.contrib.auth.decorators import login_not_required
from django.urls import include, path

from common import explaining, frame, schema, views

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
    path("api/docs/", schema.docs, name="api_docs"),
    path("api/docs/errors/", explaining.every_code, name="api_errors"),
    path("api/docs/errors/<slug:code>", explaining.one_code, name="api_error"),
    path("", include("bridges.urls")),
    path("api/<path:rest>", views.no_such_api),
    path("accessibility/", frame.accessibility, name="accessibility"),
    path("offline/", frame.offline, name="offline"),
    path("manifest.webmanifest", frame.manifest, name="manifest"),
    path("service-worker.js", frame.service_worker, name="service_worker"),
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
]

handler400 = "common.views.malformed"
handler403 = "common.views.forbidden"
handler404 = "common.views.not_found"
handler429 = "accounts.views.account.too_many"
handler500 = "common.views.server_error"
