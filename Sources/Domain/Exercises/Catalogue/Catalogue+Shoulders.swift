extension Catalogue {
  static let shoulders = CatalogueGroup(
    "Shoulders",
    [
      CatalogueExercise(
        "Standing Overhead Press",
        muscles: ["front deltoids", "side deltoids", "triceps", "upper chest", "core"],
        """
        1. Rest the bar on the front of your shoulders with forearms vertical, feet hip-width \
        apart and glutes and stomach tight.
        2. Breathe in, move the head back a touch and press the bar straight up past the face.
        3. As it clears your forehead, bring your head through so that the bar finishes over the \
        middle of your feet, arms locked.
        4. Lower to the collarbones over two seconds and take a new breath there.
        5. Leaning back into a standing bench press is the common fault; squeeze the glutes and \
        keep the ribs down to stop it.
        """),
      CatalogueExercise(
        "Seated Dumbbell Shoulder Press", muscles: ["front deltoids", "side deltoids", "triceps"],
        """
        1. Sit against an upright back rest, feet flat, and bring the dumbbells to ear height \
        with elbows slightly in front of the body.
        2. Breathe out and press up in a shallow arc until the arms are straight over the \
        shoulders.
        3. Lower for two to three seconds until the dumbbells are level with your ears again.
        4. Keep your lower back against the rest; if it arches away, lower the weight or tip the \
        rest back by one notch.
        """),
      CatalogueExercise(
        "Dumbbell Lateral Raise", muscles: ["side deltoids", "upper trapezius"],
        """
        1. Stand tall with light dumbbells at your sides, elbows softly bent and shoulders \
        pressed down.
        2. Raise the arms out and slightly forwards, leading with the elbows, until they are \
        level with your shoulders.
        3. Pause briefly, breathe in and lower over three seconds, stopping just short of your \
        thighs.
        4. Swinging or shrugging takes the work away from the shoulder; choose a weight that you \
        can stop at any point of the arc.
        """),
      CatalogueExercise(
        "Bent-over Reverse Fly", muscles: ["rear deltoids", "upper back"],
        """
        1. Hinge at the hips until your torso is nearly level with the floor, with light \
        dumbbells hanging under your chest, palms facing each other.
        2. With a small fixed bend in the elbows, open the arms wide until the hands reach \
        shoulder height, breathing out.
        3. Hold for a second and lower slowly along the same path.
        4. Let the shoulder blades stay fairly wide at first; pinching them straight away turns \
        the movement into a row.
        """),
      CatalogueExercise(
        "Arnold Press", muscles: ["front deltoids", "side deltoids", "triceps"],
        """
        1. Sit upright holding the dumbbells at chin height with your palms facing you and the \
        elbows together in front.
        2. Open the elbows to the sides as you start to press, turning the palms so that they \
        face forwards by forehead height.
        3. Finish with straight arms overhead, then reverse the turn just as smoothly for a \
        count of three.
        4. Rotate and press as one flowing movement; a jerky two-stage press usually means the \
        dumbbells are too heavy.
        """),
      CatalogueExercise(
        "Face Pull", muscles: ["rear deltoids", "rotator cuff", "middle trapezius"],
        """
        1. Fix a rope at about eye height, hold the ends with thumbs pointing towards you and \
        step back until the arms are straight.
        2. Pull the middle of the rope towards the bridge of your nose while spreading the ends \
        apart and raising the elbows.
        3. Finish with your knuckles beside your ears and hold for a full second before \
        returning slowly.
        4. Keep the ribs down and use modest weight; leaning back to win the pull loses the \
        outward rotation that matters.
        """),
      CatalogueExercise(
        "Front Raise", muscles: ["front deltoids", "upper chest"],
        """
        1. Stand with dumbbells in front of your thighs, palms facing down or towards each \
        other, feet hip-width apart.
        2. Raise one or both arms straight ahead to eye level over two seconds while breathing \
        out.
        3. Lower just as slowly, keeping tension before the next lift.
        4. If your hips rock to begin the raise, stand with your back against a wall and reduce \
        the load.
        """),
      CatalogueExercise(
        "Landmine Press", muscles: ["front deltoids", "upper chest", "triceps", "core"],
        """
        1. Wedge one end of a bar in a corner or landmine, hold the other end in one hand at \
        shoulder height and stand in a split stance.
        2. Brace, breathe out and press the bar up and forwards until the arm is straight, \
        leaning very slightly into it.
        3. Let the shoulder blade glide forwards at the top, then lower under control to the \
        front of the shoulder.
        4. Do not let the body twist towards the working arm; imagine both hip bones as \
        headlights pointing forwards.
        """),
      CatalogueExercise(
        "Upright Row", muscles: ["side deltoids", "upper trapezius", "biceps"],
        """
        1. Hold a bar or cable handle in front of your thighs with hands slightly wider than \
        your shoulders.
        2. Pull upwards close to the body with the elbows leading until they are just below \
        shoulder height.
        3. Pause, then lower for two to three seconds to straight arms.
        4. A narrow grip or pulling to the chin can pinch the shoulder; stay wide and stop at \
        the lower chest if you feel any catching.
        """),
      CatalogueExercise(
        "Pike Push-up", muscles: ["front deltoids", "triceps", "upper chest"],
        """
        1. From a push-up position walk your feet in and lift the hips high so that your body \
        makes an upside-down V.
        2. Breathe in and bend the elbows, lowering the top of your head to a point slightly in \
        front of your hands.
        3. Press back up along the same line, pushing the head through between the arms, and \
        breathe out.
        4. Flaring the elbows straight out and letting the hips drop makes this an ordinary \
        push-up; keep weight over the hands.
        """),
    ])
}
