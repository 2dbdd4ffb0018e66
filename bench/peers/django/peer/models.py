"""havocctl's tables, as they are: nothing here makes or migrates them."""

from django.db import models
from django.db.models.functions import Now


class Permission(models.Model):
    code = models.IntegerField(primary_key=True)
    level = models.TextField()
    is_admin = models.BooleanField()

    class Meta:
        managed = False
        db_table = "permission"


class Account(models.Model):
    user_id = models.TextField()
    username = models.TextField()
    username_key = models.TextField()
    password_hash = models.TextField(null=True)
    permission = models.ForeignKey(
        Permission, models.DO_NOTHING, db_column="permission", related_name="+"
    )
    locked = models.DateTimeField(null=True)
    last_login = models.DateTimeField(null=True)
    deleted = models.DateTimeField(null=True)

    # What REST framework asks of a user.
    is_authenticated = True
    is_active = True

    class Meta:
        managed = False
        db_table = "account"


class Member(models.Model):
    """An account with all that somebody is shown of it, which no request needs."""

    username = models.TextField()
    username_key = models.TextField()
    email = models.TextField(null=True)
    first_name = models.TextField()
    last_name = models.TextField()
    permission = models.ForeignKey(
        Permission, models.DO_NOTHING, db_column="permission", related_name="+"
    )
    two_factor = models.BooleanField()
    locked = models.DateTimeField(null=True)
    created = models.DateTimeField()
    last_login = models.DateTimeField(null=True)

    class Meta:
        managed = False
        db_table = "account"


class Session(models.Model):
    id = models.UUIDField(primary_key=True)
    account = models.ForeignKey(Account, models.DO_NOTHING, db_column="account", related_name="+")
    dialect = models.TextField()
    address = models.GenericIPAddressField(null=True)
    user_agent = models.TextField(null=True)
    created = models.DateTimeField(db_default=Now())
    last_seen = models.DateTimeField(db_default=Now())
    expires = models.DateTimeField()
    revoked = models.DateTimeField(null=True)

    class Meta:
        managed = False
        db_table = "session"


class CredentialQuerySet(models.QuerySet):
    def standing(self, hash_: bytes, kind: str):
        """The credential with that hash, its session and its account, where all are good."""
        return self.select_related("session__account__permission").get(
            hash=hash_,
            kind=kind,
            expires__gt=Now(),
            revoked__isnull=True,
            spent__isnull=True,
            session__revoked__isnull=True,
            session__expires__gt=Now(),
            session__account__deleted__isnull=True,
            session__account__locked__isnull=True,
        )


class Credential(models.Model):
    id = models.UUIDField(primary_key=True)
    session = models.ForeignKey(Session, models.DO_NOTHING, db_column="session", related_name="+")
    kind = models.TextField()
    hash = models.BinaryField(unique=True)
    kid = models.TextField(null=True)
    created = models.DateTimeField()
    expires = models.DateTimeField()
    revoked = models.DateTimeField(null=True)
    spent = models.DateTimeField(null=True)

    objects = CredentialQuerySet.as_manager()

    class Meta:
        managed = False
        db_table = "credential"


class ExerciseGroup(models.Model):
    name = models.TextField()

    class Meta:
        managed = False
        db_table = "exercise_group"


class Exercise(models.Model):
    name = models.TextField()
    exercise_group = models.ForeignKey(
        ExerciseGroup, models.DO_NOTHING, db_column="exercise_group", related_name="+"
    )
    instructions = models.TextField()
    targeted_muscles = models.TextField()

    class Meta:
        managed = False
        db_table = "exercise"


class Audit(models.Model):
    actor = models.TextField()
    address = models.GenericIPAddressField(null=True)
    what = models.TextField()
    target = models.TextField(null=True)
    result = models.TextField()
    after = models.JSONField(null=True)

    class Meta:
        managed = False
        db_table = "audit"
