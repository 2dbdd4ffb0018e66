extension Catalogue {
  static let calves = CatalogueGroup(
    "Calves",
    [
      CatalogueExercise(
        "Standing Calf Raise", muscles: ["gastrocnemius", "soleus"],
        """
        1. Stand with the balls of your feet on a step, heels hanging free and a hand on \
        something steady.
        2. Sink the heels for two seconds to a full stretch and pause there for another.
        3. Rise straight up over the big toe joints as high as you can, breathing out, and hold \
        for a second.
        4. Bouncing out of the bottom lets the tendon do the work; the pause is what makes the \
        repetition count.
        """),
      CatalogueExercise(
        "Seated Calf Raise", muscles: ["soleus"],
        """
        1. Sit with the balls of your feet on the platform and the pad resting just above your \
        knees.
        2. Release the support and lower the heels for three seconds until the calves stretch.
        3. Press up as far as possible, squeeze for two seconds and lower again without a \
        rebound.
        4. Feet that roll outwards at the top need attention: keep the weight over the big and \
        second toes.
        """),
      CatalogueExercise(
        "Single-leg Calf Raise", muscles: ["gastrocnemius", "soleus", "ankle stabilisers"],
        """
        1. Stand on one foot at the edge of a step with fingertips against a wall for balance \
        only.
        2. Lower the heel for three seconds below the step, knee straight.
        3. Rise to full height over one second and pause before the next repetition.
        4. Once you cannot reach the same height as on the first repetition, rest; pulling with \
        the hands to finish hides the gap between sides.
        """),
      CatalogueExercise(
        "Leg Press Calf Press", muscles: ["gastrocnemius", "soleus"],
        """
        1. Sit in a leg press with the balls of your feet on the lower edge of the platform and \
        knees almost straight, safety stops in place.
        2. Let the platform bend your ankles back slowly until you feel the stretch.
        3. Push through the toes to point the feet fully, hold for a second and return over \
        three.
        4. Do not bend and straighten the knees to help, and wear shoes with grip so that the \
        feet cannot slide off.
        """),
      CatalogueExercise(
        "Donkey Calf Raise", muscles: ["gastrocnemius", "soleus"],
        """
        1. Fold forwards at the hips with forearms on a waist-high support and the balls of your \
        feet on a block.
        2. With straight knees and a flat back, lower the heels as far as they comfortably go.
        3. Rise on to your toes, breathe out and hold the top for a second.
        4. Keep the hips over the feet; shifting backwards and forwards turns the set into a \
        rocking motion.
        """),
      CatalogueExercise(
        "Bent-knee Calf Raise", muscles: ["soleus", "gastrocnemius"],
        """
        1. Stand facing a wall with hands on it, feet hip-width apart, and bend the knees to \
        about 30 degrees.
        2. Keep that bend while you lift the heels as high as possible, breathing out.
        3. Lower over three seconds and touch the heels down lightly.
        4. Straightening the knees on the way up hands the work to another muscle; check side-on \
        in a mirror that their angle stays fixed.
        """),
      CatalogueExercise(
        "Tibialis Raise", muscles: ["tibialis anterior"],
        """
        1. Lean your back and hips against a wall with straight legs and your heels about two \
        foot-lengths in front of it.
        2. Pull the toes and forefeet up towards the shins as far as they go.
        3. Hold for a second and lower slowly until the soles touch the floor.
        4. Bending the hips to help is the usual cheat; move the feet closer to the wall to make \
        it easier instead.
        """),
      CatalogueExercise(
        "Weighted Toe Walk", muscles: ["gastrocnemius", "soleus", "ankle stabilisers"],
        """
        1. Rise high on to the balls of your feet with legs straight and posture tall, a \
        dumbbell in each hand once the unloaded version is easy.
        2. Walk forwards in small steps, keeping the heels as high on the last step as on the \
        first.
        3. Breathe normally and cover 15 to 20 metres before resting.
        4. Ankles that wobble outwards call for slower steps with the pressure under the big \
        toe.
        """),
      CatalogueExercise(
        "Smith Machine Calf Raise", muscles: ["gastrocnemius", "soleus"],
        """
        1. Place a block under the bar, set the bar on your upper back and stand with the balls \
        of your feet on the block.
        2. Unhook the bar, brace and lower the heels for two seconds to a deep stretch.
        3. Drive up evenly through both feet and hold the top for a second.
        4. Leave the safety hooks set just under your lowest position, and keep the knees \
        straight but not jammed back.
        """),
    ])
}
