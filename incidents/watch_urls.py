"""Addresses of “Watch my road” and of the way out of “me too”. Those with a token are one person's own."""

from django.urls import path

from incidents import watch_views

ONE = "incidents/watch/<int:number>/<str:token>"

urlpatterns = [
    path("incidents/watch/", watch_views.start, name="watch"),
    path("incidents/watch/<slug:kind>/", watch_views.ask, name="watch_ask"),
    path(f"{ONE}/", watch_views.manage, name="watch_manage"),
    path(f"{ONE}/confirm/", watch_views.confirm, name="watch_confirm"),
    path(f"{ONE}/stop/", watch_views.stop, name="watch_stop"),
    path("incidents/follow/<int:number>/<str:token>/", watch_views.unfollow, name="unfollow"),
]
