"""The routes that are measured."""

from django.urls import path

from peer import views
from peer.integers.views import OperationView, SetView

urlpatterns = [
    path("version/", views.Version.as_view()),
    path("exercises/exercise/<int:pk>/", views.ExerciseDetail.as_view()),
    path("exercises/list/", views.ExerciseList.as_view()),
    path("user/check_status", views.CheckStatus.as_view()),
    path("api/auth/login/", views.Login.as_view()),
    path("integers/set/", SetView.as_view()),
    path("integers/operation/", OperationView.as_view()),
]
