extension Catalogue {
  static let core = CatalogueGroup(
    "Core",
    [
      CatalogueExercise(
        "Front Plank", muscles: ["abdominals", "deep core", "glutes"],
        """
        1. Rest on your forearms with elbows under the shoulders and step the feet back to hip \
        width.
        2. Tuck the tailbone slightly, squeeze the glutes and pull the elbows towards the toes \
        without moving them.
        3. Hold for 20 to 60 seconds while breathing quietly through the nose.
        4. A sagging lower back is your signal to stop; several short, rigid holds beat one long \
        drooping one.
        """),
      CatalogueExercise(
        "Side Plank", muscles: ["obliques", "hip abductors", "deep core"],
        """
        1. Lie on your side with the elbow under the shoulder and the feet stacked, or one in \
        front of the other.
        2. Lift the hips until ankles, hips and shoulders form one line and reach the free arm \
        to the ceiling.
        3. Hold while breathing evenly, pushing the floor away so the lower shoulder does not \
        collapse.
        4. If the hips roll backwards, bend the lower knee to the floor and shorten the hold; \
        then repeat on the other side.
        """),
      CatalogueExercise(
        "Dead Bug", muscles: ["deep core", "abdominals", "hip flexors"],
        """
        1. Lie on your back with arms pointing at the ceiling, hips and knees bent to right \
        angles and the lower back resting heavily on the floor.
        2. Breathe out fully as you lower one arm overhead and straighten the opposite leg until \
        both hover above the floor.
        3. Breathe in as you bring them back, then change sides.
        4. The lower back must not peel away from the floor; shorten the reach of the leg until \
        it stays put.
        """),
      CatalogueExercise(
        "Hanging Leg Raise", muscles: ["abdominals", "hip flexors", "grip"],
        """
        1. Hang from a bar with straight arms, shoulders pulled down and legs together.
        2. Breathe out and roll the pelvis up as you raise the legs to hip height or beyond, \
        bending the knees if you need to.
        3. Lower for three seconds and come to a dead stop before the next repetition.
        4. Swinging is the usual fault; point the toes slightly in front of you at the bottom \
        and pause until you are still.
        """),
      CatalogueExercise(
        "Bicycle Crunch", muscles: ["abdominals", "obliques"],
        """
        1. Lie on your back with fingertips at your temples, shoulder blades just off the floor \
        and knees over the hips.
        2. Turn your ribcage, not just the elbow, towards the opposite knee while the other leg \
        extends low.
        3. Breathe out with each turn and change sides at a steady beat of about one second.
        4. Pulling on the head strains the neck; keep the elbows wide and let the stomach do the \
        turning.
        """),
      CatalogueExercise(
        "Russian Twist", muscles: ["obliques", "abdominals"],
        """
        1. Sit with knees bent and heels lightly on the floor, then lean back with a long spine \
        until the stomach tightens.
        2. Hold a weight or clasped hands in front of your chest and rotate the shoulders to one \
        side.
        3. Pause, breathe out and rotate through the middle to the other side without hurry.
        4. If only the arms travel, slow down and let your breastbone turn with your hands; sit \
        up taller when your back rounds.
        """),
      CatalogueExercise(
        "Pallof Press", muscles: ["obliques", "deep core", "shoulders"],
        """
        1. Stand side-on to a cable or band at chest height, hold the handle in both hands at \
        your breastbone and step away until it pulls.
        2. Set your feet at shoulder width, soften the knees and brace.
        3. Press the hands straight out, hold for two seconds against the twist, and bring them \
        back while breathing in.
        4. Hips and shoulders must stay square; move closer to the anchor if the pull turns you \
        even a little.
        """),
      CatalogueExercise(
        "Ab Wheel Rollout", muscles: ["abdominals", "lats", "deep core"],
        """
        1. Kneel on a pad with the wheel beneath your shoulders, tuck the pelvis and round the \
        upper back very slightly.
        2. Breathe in and roll forwards slowly, moving hips and arms together, only as far as \
        the lower back stays flat.
        3. Breathe out hard and draw the wheel back under the shoulders with the stomach.
        4. Leaving the hips behind or letting the back dip are the two faults to avoid; roll \
        towards a wall to limit the distance at first.
        """),
      CatalogueExercise(
        "Hollow Body Hold", muscles: ["abdominals", "hip flexors"],
        """
        1. Lie on your back, press the lower back into the floor and lift the head and shoulders \
        with your arms beside your ears or thighs.
        2. Raise straight legs together until they hover at the lowest height at which the back \
        stays down.
        3. Hold for 15 to 40 seconds with short, calm breaths.
        4. The moment daylight appears under the back, bend the knees or raise the legs higher.
        """),
      CatalogueExercise(
        "Suitcase Carry", muscles: ["obliques", "deep core", "grip"],
        """
        1. Lift a single heavy kettlebell or dumbbell at one side with a flat back and stand \
        tall.
        2. Walk slowly with level shoulders and hips, the free arm relaxed and the weight not \
        touching your leg.
        3. Cover 20 to 40 metres with steady breathing, then change hands.
        4. Do not lean away from the load to balance it; imagine carrying an equal weight in the \
        empty hand.
        """),
    ])
}
