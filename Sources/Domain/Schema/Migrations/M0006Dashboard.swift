extension Migration {
  /// The dashboard's sign-ins, what its lists are sorted and searched by, and what its pictures show.
  static let dashboard = Migration(
    6, "dashboard",
    """
    ALTER TABLE credential DROP CONSTRAINT credential_kind_check, ADD CONSTRAINT credential_kind_check
      CHECK (kind IN ('access', 'refresh', 'opaque', 'session_token', 'web', 'dashboard'));

    -- Keys are made for comparing: byte by byte, so that an index finds what begins so.
    ALTER TABLE account
      ALTER username_key TYPE text COLLATE "C", ALTER email_key TYPE text COLLATE "C";
    ALTER TABLE exercise ALTER name_key TYPE text COLLATE "C";
    ALTER TABLE exercise_group ALTER name_key TYPE text COLLATE "C";

    -- What was known of the columns is gone with their collation.
    ANALYZE account (username_key, email_key);

    CREATE INDEX account_created ON account (created, id);
    CREATE INDEX session_created ON session (created, id);
    CREATE INDEX credential_created ON credential (created, id);
    CREATE INDEX stream_started ON stream (started, id);
    CREATE INDEX audit_actor ON audit (actor, time);

    -- What each server counted in each minute; a picture adds the servers up.
    CREATE TABLE sample (
      server uuid NOT NULL,
      minute timestamptz NOT NULL DEFAULT now(),
      requests bigint NOT NULL,
      sign_ins bigint NOT NULL,
      sign_in_failures bigint NOT NULL,
      stun bigint NOT NULL,
      -- Open at the minute's end.
      sockets bigint NOT NULL,
      streams bigint NOT NULL
    );
    CREATE INDEX sample_minute ON sample (minute);
    """)
}
