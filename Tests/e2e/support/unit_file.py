"""A unit of systemd's, as the settings of one section."""

from pathlib import Path

SPANS = {"ms": 0.001, "s": 1, "min": 60, "": 1}


class Section:
    """Settings by name; one that stands on several lines has several values."""

    def __init__(self, values: dict[str, list[str]]):
        self.values = values

    @classmethod
    def read(cls, path: Path, section: str = "Service") -> "Section":
        values: dict[str, list[str]] = {}
        inside = False
        for line in path.read_text().splitlines():
            if line.startswith("["):
                inside = line == f"[{section}]"
            elif inside and line and not line.startswith(("#", ";")):
                name, _, value = line.partition("=")
                values.setdefault(name, []).append(value)
        return cls(values)

    def only(self, *names: str) -> "Section":
        return Section({name: values for name, values in self.values.items() if name in names})

    def all(self, name: str) -> list[str]:
        return self.values.get(name, [])

    def one(self, name: str, otherwise: str = "") -> str:
        return self.all(name)[-1] if self.all(name) else otherwise

    def words(self, name: str) -> list[str]:
        return " ".join(self.all(name)).split()

    def has(self, name: str) -> bool:
        return name in self.values

    def is_on(self, name: str) -> bool:
        return self.one(name) == "yes"

    def seconds(self, name: str) -> float:
        value = self.one(name, "0")
        number = value.rstrip("abcdefghijklmnopqrstuvwxyz")
        return float(number) * SPANS[value.removeprefix(number)]
