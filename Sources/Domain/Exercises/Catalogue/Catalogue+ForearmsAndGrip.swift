extension Catalogue {
  static let forearmsAndGrip = CatalogueGroup(
    "Forearms & Grip",
    [
      CatalogueExercise(
        "Wrist Curl", muscles: ["wrist flexors"],
        """
        1. Sit with your forearms along your thighs or a bench, palms up, and your wrists just \
        past the edge.
        2. Let the bar roll down towards the fingertips as the wrists extend, breathing in.
        3. Close the hands and curl the wrists up as high as they go, holding the top for a \
        second.
        4. Forearms that lift off the support bring the biceps in; press them down and reduce \
        the load.
        """),
      CatalogueExercise(
        "Reverse Wrist Curl", muscles: ["wrist extensors"],
        """
        1. Rest the forearms on a bench with palms facing down and the hands hanging over the \
        edge, holding a light bar or dumbbells.
        2. Raise the backs of the hands towards the ceiling for one second while breathing out.
        3. Hold briefly and lower over three seconds to a full but comfortable bend.
        4. These muscles are small, so add repetitions before adding weight and never jerk the \
        bar from the bottom.
        """),
      CatalogueExercise(
        "Farmer's Carry", muscles: ["grip", "trapezius", "core", "forearms"],
        """
        1. Stand between two heavy dumbbells or handles, bend the hips and knees and lift them \
        with a flat back as in a deadlift.
        2. Stand tall with shoulders down, chin level and the weights held just clear of your \
        thighs.
        3. Walk with short, quick and even steps for the set distance, taking shallow breaths \
        against a firm stomach.
        4. Swaying from side to side or craning the neck means the posture has gone; put the \
        weights down and rest before carrying on.
        5. Lower them with bent knees at the end instead of letting them drop from tired \
        fingers.
        """),
      CatalogueExercise(
        "Plate Pinch Hold", muscles: ["thumb flexors", "finger flexors", "forearms"],
        """
        1. Stand two light plates together with the smooth sides out and pinch them between your \
        fingers and thumb.
        2. Lift with a straight back and hold at your side, fingers flat rather than hooked \
        under the rim.
        3. Breathe normally and hold for 15 to 30 seconds, then set the plates down before they \
        slip.
        4. Keep your feet clear of the landing spot and shorten the hold when the plates begin \
        to creep apart.
        """),
      CatalogueExercise(
        "Dead Hang", muscles: ["grip", "forearms", "lats", "shoulders"],
        """
        1. Take a pull-up bar with palms forward at shoulder width, thumbs wrapped around it, \
        and step off the box gently.
        2. Let the arms straighten fully, then draw the shoulders slightly away from the ears so \
        that the joint is supported.
        3. Breathe slowly and hang still for 20 to 60 seconds.
        4. Step back on to the box to finish; letting go suddenly from fatigue is how ankles get \
        turned.
        """),
      CatalogueExercise(
        "Towel Pull-up", muscles: ["grip", "lats", "forearms", "biceps"],
        """
        1. Drape two strong towels over a bar at shoulder width and take each as high as you can \
        with a hard fist.
        2. Hang with straight arms, set the shoulder blades down and pull until your hands are \
        beside your chest.
        3. Lower for three seconds, breathing in, and squeeze the towels again before the next \
        pull.
        4. If your hands slide down the cloth, do timed hangs from the towels first and test the \
        fabric before trusting your weight to it.
        """),
      CatalogueExercise(
        "Wrist Roller", muscles: ["wrist extensors", "wrist flexors", "forearms"],
        """
        1. Hold the roller in front of your thighs or on a support at waist height, with its \
        rope fully unwound and a light weight at the end.
        2. Wind the rope up by turning one wrist after the other through its whole range.
        3. Unwind just as deliberately, resisting with each hand in turn instead of letting the \
        roller spin.
        4. Keep the shoulders down; if they tire before the forearms do, rest the arms on a rack \
        at hip height.
        """),
      CatalogueExercise(
        "Hand Gripper Squeeze", muscles: ["finger flexors", "thumb flexors", "forearms"],
        """
        1. Seat one handle deep against the base of your thumb and wrap all four fingers round \
        the other.
        2. Close it steadily, leading with the ring and little fingers, until the handles touch \
        or nearly do.
        3. Hold for two seconds, then open over two seconds without letting it spring back.
        4. Stop a repetition or two before your strength fails, and train the opening of the \
        fingers as well to keep the elbow happy.
        """),
      CatalogueExercise(
        "Finger Extension with Band", muscles: ["finger extensors", "forearms"],
        """
        1. Put a thick rubber band around all five fingertips, just below the nails, with the \
        fingers gathered together.
        2. Spread the fingers and thumb as wide as you can and pause for a second.
        3. Close slowly against the pull of the band and repeat for 15 to 25 repetitions.
        4. Keep the wrist straight rather than bent back, which lets the stronger forearm \
        muscles take over.
        """),
      CatalogueExercise(
        "Fat-grip Hold", muscles: ["grip", "forearms"],
        """
        1. Fit thick sleeves to a bar in a rack, or wrap it with a towel, and set it at \
        mid-thigh height.
        2. Take a double overhand grip, brace and stand up with the bar using your legs.
        3. Hold for 10 to 20 seconds with the shoulders back, crushing the bar instead of \
        letting it rest in the fingertips.
        4. Lower it to the rack under control as soon as the fingers begin to open; resting the \
        bar on your thighs does not count.
        """),
    ])
}
