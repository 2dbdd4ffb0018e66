"""Exercise files in the layouts that `exercise import` takes."""

import json
import os
from pathlib import Path

WHOLE = 873
CATEGORIES = ["strength", "stretching", "plyometrics", "powerlifting", "olympic weightlifting",
              "strongman", "cardio"]
MUSCLES = ["abdominals", "biceps", "calves", "chest", "forearms", "glutes", "hamstrings", "lats"]


def entry(number: int, **changes) -> dict:
    """One exercise in the layout of the free exercise database."""
    name = f"Made-up exercise {number:04} ¾ “{CATEGORIES[number % 7]}”"
    made = {
        "name": name, "force": None if number % 5 == 0 else "pull", "level": "beginner",
        "mechanic": None if number % 3 == 0 else "compound", "equipment": "body only",
        "primaryMuscles": [MUSCLES[number % 8]],
        "secondaryMuscles": [] if number % 2 else [MUSCLES[(number + 3) % 8], "traps"],
        "instructions": [f"Step {step} of {number}: hold, then \"let go\"." for step in range(number % 4 + 1)],
        "category": CATEGORIES[number % 7], "images": [f"{number}/0.jpg"], "id": f"Made_up_{number}"}
    return made | changes


def free_exercise_db(directory: Path) -> Path:
    """The real file where HAVOCCTL_EXERCISE_DB names it, else as many made-up entries."""
    named = os.environ.get("HAVOCCTL_EXERCISE_DB")
    if named and Path(named).is_file():
        return Path(named)
    made = directory / "free-exercise-db.json"
    made.write_text(json.dumps([entry(number) for number in range(WHOLE)], indent=2), encoding="utf-8")
    return made
