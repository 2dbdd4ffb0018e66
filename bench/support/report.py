"""The tables that a person reads, and the JSON that a program does."""

import json
import platform
from pathlib import Path

from support.cases import Case
from support.figures import Figure
from support.rounds import Result, at

_HEAD = [
    "",
    "conns",
    "requests/s",
    "BASE is",
    "p50 us",
    "p99 us",
    "server CPU us",
    "PostgreSQL CPU us",
    "failed",
]


def case_table(case: Case) -> str:
    return f"({case.letter}) {case.title}\n{result_table(case.results, 'havocctl')}\n"


def result_table(results: list[Result], base: str) -> str:
    """One line a contestant and level; the base's rate is compared with everybody's."""
    rows = [[text.replace("BASE", base) for text in _HEAD]]
    for result in results:
        rows.append(_row(result, at(results, base, result.level)))
    return aligned(rows)


def _row(result: Result, ours: Result | None) -> list[str]:
    sample = result.sample
    ratio = ""
    if ours and ours is not result:
        ratio = f"{ours.sample.rate / sample.rate:.2f} x"
    return [
        result.name,
        str(result.level),
        number(sample.rate),
        ratio,
        number(sample.p50_us),
        number(sample.p99_us),
        number(sample.server_us),
        number(sample.postgres_us),
        str(sample.bad) if sample.bad else "",
    ]


def figure_table(figures: list[Figure]) -> str:
    rows = [["figure", "measured", "compared with", "", "ratio", "aim", ""]]
    for figure in figures:
        rows.append(
            [
                figure.name,
                f"{number(figure.value)} {figure.unit}",
                number(figure.against),
                figure.who,
                f"{figure.ratio:.2f} x" if figure.ratio is not None else "",
                figure.aim,
                ("met" if figure.met else "not met") if figure.aim else "",
            ]
        )
    return aligned(rows, left={0, 3, 6})


def number(value: float | None) -> str:
    """Three significant digits, or all before the point."""
    if value is None:
        return ""
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def aligned(rows: list[list[str]], left: set[int] = frozenset({0})) -> str:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = []
    for row in rows:
        cells = (
            text.ljust(width) if column in left else text.rjust(width)
            for column, (text, width) in enumerate(zip(row, widths))
        )
        lines.append("  ".join(cells).rstrip())
    lines.insert(1, "-" * max(len(line) for line in lines))
    return "\n".join(lines)


def machine() -> dict[str, str | int]:
    """What the figures were measured on."""
    model = next(
        (
            line.split(":", 1)[1].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")
        ),
        platform.machine(),
    )
    return {"cpu": model, "cores": len(_cores()), "kernel": platform.release()}


def _cores() -> list[str]:
    text = Path("/proc/cpuinfo").read_text()
    return [line for line in text.splitlines() if line.startswith("processor")]


def write_json(
    file: Path, about: dict, cases: list[Case], figures: list[Figure], problems: list[str]
) -> None:
    file.write_text(
        json.dumps(
            {
                **about,
                "cases": {
                    case.letter: {
                        "title": case.title,
                        "results": [result.json() for result in case.results],
                    }
                    for case in cases
                },
                "figures": [figure.json() for figure in figures],
                "problems": problems,
            },
            indent=2,
        )
        + "\n"
    )
