"""What the requests bring, checked."""

from rest_framework import serializers

_LEAST, _MOST = -(2**63), 2**63 - 1
_NAME = r"^[A-Za-z_][A-Za-z0-9_]{0,63}$"
MOST_UNITS = 1_000_000


class UnitSerializer(serializers.Serializer):
    index = serializers.IntegerField(min_value=0, max_value=_MOST)
    X = serializers.IntegerField(min_value=_LEAST, max_value=_MOST)
    q = serializers.IntegerField(min_value=_LEAST, max_value=_MOST)


class NamedSerializer(serializers.Serializer):
    """A set of a session."""

    set_id = serializers.RegexField(_NAME)
    session_id = serializers.CharField(max_length=255, required=False)


class SetSerializer(NamedSerializer):
    integers = UnitSerializer(many=True, max_length=MOST_UNITS)

    def validate_integers(self, units):
        if len({unit["index"] for unit in units}) < len(units):
            raise serializers.ValidationError("An index comes twice.")
        return units


class OperationSerializer(NamedSerializer):
    equation = serializers.CharField(max_length=4096)
