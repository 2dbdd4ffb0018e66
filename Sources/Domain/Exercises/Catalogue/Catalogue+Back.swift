extension Catalogue {
  static let back = CatalogueGroup(
    "Back",
    [
      CatalogueExercise(
        "Pull-up", muscles: ["lats", "upper back", "biceps", "forearms"],
        """
        1. Hang from a bar with palms facing away, hands just outside shoulder width, legs \
        together and ribs drawn down.
        2. Begin by pulling the shoulder blades down, then drive your elbows towards your back \
        pockets until your chin clears the bar.
        3. Breathe out on the way up and in on the way down; take at least two seconds to return \
        to a straight-arm hang.
        4. Avoid kicking or craning the neck to finish. If you cannot reach the top cleanly, put \
        a band under your feet or do slow lowerings only.
        """),
      CatalogueExercise(
        "Chin-up", muscles: ["lats", "biceps", "upper back"],
        """
        1. Take the bar with palms facing you at shoulder width and hang with the arms straight \
        and the body slightly hollow.
        2. Pull your breastbone towards the bar, keeping the elbows in front of your ribs and \
        the shoulders away from your ears.
        3. Hold the top for a moment, then lower for two to three seconds to a complete hang.
        4. Half repetitions are the usual fault: start each one from straight elbows even if \
        that means fewer in the set.
        """),
      CatalogueExercise(
        "Barbell Bent-over Row", muscles: ["upper back", "lats", "rear deltoids", "biceps"],
        """
        1. Stand over the bar, hinge at the hips until the torso is between 30 and 45 degrees \
        above the floor, and hold the bar just wider than your knees.
        2. Brace your stomach as though about to be prodded, keep the neck in line with the \
        spine and let the arms hang straight.
        3. Row the bar to your navel by driving the elbows behind you, pause, and breathe out.
        4. Lower over two seconds without letting the torso rise or the back round.
        5. If you have to heave with the hips, take weight off; the angle of the torso should \
        not change within a set.
        """),
      CatalogueExercise(
        "One-arm Dumbbell Row", muscles: ["lats", "upper back", "biceps"],
        """
        1. Place one hand and the same-side knee on a bench, the other foot wide on the floor, \
        and make the back flat as a table.
        2. Let the dumbbell hang beneath the shoulder, then pull the elbow back towards your hip \
        rather than straight up to the armpit.
        3. Pause with the dumbbell beside your lower ribs, breathing out, and lower until the \
        shoulder blade slides forwards.
        4. Keep both shoulders level; twisting open at the top hides how little the back is \
        doing.
        """),
      CatalogueExercise(
        "Lat Pulldown", muscles: ["lats", "upper back", "biceps"],
        """
        1. Fix the thigh pad snugly, take the bar a little wider than your shoulders and sit \
        tall with a slight backward lean.
        2. Draw the shoulder blades down first, then bring the bar to the top of your chest as \
        you breathe out.
        3. Squeeze for a second and let the bar rise over three seconds until the arms are \
        straight.
        4. Do not swing backwards to get the bar moving and never pull it behind the neck; a \
        lighter plate makes both unnecessary.
        """),
      CatalogueExercise(
        "Seated Cable Row", muscles: ["upper back", "lats", "biceps"],
        """
        1. Sit with knees softly bent and feet on the plate, hold the handle and come upright \
        with the chest proud.
        2. Reach forwards with the shoulder blades only, keeping your lower back still.
        3. Pull the handle to the bottom of your ribs, squeezing the shoulder blades together \
        for a count of one as you breathe out.
        4. Return slowly for two to three seconds. Leaning far forwards and then throwing \
        yourself back is the fault to watch for.
        """),
      CatalogueExercise(
        "Inverted Row", muscles: ["upper back", "lats", "biceps", "core"],
        """
        1. Set a bar at waist height, lie under it and grip it slightly wider than your \
        shoulders with the body straight from heels to head.
        2. Pull your chest to the bar with the elbows at about 45 degrees, breathing out.
        3. Pause with the bar touching, then lower under control to straight arms.
        4. Hips dropping away from the bar show that the glutes have switched off; squeeze them, \
        or bend the knees to make it easier.
        """),
      CatalogueExercise(
        "T-bar Row", muscles: ["upper back", "lats", "rear deltoids", "biceps"],
        """
        1. Straddle the loaded bar, hinge until your torso is roughly 45 degrees and take the \
        handles with straight arms.
        2. Set your back flat, breathe in and brace, then pull the plates towards your stomach.
        3. Hold the squeeze between the shoulder blades for a moment and lower for two seconds.
        4. Use smaller plates if they meet your chest too soon, and stop the set when you begin \
        to stand up with each pull.
        """),
      CatalogueExercise(
        "Straight-arm Pulldown", muscles: ["lats", "triceps", "core"],
        """
        1. Face a high pulley with a bar or rope, step back one pace and hinge slightly so that \
        the arms are raised in front of you under tension.
        2. With elbows almost straight and locked at that angle, sweep the hands down in an arc \
        to your thighs while breathing out.
        3. Pause and feel the sides of the back tighten, then let the arms rise slowly to eye \
        level.
        4. If you feel it mostly behind the upper arm, you are bending and extending the elbow; \
        reduce the load and hold the angle.
        """),
      CatalogueExercise(
        "Back Extension", muscles: ["lower back", "glutes", "hamstrings"],
        """
        1. Adjust the pad to sit just below the crease of your hips and hook your heels \
        securely, arms folded across your chest.
        2. Fold forwards from the hips with a flat back until you feel a stretch along the \
        hamstrings, breathing in.
        3. Squeeze the glutes to rise until the body is straight, breathing out, and hold for a \
        second.
        4. Finish in line, not beyond it: leaning back past straight squeezes the lower back \
        without training it more.
        """),
    ])
}
