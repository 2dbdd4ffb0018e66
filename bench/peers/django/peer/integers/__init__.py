"""Sets of integers, as one would keep them with Django: a row for each unit."""
