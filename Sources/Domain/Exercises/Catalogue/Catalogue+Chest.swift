extension Catalogue {
  static let chest = CatalogueGroup(
    "Chest",
    [
      CatalogueExercise(
        "Push-up", muscles: ["chest", "triceps", "front deltoids", "core"],
        """
        1. Place your hands a little wider than your shoulders, straighten your legs behind you \
        and brace your stomach and glutes so that head, hips and heels form one line.
        2. Breathe in and lower for about two seconds, letting the elbows travel back at roughly \
        45 degrees to your ribs, until your chest is a fist's height from the floor.
        3. Breathe out and press the floor away until the arms are straight and the shoulder \
        blades have spread apart.
        4. If your hips sag or your chin reaches the floor first, raise your hands on a bench \
        until you can keep the line for the whole set.
        """),
      CatalogueExercise(
        "Barbell Bench Press", muscles: ["chest", "triceps", "front deltoids"],
        """
        1. Lie with your eyes under the bar, feet flat, and pull your shoulder blades back and \
        down so the upper back is firmly wedged into the bench.
        2. Grip the bar so that your forearms are vertical at the bottom, lift it out over your \
        shoulders with straight arms and settle before you begin.
        3. Take a big breath, lower the bar under control to the lower part of the breastbone \
        and touch without bouncing.
        4. Drive the bar up and slightly back towards the rack, breathing out once you are past \
        the hardest point.
        5. Keep wrists stacked over elbows and your backside on the bench; work with a spotter \
        or safety bars whenever the weight is heavy.
        """),
      CatalogueExercise(
        "Incline Dumbbell Press", muscles: ["upper chest", "front deltoids", "triceps"],
        """
        1. Set the bench to about 30 degrees, rest the dumbbells on your thighs and kick them up \
        one at a time as you lie back.
        2. Start with the dumbbells over your shoulders, palms facing forwards or turned \
        slightly inwards, shoulder blades pinned to the bench.
        3. Breathe in as you lower for two to three seconds until the handles are level with \
        your upper chest and the forearms are still vertical.
        4. Press up and gently inwards as you breathe out, stopping just before the dumbbells \
        knock together.
        5. A bench set too steep turns this into a shoulder press; drop the angle if you feel it \
        only at the front of the shoulders.
        """),
      CatalogueExercise(
        "Flat Dumbbell Press", muscles: ["chest", "triceps", "front deltoids"],
        """
        1. Lie back with a dumbbell in each hand over your chest, feet planted and shoulder \
        blades squeezed together.
        2. Lower with the elbows about 45 to 60 degrees from your sides until you feel a \
        comfortable stretch across the chest.
        3. Breathe out and press both dumbbells at the same speed, finishing with the arms \
        straight above the shoulders.
        4. Watch that the wrists do not fold backwards; keep each handle directly over its elbow \
        all the way.
        """),
      CatalogueExercise(
        "Dumbbell Fly", muscles: ["chest", "front deltoids"],
        """
        1. Lie on a flat bench holding light dumbbells above your chest with palms facing each \
        other and a slight, fixed bend in the elbows.
        2. Breathe in and open the arms in a wide arc for three seconds until the upper arms are \
        level with the bench.
        3. Bring the arms back along the same arc while breathing out, as if hugging a wide \
        barrel.
        4. If the elbows bend more on the way down, it has become a press; choose lighter \
        dumbbells and keep the elbow angle frozen.
        """),
      CatalogueExercise(
        "Cable Crossover", muscles: ["chest", "front deltoids"],
        """
        1. Set both pulleys a little above shoulder height, take a handle in each hand and step \
        forwards into a staggered stance with a slight lean.
        2. With soft elbows and the chest lifted, let the handles draw your arms back until the \
        chest is stretched but the shoulders stay down.
        3. Sweep the hands down and together in front of your hips, pause for a second and \
        squeeze, breathing out.
        4. Return slowly over three seconds, never letting the weight stack drop.
        5. Rocking the body to start the movement means the load is too heavy; the torso should \
        stay still from first repetition to last.
        """),
      CatalogueExercise(
        "Chest Dip", muscles: ["lower chest", "triceps", "front deltoids"],
        """
        1. Support yourself on parallel bars with straight arms, bend your knees and lean the \
        torso forwards about 30 degrees.
        2. Breathe in and lower with the elbows drifting slightly outwards until the upper arms \
        are about level with the floor.
        3. Keep the lean as you press back up, breathing out, and finish tall without shrugging \
        towards your ears.
        4. Stop the descent as soon as the shoulders roll forwards; use a band or an assisted \
        machine until you own the depth.
        """),
      CatalogueExercise(
        "Machine Chest Press", muscles: ["chest", "triceps", "front deltoids"],
        """
        1. Adjust the seat so that the handles line up with the middle of your chest, and sit \
        with your back and head against the pad.
        2. Draw the shoulder blades back, breathe out and push the handles forwards until the \
        arms are nearly straight.
        3. Return over two to three seconds until you feel a stretch, without letting the plates \
        touch down.
        4. Do not let the shoulders slide forwards off the pad at the end of the press; end the \
        push when the arms, not the shoulders, run out of reach.
        """),
      CatalogueExercise(
        "Incline Push-up", muscles: ["chest", "triceps", "front deltoids"],
        """
        1. Put your hands shoulder-width apart on the edge of a sturdy bench or bar and walk \
        your feet back into a straight line.
        2. Lower your breastbone towards the edge for two seconds, brushing your elbows past \
        your ribs.
        3. Pause briefly without resting on the bench, then press away and breathe out.
        4. Resist the urge to pike at the hips; squeeze your glutes before each repetition. \
        Choose a lower edge as you grow stronger.
        """),
      CatalogueExercise(
        "Floor Press", muscles: ["chest", "triceps"],
        """
        1. Lie on the floor with knees bent, the bar or dumbbells held over your chest and the \
        shoulder blades tucked under you.
        2. Breathe in and lower until the backs of your upper arms rest softly on the floor, \
        elbows about 45 degrees from your sides.
        3. Pause for a full second with your tension kept, then press up hard and breathe out.
        4. Crashing the elbows down jars the joint and loses the benefit of the pause, so slow \
        the last few centimetres.
        """),
    ])
}
