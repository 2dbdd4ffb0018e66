"""Tables of the peer's own, which havocctl knows nothing of."""

from django.db import models

from peer.models import Account


class IntegerSession(models.Model):
    account = models.ForeignKey(Account, models.CASCADE, related_name="+", db_index=False)
    name = models.CharField(max_length=255)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "name"], name="one_session")]


class IntegerSet(models.Model):
    session = models.ForeignKey(
        IntegerSession, models.CASCADE, related_name="integer_sets", db_index=False
    )
    name = models.CharField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["session", "name"], name="one_set")]


class Unit(models.Model):
    # The constraint's index serves the foreign key too, and each row has one index less.
    integer_set = models.ForeignKey(
        IntegerSet, models.CASCADE, related_name="units", db_index=False
    )
    index = models.BigIntegerField()
    X = models.BigIntegerField()
    q = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["integer_set", "index"], name="one_unit")]
