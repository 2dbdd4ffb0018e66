"""In which order files of tests are given out to whoever has nothing to do."""

from collections import Counter

import pytest


def longest_first(items: list[pytest.Item], named: list[str]) -> None:
    """These files, then the others by how many tests they hold; what a file holds keeps its order."""
    tests = Counter(item.path.name for item in items)

    def place(item: pytest.Item) -> tuple[int, int]:
        name = item.path.name
        return named.index(name) if name in named else len(named), -tests[name]

    items.sort(key=place)
