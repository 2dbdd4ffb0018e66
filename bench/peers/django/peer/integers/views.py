"""The requests for sets of integers that are measured."""

from django.db import transaction
from django.shortcuts import get_object_or_404
from rest_framework import status
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response
from rest_framework.views import APIView

from peer.integers.equations import evaluate
from peer.integers.models import IntegerSession, IntegerSet, Unit
from peer.integers.serializers import (
    MOST_UNITS,
    NamedSerializer,
    OperationSerializer,
    SetSerializer,
    UnitSerializer,
)


def checked(serializer, data) -> dict:
    body = serializer(data=data)
    body.is_valid(raise_exception=True)
    return body.validated_data


def session_name(request, data: dict) -> str:
    """The integer session that is named, else that of the caller's sign-in session."""
    return data.get("session_id") or request.auth["sid"]


def store(session: IntegerSession, name: str, units: list[dict]) -> IntegerSet:
    """Makes the set, or replaces it; to be called inside a transaction."""
    # Two posts of one session come one after the other.
    IntegerSession.objects.select_for_update().get(pk=session.pk)
    integer_set, made = session.integer_sets.get_or_create(name=name)
    if not made:
        integer_set.units.all().delete()
    Unit.objects.bulk_create([Unit(integer_set=integer_set, **unit) for unit in units])
    return integer_set


class SetView(APIView):
    def get(self, request):
        data = checked(NamedSerializer, request.query_params)
        integer_set = get_object_or_404(
            IntegerSet.objects.select_related("session"),
            session__account=request.user,
            session__name=session_name(request, data),
            name=data["set_id"],
        )
        units = integer_set.units.order_by("index")
        return Response(
            {
                "set_id": integer_set.name,
                "session_id": integer_set.session.name,
                "integers": UnitSerializer(units, many=True).data,
            }
        )

    def post(self, request):
        data = checked(SetSerializer, request.data)
        units = sorted(data["integers"], key=lambda unit: unit["index"])
        with transaction.atomic():
            session, _ = IntegerSession.objects.get_or_create(
                account=request.user, name=session_name(request, data)
            )
            store(session, data["set_id"], units)
        return Response(
            {"set_id": data["set_id"], "session_id": session.name, "integers": units},
            status.HTTP_201_CREATED,
        )


class OperationView(APIView):
    @transaction.atomic
    def post(self, request):
        data = checked(OperationSerializer, request.data)
        session = get_object_or_404(
            IntegerSession, account=request.user, name=session_name(request, data)
        )

        def units_of(name: str) -> dict[int, tuple[int, int]]:
            integer_set = session.integer_sets.filter(name=name).first()
            if integer_set is None:
                raise ValidationError({"equation": [f"There is no set {name}."]})
            rows = integer_set.units.values_list("index", "X", "q")
            return {index: (x, q) for index, x, q in rows}

        result = evaluate(data["equation"], units_of)
        if len(result) > MOST_UNITS:
            raise ValidationError({"equation": ["Too many units."]})
        units = [{"index": index, "X": x, "q": q} for index, (x, q) in sorted(result.items())]
        store(session, data["set_id"], units)
        return Response(
            {
                "set_id": data["set_id"],
                "session_id": session.name,
                "equation": data["equation"],
                "integers": units,
            },
            status.HTTP_201_CREATED,
        )
