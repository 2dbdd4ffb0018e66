extension Catalogue {
  static let fullBody = CatalogueGroup(
    "Full Body",
    [
      CatalogueExercise(
        "Burpee", muscles: ["quadriceps", "chest", "core", "shoulders", "cardiovascular system"],
        """
        1. Stand with feet at hip width, squat down and put your hands flat on the floor just in \
        front of your toes.
        2. Jump or step the feet back to a firm plank and lower your chest to the floor if you \
        can do so without sagging.
        3. Press up, bring the feet back under you with flat heels and jump, reaching overhead.
        4. Land softly on bent knees and find a breathing rhythm of one breath a repetition.
        5. Choose a pace that you can keep; when the plank begins to collapse, step back instead \
        of jumping.
        """),
      CatalogueExercise(
        "Dumbbell Thruster", muscles: ["quadriceps", "shoulders", "glutes", "triceps"],
        """
        1. Hold the dumbbells on your shoulders with elbows slightly forwards and feet at \
        shoulder width.
        2. Breathe in and squat until the thighs are level with the floor, chest tall.
        3. Stand up fast and use that momentum to press the dumbbells overhead, breathing out.
        4. Lower them to the shoulders before you begin the next squat.
        5. Pressing too early is the common mistake; wait until the hips are straight and the \
        arms will have little left to do.
        """),
      CatalogueExercise(
        "Turkish Get-up", muscles: ["shoulders", "core", "glutes", "quadriceps"],
        """
        1. Lie on your back with a kettlebell held straight above one shoulder, that side's knee \
        bent and the other arm and leg at 45 degrees.
        2. Keep your eyes on the weight, roll on to the free elbow and then up to the hand.
        3. Bridge the hips, sweep the straight leg under you to a kneeling position and turn to \
        face forwards.
        4. Stand up from the lunge, then retrace every step until you lie down again.
        5. Never hurry: a bent elbow or wrist lets the weight drift, so practise with a shoe \
        balanced on your fist first.
        """),
      CatalogueExercise(
        "Kettlebell Clean and Press",
        muscles: ["shoulders", "glutes", "hamstrings", "triceps", "core"],
        """
        1. Hinge, swing the kettlebell back between your legs and snap the hips to bring it up \
        close to the body.
        2. Slip the hand round it so that it lands softly in the crook of the arm at shoulder \
        height, wrist straight.
        3. Brace glutes and stomach and press overhead until the arm is beside your ear, \
        breathing out.
        4. Lower it to the shoulder, then let it fall into the next swing.
        5. A banged forearm means that the bell flew out too far; keep the elbow close and guide \
        the hand around it early.
        """),
      CatalogueExercise(
        "Man Maker", muscles: ["chest", "upper back", "shoulders", "quadriceps", "core"],
        """
        1. Begin in a plank with hands on two dumbbells and feet wide, then perform one push-up.
        2. Row one dumbbell to your ribs and then the other, holding the hips level.
        3. Jump or step the feet in, clean the dumbbells to the shoulders and squat.
        4. Stand and press overhead, then return the dumbbells to the floor with a flat back.
        5. Hexagonal dumbbells stop rolling; if your hips twist in the rows, widen the feet or \
        take less weight.
        """),
      CatalogueExercise(
        "Bear Crawl", muscles: ["shoulders", "core", "quadriceps"],
        """
        1. Kneel on all fours with hands under shoulders, then lift the knees a few centimetres \
        from the floor.
        2. Move the opposite hand and foot forwards together in short steps, keeping your back \
        flat.
        3. Breathe steadily and look at the floor just ahead of your hands.
        4. Hips that rise or sway side to side are the common fault; imagine a full glass of \
        water standing on your lower back.
        """),
      CatalogueExercise(
        "Sled Push", muscles: ["quadriceps", "glutes", "calves", "core"],
        """
        1. Take the posts with arms straight or bent, lean until body and floor make about 45 \
        degrees and brace.
        2. Drive one knee forwards and push the floor behind you with short, powerful steps.
        3. Keep your head in line with the spine and breathe out with every second or third \
        step.
        4. Standing too upright wastes the push; lower the hands, and shorten the stride if the \
        feet slip.
        """),
      CatalogueExercise(
        "Sandbag Shouldering", muscles: ["glutes", "hamstrings", "upper back", "biceps", "core"],
        """
        1. Straddle the bag, bend at hips and knees and wrap both arms underneath it.
        2. Squeeze it against your body and stand up to bring it on to your lap or waist.
        3. Drop the hips a little, then thrust them forwards to roll the bag up over one \
        shoulder.
        4. Stand tall for a breath, lower it the same way and change shoulders each time.
        5. Rounding to snatch it up with the arms is the fault to prevent; hug it tight before \
        you let the hips work.
        """),
      CatalogueExercise(
        "Dumbbell Renegade Row", muscles: ["lats", "core", "upper back", "triceps"],
        """
        1. Set up in a plank over two dumbbells, hands under shoulders and feet wider than the \
        hips.
        2. Press one dumbbell hard into the floor while you pull the other to your lower ribs, \
        breathing out.
        3. Lower without a thud and change sides.
        4. If the hips rotate, spread the feet further or row from the knees; a still pelvis \
        matters more than the load.
        """),
      CatalogueExercise(
        "Wall Ball Throw", muscles: ["quadriceps", "glutes", "shoulders", "core"],
        """
        1. Hold a medicine ball at chest height and face a wall about an arm's length away.
        2. Sit into a full squat with heels down and the ball still high.
        3. Drive up and throw the ball to a target above head height as you breathe out.
        4. Catch it with soft arms on the way down and flow into the next squat.
        5. When the elbows begin to drop and the ball pulls you forwards, rest; a lighter ball \
        thrown cleanly trains more.
        """),
    ])
}
