extension Catalogue {
  static let olympicLifts = CatalogueGroup(
    "Olympic Lifts",
    [
      CatalogueExercise(
        "Power Clean", muscles: ["glutes", "hamstrings", "quadriceps", "trapezius", "upper back"],
        """
        1. Stand over the bar with feet hip-width apart, grip just outside the legs, back flat \
        and shoulders slightly ahead of the bar.
        2. Push the floor away at a controlled speed until the bar passes your knees, keeping it \
        close.
        3. From mid-thigh extend hips, knees and ankles with all the speed you have and shrug.
        4. Pull yourself under, whip the elbows through and receive the bar on the shoulders \
        above a quarter squat.
        5. Jumping forwards or curling the bar are the usual errors; land where you started and \
        keep the arms loose until the hips have finished.
        """),
      CatalogueExercise(
        "Hang Power Clean", muscles: ["glutes", "hamstrings", "trapezius", "upper back"],
        """
        1. Deadlift the bar to standing, then hinge until it rests just above your knees with \
        arms straight and weight on the whole foot.
        2. Slide it up the thighs and jump the hips through, keeping the chest over the bar as \
        long as possible.
        3. Drop a little, punch the elbows forwards and catch with a firm torso.
        4. Stand tall, lower the bar to the thighs with bent knees and reset your breath.
        5. Swinging the bar away from the body comes from banging it with the hips; brush, do \
        not bump.
        """),
      CatalogueExercise(
        "Power Snatch", muscles: ["glutes", "hamstrings", "quadriceps", "shoulders", "upper back"],
        """
        1. Take a wide grip so that the bar sits in the crease of the hips when you stand, then \
        set up with a flat back and hips above the knees.
        2. Lift steadily past the knees while the shoulders stay over the bar.
        3. Extend violently as the bar reaches the hips and pull the elbows high and outside.
        4. Punch up under the bar and receive it overhead in a partial squat with locked arms.
        5. A press-out at the end means that you did not move under it fast enough; take weight \
        off and practise the punch.
        """),
      CatalogueExercise(
        "Hang Snatch", muscles: ["glutes", "hamstrings", "shoulders", "upper back", "quadriceps"],
        """
        1. Stand with a wide grip and lower the bar to just above the knees by pushing the hips \
        back.
        2. Pause for a second, then accelerate up the thighs until you stand at full stretch.
        3. Pull yourself down into a deep overhead squat with the arms already locked.
        4. Steady the bar over the middle of the feet and rise with a proud chest.
        5. If it drifts forwards overhead, keep the lats tight and the bar in touch with the \
        thighs for longer.
        """),
      CatalogueExercise(
        "Clean and Jerk", muscles: ["quadriceps", "glutes", "hamstrings", "shoulders", "triceps"],
        """
        1. Clean the bar to your shoulders, stand up and adjust the grip so that it rests on the \
        shoulders and not the hands.
        2. Take a breath, dip straight down by bending the knees a few centimetres and stop \
        sharply.
        3. Drive up hard and split the feet front and back while punching the arms to lockout.
        4. Bring the front foot back first and then the rear one, holding the bar steady.
        5. Dipping on to the toes sends the bar forwards; keep the weight towards the heels and \
        the torso upright.
        """),
      CatalogueExercise(
        "Push Press", muscles: ["shoulders", "triceps", "quadriceps", "glutes"],
        """
        1. Rack the bar on the shoulders with elbows slightly in front and feet at hip width.
        2. Dip a short way by bending the knees with the back vertical and the heels down.
        3. Reverse at once and drive the legs, letting the bar leave the shoulders before the \
        arms press it overhead.
        4. Lock out with the bar over the middle of your feet and lower it to bent, springy \
        knees.
        5. Pausing in the dip or leaning forwards wastes the leg drive; think of a lift going \
        straight down and straight up.
        """),
      CatalogueExercise(
        "Push Jerk", muscles: ["shoulders", "triceps", "quadriceps", "core"],
        """
        1. Start as for a push press, with the bar on the shoulders and a firmly braced trunk.
        2. Dip and drive with the legs so that the bar becomes weightless for a moment.
        3. Drop into a quarter squat as you punch the arms straight under the bar, breathing \
        out.
        4. Stand with the bar still locked overhead before you lower it.
        5. Pressing slowly while standing tall shows the second dip is missing; rehearse the \
        footwork with an empty bar.
        """),
      CatalogueExercise(
        "Clean Pull", muscles: ["glutes", "hamstrings", "trapezius", "lower back"],
        """
        1. Set up exactly as for a clean with a flat back and tight lats.
        2. Lift the bar past the knees at a measured speed and accelerate from mid-thigh.
        3. Finish tall on the balls of the feet with a strong shrug and straight arms.
        4. Control the bar back to the floor and reset before the next repetition.
        5. Use no more weight than you can extend completely with; a slow, bent-hipped finish \
        trains the wrong pattern.
        """),
      CatalogueExercise(
        "Overhead Squat", muscles: ["quadriceps", "shoulders", "upper back", "core", "glutes"],
        """
        1. Hold the bar overhead with a wide grip, arms locked and armpits turned slightly \
        forwards.
        2. Breathe in, brace and sit down slowly with the bar staying above the middle of your \
        feet.
        3. Pause at a depth that you control, then stand while still pushing up into the bar.
        4. If your arms bend or tilt forwards, use a stick until shoulders and ankles allow a \
        steady position.
        """),
      CatalogueExercise(
        "Snatch Balance", muscles: ["shoulders", "quadriceps", "core", "upper back"],
        """
        1. Stand with the bar on the upper back, a snatch-width grip and feet under the hips.
        2. Dip and drive gently to lift the bar off the shoulders.
        3. Move the feet out and drop quickly into a full squat while punching to straight arms.
        4. Hold the bottom for two seconds, stand up and bring the bar down with care.
        5. Riding down with bent elbows is the fault to correct; the arms should lock at the \
        same moment as the feet land.
        """),
    ])
}
