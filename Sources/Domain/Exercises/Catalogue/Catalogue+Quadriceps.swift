extension Catalogue {
  static let quadriceps = CatalogueGroup(
    "Quadriceps",
    [
      CatalogueExercise(
        "Back Squat", muscles: ["quadriceps", "glutes", "adductors", "core"],
        """
        1. Set the bar across the upper back with a firm grip, step out in two or three paces \
        and stand with feet about shoulder-width apart, toes slightly out.
        2. Take a deep breath into the belly, brace, and sit down between the hips while the \
        knees travel in line with the toes.
        3. Descend until the hip crease is level with the knee or lower, as far as your back \
        stays neutral.
        4. Push the whole foot through the floor and rise with chest and hips together, \
        breathing out near the top.
        5. Knees that cave inwards are the most common fault; think of spreading the floor \
        apart, and squat inside safety bars.
        """),
      CatalogueExercise(
        "Front Squat", muscles: ["quadriceps", "glutes", "upper back", "core"],
        """
        1. Rest the bar on the front of the shoulders with the elbows high, either with \
        fingertips under the bar or arms crossed.
        2. Breathe in, brace and sit straight down with the knees moving forwards over the toes.
        3. Keep the elbows lifted as you drive up out of the bottom, breathing out past halfway.
        4. When the elbows drop, the bar rolls forwards and the back rounds; stop the set as \
        soon as you cannot keep them up.
        """),
      CatalogueExercise(
        "Goblet Squat", muscles: ["quadriceps", "glutes", "core"],
        """
        1. Hold a dumbbell or kettlebell against your chest with both hands, elbows pointing \
        down, feet a little wider than your hips.
        2. Sit down over two to three seconds until the elbows pass inside the knees, keeping \
        heels planted.
        3. Pause for a second at the bottom with the chest tall, then stand up and breathe out.
        4. Heels that lift call for a slightly wider stance or small plates under them until \
        your ankles loosen.
        """),
      CatalogueExercise(
        "Leg Press", muscles: ["quadriceps", "glutes", "adductors"],
        """
        1. Sit with your back and hips flat on the pads and place your feet at shoulder width in \
        the middle of the platform.
        2. Release the safety, breathe in and lower for two to three seconds until the knees are \
        bent to about a right angle or just past it.
        3. Press through the whole foot as you breathe out and stop just short of locking the \
        knees.
        4. If your hips curl up off the seat at the bottom you have gone too deep; reduce the \
        range or move the back rest.
        """),
      CatalogueExercise(
        "Leg Extension", muscles: ["quadriceps"],
        """
        1. Line your knees up with the pivot of the machine and set the roller just above the \
        front of the ankles.
        2. Hold the handles, breathe out and straighten the legs until the thighs are fully \
        tensed.
        3. Squeeze for a second and lower for three without letting the stack touch down.
        4. Kicking the weight up stresses the knees; begin each repetition smoothly and stay \
        seated against the back rest.
        """),
      CatalogueExercise(
        "Bulgarian Split Squat", muscles: ["quadriceps", "glutes", "adductors"],
        """
        1. Stand a long stride in front of a bench and rest the top of the rear foot on it, hips \
        facing forwards.
        2. Breathe in and drop the back knee straight down until the front thigh is about level \
        with the floor.
        3. Drive through the middle of the front foot to stand, leaning the torso only slightly.
        4. Pushing off the rear leg or wobbling means the stride is too short or narrow; set the \
        feet on two rails, not one line.
        """),
      CatalogueExercise(
        "Walking Lunge", muscles: ["quadriceps", "glutes", "hamstrings"],
        """
        1. Stand tall with hands on hips or dumbbells at your sides and take a long, relaxed \
        step forwards.
        2. Lower until both knees are bent to about 90 degrees and the rear knee hovers above \
        the floor.
        3. Push through the front heel and bring the rear leg forwards straight into the next \
        step, breathing out.
        4. Step out at hip width to keep balance, and do not let the front knee dive inwards as \
        you land.
        """),
      CatalogueExercise(
        "Step-up", muscles: ["quadriceps", "glutes"],
        """
        1. Choose a box that puts your knee no higher than your hip and place one whole foot on \
        it.
        2. Lean slightly forwards and stand up by pressing through that foot until the hip is \
        straight.
        3. Lower for three seconds, touching the floor lightly with the other foot before the \
        next repetition.
        4. Springing off the lower leg is the usual shortcut; lift the toes of that foot so that \
        it cannot help.
        """),
      CatalogueExercise(
        "Wall Sit", muscles: ["quadriceps", "glutes"],
        """
        1. Lean your back against a wall and slide down until your thighs are level with the \
        floor and your shins upright.
        2. Press the heels down, keep the back flat on the wall and rest your hands at your \
        sides.
        3. Hold for 20 to 60 seconds and breathe steadily instead of holding your breath.
        4. Do not brace the hands on the thighs; slide up a few centimetres if you must in order \
        to finish the time.
        """),
      CatalogueExercise(
        "Hack Squat", muscles: ["quadriceps", "glutes"],
        """
        1. Stand in the machine with shoulders under the pads, back flat and feet at hip width a \
        little ahead of the body.
        2. Unlock the sled, breathe in and descend for three seconds until the thighs pass \
        level.
        3. Press up evenly through heel and forefoot, breathing out, and keep a slight bend at \
        the top.
        4. Feet too low on the plate lift the heels; move them up until the whole sole stays \
        down.
        """),
    ])
}
