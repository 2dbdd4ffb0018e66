"""A database with one of everything that a command can change, and no server that has ever used it."""

import psycopg
import pytest

ONE = "00000000-0000-4000-8000-000000000001"
OLD = "00000000-0000-4000-8000-000000000002"

ROWS = f"""
INSERT INTO account (user_id, username, username_key, email, email_key, locked, deleted)
  SELECT lpad(n::text, 40, 'a'), name, name, name || '@example.org', name || '@example.org',
    CASE name WHEN 'locked' THEN now() END, CASE name WHEN 'deleted' THEN now() END
  FROM unnest(ARRAY['one', 'two', 'locked', 'deleted']) WITH ORDINALITY AS u (name, n);
INSERT INTO profile (account) SELECT id FROM account;
INSERT INTO permission (code, level) VALUES (50, 'Night watch');
INSERT INTO session (id, account, dialect, created, expires)
  SELECT s.id, a.id, 'havoc', s.since - interval '1 day', s.since
  FROM account a, (VALUES ('{ONE}'::uuid, now() + interval '9 days'), ('{OLD}', now() - interval '900 days')) s (id, since)
  WHERE username = 'one';
INSERT INTO credential (id, session, kind, hash, created, expires)
  SELECT id, id, 'session_token', sha256(id::text::bytea), created, expires FROM session;
INSERT INTO ban (target, network, by) VALUES ('192.0.2.1', '192.0.2.1/32', 'somebody');
INSERT INTO exercise_group (name, name_key) VALUES ('Core', 'core'), ('Empty', 'empty');
INSERT INTO exercise (name, name_key, exercise_group)
  SELECT 'Plank', 'plank', id FROM exercise_group WHERE name = 'Core';
INSERT INTO stream (id, account, session, open_until)
  SELECT '{ONE}', id, '{ONE}', now() + interval '9 days' FROM account WHERE username = 'one';
INSERT INTO conversation (initiator, receiver)
  SELECT a.id, b.id FROM account a, account b WHERE a.username = 'one' AND b.username = 'two';
INSERT INTO tweet (author, body) SELECT id, 'Hello' FROM account WHERE username = 'one';
INSERT INTO integer_session (account, name) SELECT id, 'first' FROM account WHERE username = 'one';
INSERT INTO mail (account, recipient, purpose, attempts, last_error, gave_up)
  SELECT id, email, 'sign-in-code', 3, 'nobody answers', now() FROM account WHERE username = 'two';
INSERT INTO integer_set (session, name, units, content) SELECT id, 'X', 0, gen_random_uuid() FROM integer_session;
"""

# By noun and verb: what changes something, as it is typed.
CHANGES = {
    "user create": "new --no-password", "user ensure": "two --last-name Other --no-password", "user edit": "one --first-name Ada",
    "user passwd": "one --generate-password", "user two-factor": "one on", "user lock": "one two",
    "user unlock": "locked", "user delete": "one", "user restore": "deleted", "user import": "{people}",
    "permission create": "51 Other", "permission edit": "50 --level Other", "permission delete": "50",
    "permission assign": "50 one two", "session revoke": "--all", "session prune": "", "token issue": "one",
    "token revoke": "--user one", "token prune": "", "ban add": "two", "ban lift": "192.0.2.1", "exercise seed": "",
    "exercise create": "Squat --group Core", "exercise edit": "Plank --instructions Hold", "exercise delete": "Plank",
    "exercise import": "{exercises}", "group create": "Other", "group edit": "Empty --name Other",
    "group delete": "Empty", "stream end": ONE, "stream delete": ONE, "conversation delete": "1", "tweet delete": "1",
    "integers delete": "1", "mail retry": "1", "mail delete": "1", "key rotate": "", "db migrate": "",
    "db restore": "{backup}", "doctor": "--fix --stun off"}

# What only reads, or serves, or writes no more than a file that was asked for.
READS = {
    "serve", "repl", "status", "version", "help", "completion", "complete", "user list", "user show", "user export",
    "permission list", "permission check", "session list", "session show", "token list", "ban list",
    "exercise list", "exercise show", "exercise export", "group list", "stream list", "stream show",
    "conversation list", "conversation show", "tweet list", "tweet show", "integers list", "integers show",
    "mail list", "mail show", "key list", "audit list", "audit tail", "db status", "db backup", "db shell",
    "config show", "config check"}


def furnish(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(ROWS)


@pytest.fixture(scope="module")
def database(new_database):
    url = new_database()
    furnish(url)
    return url
