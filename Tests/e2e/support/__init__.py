"""What the tests share: the program, a PostgreSQL cluster, HTTP clients and sample data."""
