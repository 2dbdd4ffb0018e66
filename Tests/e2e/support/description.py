"""What `/openapi.json` says."""

from support.api import Api

METHODS = ("get", "post", "put", "patch", "delete")


class Description:
    """The document, and what is asked of it again and again."""

    def __init__(self, api: Api):
        answer = api.get("/openapi.json")
        assert answer.status_code == 200, answer.text
        self.document = answer.json()

    @property
    def operations(self) -> dict[tuple[str, str], dict]:
        return {(method.upper(), path): operation
                for path, item in self.document["paths"].items()
                for method, operation in item.items() if method in METHODS}

    def resolved(self, part: dict) -> dict:
        """The part that a reference leads to, or this one."""
        while "$ref" in part:
            found = self.document
            for name in part["$ref"].removeprefix("#/").split("/"):
                found = found[name]
            part = found
        return part
