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

    -- Every request reads its account anyway; so a ban on one costs no further look.
    ALTER TABLE account ADD COLUMN banned_until timestamptz;
    CREATE FUNCTION ban_changed() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        IF TG_OP <> 'INSERT' AND OLD.account IS NOT NULL THEN
          UPDATE account SET banned_until = NULL WHERE id = OLD.account;
        END IF;
        IF TG_OP <> 'DELETE' AND NEW.account IS NOT NULL THEN
          UPDATE account SET banned_until = coalesce(NEW.expires, 'infinity')
          WHERE id = NEW.account;
        END IF;
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
