extension Catalogue {
  static let cardioAndConditioning = CatalogueGroup(
    "Cardio & Conditioning",
    [
      CatalogueExercise(
        "Easy Run", muscles: ["cardiovascular system", "quadriceps", "hamstrings", "calves"],
        """
        1. Walk briskly for five minutes, then settle into a pace at which you could speak in \
        full sentences.
        2. Run tall with relaxed shoulders, elbows near right angles and feet landing beneath \
        you.
        3. Use short, quick steps and breathe from the belly at whatever rhythm comes naturally.
        4. Starting too fast is the usual mistake; if you cannot talk, slow down or walk for a \
        minute.
        """),
      CatalogueExercise(
        "Interval Run", muscles: ["cardiovascular system", "hamstrings", "glutes", "calves"],
        """
        1. Warm up with at least ten minutes of easy running and a few gradual accelerations.
        2. Run hard for one to three minutes at a pace that you could hold for about ten minutes \
        in all.
        3. Recover with an equal time of walking or slow jogging until the breath has come back.
        4. Repeat four to eight times and keep the last as fast as the first; a big drop means \
        that the early ones were too quick.
        5. Finish with five to ten minutes of easy movement.
        """),
      CatalogueExercise(
        "Rowing Machine",
        muscles: ["cardiovascular system", "upper back", "lats", "quadriceps", "glutes"],
        """
        1. Strap the feet over the widest part, hold the handle loosely and sit tall at the \
        front with shins upright.
        2. Push with the legs first, swing the torso back a little and only then draw the handle \
        to the lower ribs.
        3. Return in the reverse order: arms, body, knees, taking about twice as long as the \
        drive.
        4. Breathe out on the drive and in on the return at 18 to 26 strokes a minute.
        5. Bending the knees before the handle has passed them makes it loop upwards; wait for \
        the hands to go by.
        """),
      CatalogueExercise(
        "Stationary Bike", muscles: ["cardiovascular system", "quadriceps", "glutes", "calves"],
        """
        1. Set the saddle so that the knee is slightly bent at the bottom of the pedal stroke.
        2. Warm up for five minutes and settle at 80 to 95 turns a minute against moderate \
        resistance.
        3. Keep a light grip, relaxed shoulders and smooth pressure all the way round the \
        circle.
        4. Hips that rock from side to side mean the saddle is too high; lower it a little at a \
        time until they are quiet.
        """),
      CatalogueExercise(
        "Skipping Rope", muscles: ["calves", "cardiovascular system", "forearms", "shoulders"],
        """
        1. Stand on the middle of the rope to check that the handles reach your armpits.
        2. Turn the rope from the wrists with elbows close to your ribs.
        3. Make low hops just high enough for the rope to pass, landing on the balls of the \
        feet.
        4. Jumping high and swinging from the shoulders tires you fast; practise 20 to 30 \
        seconds at a time and rest as long.
        """),
      CatalogueExercise(
        "Mountain Climber", muscles: ["core", "hip flexors", "shoulders", "cardiovascular system"],
        """
        1. Take a firm plank with hands under the shoulders and hips level.
        2. Drive one knee towards the chest, then change legs as the first returns.
        3. Keep a steady rhythm and breathe out every second or third change.
        4. Bouncing hips are the common fault; slow down until your back could balance a book.
        """),
      CatalogueExercise(
        "Jumping Jack", muscles: ["cardiovascular system", "calves", "shoulders", "hip abductors"],
        """
        1. Stand with feet together and arms at your sides.
        2. Hop the feet apart while raising the arms overhead, and hop them back as the arms \
        come down.
        3. Stay on the balls of the feet with soft knees and breathe in an even rhythm.
        4. Landing flat and stiff jars the shins; step out to one side at a time if you prefer \
        no impact.
        """),
      CatalogueExercise(
        "Battle Rope Wave", muscles: ["shoulders", "core", "forearms", "cardiovascular system"],
        """
        1. Hold the ends of the rope with thumbs up, feet at shoulder width and knees bent in a \
        quarter squat.
        2. Whip one arm up and down after the other so that waves travel right to the anchor.
        3. Keep the torso still, shoulders down and breathing steady for 15 to 30 seconds.
        4. If the waves die halfway, step forwards to give the rope more slack or make each \
        stroke shorter and faster.
        """),
      CatalogueExercise(
        "Stair Climb", muscles: ["quadriceps", "glutes", "calves", "cardiovascular system"],
        """
        1. Stand tall at the foot of the stairs or on the machine with the whole foot on each \
        step.
        2. Drive through the heel to straighten the hip before the other leg takes over.
        3. Find a pace at which you can breathe in for two or three steps and out for as many.
        4. Hanging on the handrails takes off much of the work; touch them with fingertips only, \
        and slow down if you need them.
        """),
      CatalogueExercise(
        "Shuttle Sprint", muscles: ["cardiovascular system", "quadriceps", "hamstrings", "glutes"],
        """
        1. Mark two lines 10 to 20 metres apart on a surface with good grip and warm up \
        thoroughly.
        2. Sprint to the far line, shorten the steps for the last few metres and drop the hips \
        to brake.
        3. Turn on the outside foot, touch the line and accelerate low out of the turn.
        4. Rest for three times as long as the run took before the next one.
        5. Turn to a different side on each run; upright braking on a straight leg is what hurts \
        knees.
        """),
      CatalogueExercise(
        "Brisk Incline Walk", muscles: ["cardiovascular system", "glutes", "calves", "hamstrings"],
        """
        1. Find a steady hill, or set a treadmill to a slope of 5 to 12 per cent.
        2. Walk with a tall body leaning slightly from the ankles, arms swinging freely.
        3. Push off through the big toe and keep a pace at which talking is possible but a \
        little broken.
        4. Holding the treadmill rail cancels the slope; reduce the incline rather than hang on.
        """),
    ])
}
