"""Addresses of webhooks, below /api/."""

from django.urls import path

from workflow.contrib.webhooks import api

ONE = "v1/webhooks/<uuid:endpoint>/"
urlpatterns = [
    path("v1/webhooks/", api.Endpoints.as_view(), name="api-webhooks"),
    path(ONE, api.One.as_view(), name="api-webhook"),
    path(f"{ONE}deliveries/", api.Deliveries.as_view(), name="api-webhook-deliveries"),
    path(f"{ONE}deliveries/<str:message>/", api.OneDelivery.as_view(), name="api-webhook-delivery"),
]
