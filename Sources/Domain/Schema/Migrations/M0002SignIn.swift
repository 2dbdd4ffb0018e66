extension Migration {
  /// Attempts and bans, the second factor and its mail, OAuth.
  static let signIn = Migration(
    2, "sign-in",
    """
    -- What counts against a limit: failed sign-ins, sign-ups, requests for a code.
    CREATE TABLE attempt (
      scope text NOT NULL,
      -- `account:` and a name with case folded away, or `address:` and an address or network.
      subject text NOT NULL,
      at timestamptz NOT NULL DEFAULT clock_timestamp()
    );
    CREATE INDEX attempt_subject ON attempt (scope, subject, at);
    CREATE INDEX attempt_at ON attempt (at);

    -- Seconds until there may be another attempt: 0, unless one of the subjects has had so many.
    CREATE FUNCTION attempt_wait(scope text, subjects text[], most bigint, seconds bigint)
    RETURNS bigint LANGUAGE sql VOLATILE AS $$
      SELECT coalesce(
        max(ceil(extract(epoch FROM q.at - clock_timestamp()) + $4)), 0)::bigint
      FROM unnest($2) AS s,
        LATERAL (SELECT at FROM attempt a WHERE a.scope = $1 AND a.subject = s
          AND a.at > clock_timestamp() - $4 * interval '1 second'
          ORDER BY at DESC OFFSET $3 - 1 LIMIT 1) q
    $$;
    -- Ends the transaction where there may be no other attempt. Attempts on the same subjects wait
    -- for this transaction, so that none slips in between looking and acting; in the order of the
    -- subjects, so that no two wait for each other.
    CREATE FUNCTION attempt_guard(scope text, subjects text[], most bigint, seconds bigint)
    RETURNS void LANGUAGE plpgsql AS $$
      DECLARE wait bigint;
      BEGIN
        FOR i IN 1 .. cardinality(subjects) LOOP
          PERFORM pg_advisory_xact_lock(hashtextextended(scope || ' ' || subjects[i], 0));
        END LOOP;
        wait := attempt_wait(scope, subjects, most, seconds);
        IF wait > 0 THEN
          RAISE EXCEPTION USING ERRCODE = 'HC429', MESSAGE = wait::text;
        END IF;
      END $$;

    CREATE TABLE ban (
      id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      -- As it is shown: an address, a network or a username.
      target text NOT NULL,
      network cidr UNIQUE,
      account bigint UNIQUE REFERENCES account ON DELETE CASCADE,
      reason text NOT NULL DEFAULT '',
      by text NOT NULL,
      created timestamptz NOT NULL DEFAULT now(),
      -- Null for ever.
      expires timestamptz,
      CHECK ((network IS NULL) <> (account IS NULL))
    );

    -- Every request reads its account and its permission anyway; so neither a ban on an account nor
    -- whether a server knows the newest bans on networks costs it a further look.
    ALTER TABLE account ADD COLUMN banned_until timestamptz;
    ALTER TABLE permission ADD COLUMN bans bigint NOT NULL DEFAULT 0;
    CREATE FUNCTION ban_changed() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        IF TG_OP <> 'INSERT' AND OLD.account IS NOT NULL THEN
          UPDATE account SET banned_until = NULL WHERE id = OLD.account;
        END IF;
        IF TG_OP <> 'DELETE' AND NEW.account IS NOT NULL THEN
          UPDATE account SET banned_until = coalesce(NEW.expires, 'infinity')
          WHERE id = NEW.account;
        END IF;
        UPDATE permission SET bans = (SELECT max(bans) + 1 FROM permission);
        PERFORM pg_notify('havocctl_bans', '');
        RETURN NULL;
      END $$;
    CREATE TRIGGER ban_changed AFTER INSERT OR UPDATE OR DELETE ON ban
      FOR EACH ROW EXECUTE FUNCTION ban_changed();

    CREATE TABLE login_code (
      account bigint PRIMARY KEY REFERENCES account ON DELETE CASCADE,
      hash bytea NOT NULL CHECK (octet_length(hash) = 32),
      tries integer NOT NULL DEFAULT 0,
      created timestamptz NOT NULL DEFAULT now(),
      expires timestamptz NOT NULL
    );

    -- Who is to get what; a secret in it is made when the mail is sent, and a row goes then.
    CREATE TABLE mail (
      id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      account bigint NOT NULL REFERENCES account ON DELETE CASCADE,
      recipient text NOT NULL,
      purpose text NOT NULL CHECK (purpose IN ('sign-in-code')),
      created timestamptz NOT NULL DEFAULT now(),
      due timestamptz NOT NULL DEFAULT now(),
      attempts integer NOT NULL DEFAULT 0,
      last_error text,
      gave_up timestamptz
    );
    CREATE INDEX mail_due ON mail (due) WHERE gave_up IS NULL;
    CREATE UNIQUE INDEX mail_waiting ON mail (account, purpose) WHERE gave_up IS NULL;

    CREATE TABLE oauth_state (
      hash bytea PRIMARY KEY CHECK (octet_length(hash) = 32),
      -- Of the cookie of the browser that began.
      browser bytea NOT NULL CHECK (octet_length(browser) = 32),
      created timestamptz NOT NULL DEFAULT now(),
      expires timestamptz NOT NULL
    );
    CREATE INDEX oauth_state_expires ON oauth_state (expires);

    CREATE TABLE oauth_identity (
      provider text NOT NULL,
      subject text NOT NULL,
      account bigint NOT NULL REFERENCES account ON DELETE CASCADE,
      created timestamptz NOT NULL DEFAULT now(),
      PRIMARY KEY (provider, subject)
    );
    CREATE INDEX oauth_identity_account ON oauth_identity (account);

    CREATE INDEX audit_what ON audit (what, time);
    """)
}
