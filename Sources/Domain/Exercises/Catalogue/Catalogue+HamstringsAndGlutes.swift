extension Catalogue {
  static let hamstringsAndGlutes = CatalogueGroup(
    "Hamstrings & Glutes",
    [
      CatalogueExercise(
        "Conventional Deadlift",
        muscles: ["glutes", "hamstrings", "lower back", "upper back", "grip"],
        """
        1. Stand with the bar over the middle of your feet, feet hip-width apart, and reach down \
        to grip it just outside the shins.
        2. Bring the shins to the bar, lift the chest until the back is flat and pull the slack \
        out so that your arms and the bar are taut.
        3. Breathe in, brace and push the floor away, keeping the bar against your legs all the \
        way.
        4. Finish by standing tall with the glutes squeezed, then send the hips back and lower \
        the bar along the same line.
        5. Hips that shoot up first leave the back to do the lifting; wait for the legs to start \
        the bar and lower the weight if they cannot.
        """),
      CatalogueExercise(
        "Romanian Deadlift", muscles: ["hamstrings", "glutes", "lower back"],
        """
        1. Stand holding the bar at your thighs with feet hip-width apart and knees slightly \
        bent.
        2. Push your hips straight back and let the bar slide down the thighs over three \
        seconds, breathing in.
        3. Stop when the hamstrings are tight and the back is still flat, usually just below the \
        knee.
        4. Drive the hips forwards to stand, breathing out and squeezing the glutes.
        5. Chasing the floor by rounding the back is the common fault; the depth is set by the \
        hips, not the hands.
        """),
      CatalogueExercise(
        "Barbell Hip Thrust", muscles: ["glutes", "hamstrings"],
        """
        1. Sit with your shoulder blades against the long side of a bench, a padded bar across \
        the hips and feet flat at shoulder width.
        2. Tuck the chin, brace and drive the hips up until the torso is level and the shins are \
        vertical.
        3. Hold the top for a second with a hard squeeze, breathing out, then lower over two \
        seconds.
        4. If you feel it in the lower back, keep the ribs down and finish with the pelvis \
        tucked, not arched.
        """),
      CatalogueExercise(
        "Glute Bridge", muscles: ["glutes", "hamstrings", "core"],
        """
        1. Lie on your back with knees bent and heels about a hand's length from your hips, arms \
        resting at your sides.
        2. Press the lower back lightly into the floor, then push through the heels to raise the \
        hips in line with knees and shoulders.
        3. Hold for two seconds, breathing out, and lower slowly one segment at a time.
        4. Cramping hamstrings suggest that the feet are too far away; walk them closer and \
        squeeze the glutes first.
        """),
      CatalogueExercise(
        "Lying Leg Curl", muscles: ["hamstrings", "calves"],
        """
        1. Lie face down with knees just past the edge of the bench and the roller resting above \
        your heels.
        2. Press your hips into the pad, breathe out and curl the heels towards your backside.
        3. Pause at the top and lower for three seconds until the legs are nearly straight.
        4. Hips that rise off the pad shorten the range; use less weight and keep your thighs \
        heavy on the bench.
        """),
      CatalogueExercise(
        "Nordic Hamstring Curl", muscles: ["hamstrings", "glutes"],
        """
        1. Kneel on a pad with your ankles held by a partner or strap, body upright from knees \
        to head.
        2. Squeeze the glutes and lean forwards as slowly as you can, resisting with the backs \
        of the thighs.
        3. Catch yourself with your hands when you can no longer brake, then push off lightly to \
        return.
        4. Bending at the hips makes it easier but misses the point; a band around the chest \
        helps you keep the line.
        5. Begin with two or three repetitions, as the soreness afterwards is considerable.
        """),
      CatalogueExercise(
        "Kettlebell Swing", muscles: ["glutes", "hamstrings", "lower back", "core"],
        """
        1. Stand a foot's length behind the kettlebell, hinge with a flat back and tilt it \
        towards you with both hands.
        2. Hike it back high between the thighs, then snap the hips straight so that it floats \
        to chest height.
        3. Breathe out sharply at the top with glutes and stomach tight, and let it fall before \
        hinging again.
        4. Squatting the weight up or lifting with the arms is the frequent error; the knees \
        bend little and the arms only guide.
        """),
      CatalogueExercise(
        "Single-leg Romanian Deadlift", muscles: ["hamstrings", "glutes", "deep core"],
        """
        1. Stand on one leg with a soft knee and hold a dumbbell in the opposite hand.
        2. Tip forwards from the hip while the free leg reaches back, keeping both hip bones \
        facing the floor.
        3. Go as far as the back stays flat and the stretch is felt, then drive the standing \
        heel down to return.
        4. If balance fails, fix your eyes on a spot ahead or rest the free hand on a wall; do \
        not let the hip open outwards.
        """),
      CatalogueExercise(
        "Cable Pull-through", muscles: ["glutes", "hamstrings"],
        """
        1. Face away from a low pulley with the rope between your legs and walk forwards until \
        it pulls you gently back.
        2. Push the hips back with a flat spine, letting your hands travel between the thighs.
        3. Stand up by driving the hips forwards and finish with a tight squeeze, arms relaxed.
        4. Do not pull with the arms or lean back at the end; the rope should simply follow the \
        hips.
        """),
      CatalogueExercise(
        "Good Morning", muscles: ["hamstrings", "lower back", "glutes"],
        """
        1. Place a light bar across your upper back as for a squat, feet hip-width apart and \
        knees soft.
        2. Breathe in, brace and push the hips back until the torso nears level or the \
        hamstrings stop you.
        3. Return by squeezing the glutes and breathing out as you come upright.
        4. Learn it with an empty bar: any rounding of the back under load means the set is \
        over.
        """),
      CatalogueExercise(
        "Side-lying Hip Abduction", muscles: ["gluteus medius", "hip abductors"],
        """
        1. Lie on your side with the lower leg bent, the upper leg straight and slightly behind \
        the line of your body.
        2. Turn the toes slightly towards the floor and lift the leg to about 40 degrees while \
        breathing out.
        3. Hold for a second and lower over three seconds without resting it.
        4. If the pelvis rolls back, the hip flexors take over; lie with your back to a wall and \
        keep the heel touching it.
        """),
    ])
}
