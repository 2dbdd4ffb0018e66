"""The requests that are measured, as one would write them with REST framework."""

import hashlib
import uuid
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.contrib.auth.hashers import check_password
from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone
from rest_framework import generics, serializers, status
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework_simplejwt.tokens import AccessToken, RefreshToken

from peer.authentication import account_of
from peer.models import Account, Audit, Credential, Exercise, Session


class Open(APIView):
    """A view that asks nobody who they are."""

    authentication_classes = []
    permission_classes = []


class Version(Open):
    def get(self, request):
        return Response({"version": settings.BENCH_VERSION})


class ExerciseSerializer(serializers.ModelSerializer):
    groupID = serializers.IntegerField(source="exercise_group_id")
    groupName = serializers.CharField(source="exercise_group.name")

    class Meta:
        model = Exercise
        fields = ["id", "name", "instructions", "targeted_muscles", "groupID", "groupName"]


class ExerciseDetail(generics.RetrieveAPIView):
    queryset = Exercise.objects.select_related("exercise_group")
    serializer_class = ExerciseSerializer


class ExerciseList(APIView):
    def get(self, request):
        exercises = Exercise.objects.select_related("exercise_group").order_by("id")
        return Response({"excercises": ExerciseSerializer(exercises, many=True).data})


class CheckStatusSerializer(serializers.Serializer):
    username = serializers.CharField()
    session_token = serializers.CharField()


class CheckStatus(Open):
    def post(self, request):
        body = CheckStatusSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        account = account_of(body.validated_data["session_token"], "session_token")
        if account.username.casefold() != body.validated_data["username"].strip().casefold():
            raise AuthenticationFailed
        return Response({"status": 200, "data": "OK"})


class LoginSerializer(serializers.Serializer):
    username = serializers.CharField()
    password = serializers.CharField(trim_whitespace=False)


class Login(Open):
    def post(self, request):
        body = LoginSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        key = body.validated_data["username"].strip().casefold()
        account = (
            Account.objects.select_related("permission")
            .filter(username_key=key, deleted__isnull=True, locked__isnull=True)
            .first()
        )
        # Django's own form of an argon2 hash has the hasher's name in front.
        encoded = f"argon2{account.password_hash}" if account else None
        if encoded is None or not check_password(body.validated_data["password"], encoded):
            return Response(
                {"detail": "No active account found with the given credentials"},
                status.HTTP_401_UNAUTHORIZED,
            )
        access, refresh = self.open(request, account)
        return Response(
            {"username": account.username, "access_token": access, "refresh_token": refresh},
            headers={"Cache-Control": "no-store"},
        )

    @transaction.atomic
    def open(self, request, account: Account) -> tuple[str, str]:
        """Makes a session with a pair of tokens, and the record of it."""
        now = timezone.now()
        refresh = RefreshToken()
        refresh.set_exp(from_time=now, lifetime=timedelta(days=30))
        access = AccessToken()
        access.set_exp(from_time=now, lifetime=timedelta(days=7))
        address = request.META.get("REMOTE_ADDR")
        session = Session(
            id=uuid.uuid4(),
            account=account,
            dialect="trainer",
            address=address,
            user_agent=request.META.get("HTTP_USER_AGENT"),
            expires=now + timedelta(days=30),
        )
        session.save(force_insert=True)
        credentials = []
        texts = []
        for token in (access, refresh):
            token["user_id"] = account.pk
            token["sid"] = str(session.pk)
            texts.append(str(token))
            credentials.append(
                Credential(
                    id=uuid.UUID(token["jti"]),
                    session=session,
                    kind=token["token_type"],
                    hash=hashlib.sha256(texts[-1].encode()).digest(),
                    created=now,
                    expires=datetime.fromtimestamp(token["exp"], UTC),
                )
            )
        Credential.objects.bulk_create(credentials)
        Account.objects.filter(pk=account.pk).update(last_login=Now())
        Audit(
            actor=account.username,
            address=address,
            what="sign-in",
            target=account.username,
            result="done",
            after={"session": str(session.pk)},
        ).save(force_insert=True)
        return texts[0], texts[1]
