"""Two dozen of everything that the dashboard lists, with values that are equal, missing, empty or awkward."""

import psycopg

COUNT = 24

# By n: what is awkward in a page, an address, a pattern or a shell; with ties.
TEXTS = [
    "", "a", "B", "ä", "Zoë", "<b>\"bold\"</b>", "two\nlines", "'; DROP TABLE account; --", "100%", "a_b",
    "back\\slash",
    "日本 太郎", "&amp;", "$(touch /tmp/x) `id`", "\u202egnp.exe", "👩‍👩‍👧", "=1+1", "-o json", "a", "a", "",
    "\n first line", "</textarea>",
    "</script><script>alert(1)</script>"]
assert len(TEXTS) == COUNT

ROWS = """
CREATE TEMPORARY TABLE given ON COMMIT DROP AS
  SELECT n::int, t AS text, timestamptz '2024-05-06 07:08:09.123456Z' + (n %% 4) * interval '1 microsecond' AS at
  FROM unnest(%(texts)s::text[]) WITH ORDINALITY AS u (t, n);
INSERT INTO permission (code, level, is_admin)
  SELECT 1000 + n, 'Level ' || n || text, n %% 2 = 0 FROM given;
INSERT INTO account (user_id, username, username_key, email, email_key, first_name, last_name, permission, is_42, created,
    last_login, locked, deleted)
  SELECT lpad(n::text, 40, 'b'), 'Person ' || n, 'person ' || n, CASE WHEN n %% 3 > 0 THEN 'P' || n || '@example.org' END,
    CASE WHEN n %% 3 > 0 THEN 'p' || n || '@example.org' END, text, CASE WHEN n %% 2 = 0 THEN text ELSE '' END,
    CASE WHEN n %% 4 = 0 THEN 1000 + n ELSE 1 END, n %% 5 = 0, at, CASE WHEN n %% 3 = 0 THEN at END,
    CASE WHEN n %% 6 = 0 THEN now() END, CASE WHEN n > 22 THEN now() END FROM given;
INSERT INTO profile (account) SELECT id FROM account a WHERE NOT EXISTS (SELECT FROM profile p WHERE p.account = a.id);
CREATE TEMPORARY TABLE person ON COMMIT DROP AS
  SELECT g.*, a.id FROM given g JOIN account a ON a.username_key = 'person ' || g.n;
INSERT INTO session (id, account, dialect, address, user_agent, created, last_seen, expires, revoked)
  SELECT md5('session' || n)::uuid, id, CASE WHEN n %% 2 = 0 THEN 'trainer' ELSE 'community' END,
    CASE WHEN n %% 3 > 0 THEN ('192.0.2.' || n %% 7)::inet END, CASE WHEN n %% 5 > 0 THEN text END, at, at,
    now() + (n - 4) * interval '1 day', CASE WHEN n %% 8 = 0 THEN at END FROM person;
INSERT INTO credential (id, session, kind, hash, created, expires, last_used)
  SELECT md5('credential' || n)::uuid, md5('session' || n)::uuid, CASE WHEN n %% 2 = 0 THEN 'opaque' ELSE 'web' END,
    sha256(n::text::bytea), at, now() + (n - 4) * interval '1 day', CASE WHEN n %% 3 = 0 THEN at END FROM person;
INSERT INTO ban (target, network, reason, by, created, expires)
  SELECT '203.0.113.' || n, ('203.0.113.' || n || '/32')::cidr, text, 'x' || n %% 3, at,
    CASE WHEN n %% 2 = 0 THEN now() + n * interval '1 day' END FROM given;
INSERT INTO exercise_group (name, name_key) SELECT 'Group ' || n || text, lower('Group ' || n || text) FROM given;
INSERT INTO exercise (name, name_key, exercise_group, instructions, targeted_muscles)
  SELECT 'Exercise ' || n || text, lower('Exercise ' || n || text), g.id, text, CASE WHEN n %% 2 = 0 THEN text ELSE '' END
  FROM given JOIN (SELECT id, row_number() OVER (ORDER BY id) AS place FROM exercise_group) g ON g.place = n %% 4 + 1;
INSERT INTO stream (id, account, session, started, open_until, frames, bytes, dropped)
  SELECT md5('stream' || n)::uuid, id, md5('session' || n)::uuid, at, now() + interval '9 days', n %% 3, n %% 2, 0 FROM person;
INSERT INTO conversation (initiator, receiver, created)
  SELECT one.id, two.id, one.at FROM person one JOIN person two ON two.n = one.n %% 24 + 1;
INSERT INTO message (conversation, sender, body, created)
  SELECT c.id, c.initiator, 'a secret word', c.created FROM conversation c WHERE c.id %% 2 = 0;
INSERT INTO tweet (author, body, likes, created) SELECT id, coalesce(nullif(text, ''), '-'), n %% 3, at FROM person;
UPDATE tweet SET reply_to = (SELECT min(id) FROM tweet) WHERE id %% 3 = 0;
INSERT INTO integer_session (account, name) SELECT id, 'session ' || n %% 3 FROM person;
INSERT INTO integer_set (session, name, units, content, created, changed)
  SELECT g.id, 'set_' || p.n %% 5, p.n %% 4, gen_random_uuid(), p.at, p.at FROM person p JOIN integer_session g ON g.account = p.id;
INSERT INTO mail (account, recipient, purpose, created, due, attempts, last_error, gave_up)
  SELECT id, 'p' || n || '@example.org', 'sign-in-code', at, at, n %% 3, CASE WHEN n %% 2 = 0 THEN text END, now() FROM person;
INSERT INTO signing_key (kid, secret, created, retires) SELECT 'kid-' || n, sha256(n::text::bytea), at, at + n * interval '1 hour' FROM given;
INSERT INTO audit (time, actor, address, what, target, result, before, after, request)
  SELECT at, 'actor ' || n %% 3, CASE WHEN n %% 2 = 0 THEN '192.0.2.1'::inet END, 'lock', text, 'done',
    CASE WHEN n %% 3 = 0 THEN jsonb_build_object('a', text) END, jsonb_build_object('reason', text),
    CASE WHEN n %% 4 > 0 THEN 'request ' || n END FROM given;
"""


def fill(url: str) -> None:
    # One transaction of several statements, whose values can't be bound for all at once.
    with psycopg.connect(url) as connection:
        cursor = psycopg.ClientCursor(connection)
        cursor.execute(ROWS, {"texts": TEXTS})
