"""A database of people who are called as people are, as many as wanted."""

import unicodedata

import psycopg

_FIRST = """
Ada Adrián Aisha Akira Alan Alice Amina Anders André Anna Antoine Aylin Barbara Beatriz Björn Bruno
Camille Carlos Chiara Chloé Claire Dagny Daniel David Diego Dmitri Edsger Elena Émile Emma Eszter
Fatima Felix Fiona Francesca Frances Gabriel Georg Grace Greta Hana Hannah Hedy Henrik Hugo Ibrahim
Ines Ingrid Isabel Ivan Jan Joan Johanna John José Juan Julia Karim Kateřina Katherine Ken Khadija
Lars Laura Leila Leonie Lin Linus Lucía Luis Maja Marek Margaret Maria Marie Mary Mateo Mehmet Mia
Michael Nadia Niels Nina Noah Olga Olivia Omar Oscar Paula Pedro Petra Quentin Radia Rafael Rosa
Ruth Samuel Sara Sofia Sören Tariq Thomas Uma Ursula Valentina Vera Viktor Wei Willem Ximena Yara
Yusuf Zoë
"""
_LAST = """
Adams Aguilar Ahmed Allen Almeida Andersson Bakker Barros Bauer Becker Bernard Bianchi Boole Borg
Brown Carvalho Castro Cerf Chen Church Clarke Conti Costa Dahl Díaz Dijkstra Dubois Durand Eckert
Engel Eriksson Esposito Fernández Ferrari Fischer Fournier Franklin García Gauß Germain Gödel Gómez
González Goldberg Gray Greco Gupta Hamilton Hansen Hernández Hill Hoare Hoffmann Holberton Hopper
Horváth Iversen Ivanova Jackson Jansen Jensen Johansson Johnson Jones Kaya Keller Khan Kim Klein
Knuth Koch Kowalski Krause Kumar Lamarr Lambert Larsen Lee Lehmann López Lovelace Maier Martin
Martínez Mendes Meyer Moreau Moretti Müller Murray Nagy Nakamura Nguyen Nielsen Noether Novák Olsen
Ortiz Park Patel Pereira Perlman Petrov Popescu Quinn Ramírez Reyes Ricci Ritchie Rossi Roux Ruiz
Sánchez Santos Schmidt Schneider Schulz Shannon Silva Singh Smith Svensson Tanaka Taylor Thompson
Torres Turing Ueda Vargas Vogel Wagner Walker Weber Wilson Wright Yamamoto Yıldız Young Zhang
Zimmermann
"""

# All pairs of names come before one comes again, then with a number behind it.
_PEOPLE = """
INSERT INTO account (user_id, username, username_key, email, email_key, first_name, last_name,
  avatar, two_factor, locked, created, last_login)
SELECT md5('1 ' || i) || left(md5('2 ' || i), 8), username, lower(username),
  email, email, first_name, last_name,
  CASE WHEN i %% 5 = 0 THEN '/media/avatars/' || md5('3 ' || i) || '.png'
    ELSE '/media/avatars/default.png' END,
  i %% 50 = 0 AND email IS NOT NULL, CASE WHEN i %% 200 = 0 THEN created + interval '1 week' END,
  created, CASE WHEN i %% 3 > 0 THEN created + interval '4 days' END
FROM (
  SELECT i, first_name, last_name, username,
    CASE WHEN i %% 20 > 0 THEN lower(username) || '@example.org' END AS email,
    timestamptz '2020-01-01' + i * interval '197 seconds' AS created
  FROM (
    SELECT i, (%(first)s::text[])[f] AS first_name, (%(last)s::text[])[l] AS last_name,
      (%(first_plain)s::text[])[f] || (ARRAY['.', '_', '-'])[1 + pair %% 3]
        || (%(last_plain)s::text[])[l]
        || CASE WHEN turn > 0 THEN ((turn * 7919 + pair * 31) %% 9973)::text ELSE '' END AS username
    FROM (
      SELECT i, pair, i / pairs AS turn, 1 + pair / lasts AS f, 1 + pair %% lasts AS l
      FROM (
        SELECT i, pairs, lasts, (i * 7919 %% pairs)::int AS pair
        FROM generate_series(0, %(count)s::bigint - 1) i,
          (SELECT cardinality(%(last)s::text[]) AS lasts,
            cardinality(%(first)s::text[]) * cardinality(%(last)s::text[]) AS pairs) n
      ) p
    ) t
  ) u
) a
"""


def add_named_people(connection: psycopg.Connection, count: int) -> None:
    """Accounts without passwords, each with a profile, in no order of their names."""
    first, last = _FIRST.split(), _LAST.split()
    connection.execute(
        _PEOPLE,
        {
            "first": first,
            "last": last,
            "first_plain": [_plain(name) for name in first],
            "last_plain": [_plain(name) for name in last],
            "count": count,
        },
    )
    connection.execute("INSERT INTO profile (account) SELECT id FROM account")


def _plain(name: str) -> str:
    """The letters of a name that everybody's keyboard has."""
    letters = unicodedata.normalize("NFKD", name.lower().replace("ß", "ss").replace("ı", "i"))
    return "".join(letter for letter in letters if letter.isascii() and letter.isalpha())
