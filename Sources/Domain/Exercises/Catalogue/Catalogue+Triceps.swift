extension Catalogue {
  static let triceps = CatalogueGroup(
    "Triceps",
    [
      CatalogueExercise(
        "Close-grip Bench Press", muscles: ["triceps", "chest", "front deltoids"],
        """
        1. Lie as for a bench press but take the bar with hands at shoulder width, wrists \
        straight over the forearms.
        2. Breathe in and lower the bar to the bottom of your breastbone with the elbows tucked \
        about 30 degrees from your sides.
        3. Press up and slightly back until the elbows lock, breathing out.
        4. Hands placed closer than shoulder width bend the wrists and add nothing; widen until \
        they feel comfortable.
        """),
      CatalogueExercise(
        "Cable Pushdown", muscles: ["triceps"],
        """
        1. Stand before a high pulley with a bar or rope, elbows at your sides and forearms just \
        above level.
        2. Breathe out and straighten the arms completely, pushing the hands down towards your \
        thighs.
        3. Squeeze for a second and let the forearms rise for two to three seconds without the \
        elbows moving.
        4. Leaning your bodyweight over the handle is cheating in disguise; step back half a \
        pace and stand tall.
        """),
      CatalogueExercise(
        "Overhead Dumbbell Extension", muscles: ["triceps"],
        """
        1. Sit or stand tall, hold one dumbbell in both hands overhead with your palms under the \
        upper plate and elbows by your ears.
        2. Breathe in and lower behind the head for three seconds until you feel a strong \
        stretch in the backs of the arms.
        3. Extend the elbows to bring the weight overhead again, breathing out.
        4. Keep the ribs drawn down: an arching back means the shoulders lack the range or the \
        dumbbell is too heavy.
        """),
      CatalogueExercise(
        "Skull Crusher", muscles: ["triceps"],
        """
        1. Lie on a bench holding an angled bar above your forehead rather than your chest, so \
        that the upper arms tip slightly back.
        2. Bend only the elbows and lower the bar over three seconds to a point just behind the \
        top of your head.
        3. Straighten the arms along the same arc as you breathe out, keeping the upper arms at \
        their tilt.
        4. Elbows that splay outwards shift the work and irritate the joint; point them at the \
        ceiling and lighten the bar if they will not stay.
        """),
      CatalogueExercise(
        "Bench Dip", muscles: ["triceps", "front deltoids", "chest"],
        """
        1. Sit on the edge of a bench with hands beside your hips, walk the feet out and slide \
        your backside just clear of the edge.
        2. Lower straight down, elbows pointing behind you, until the upper arms are no lower \
        than level with the floor.
        3. Press through the heels of your hands to straight arms while breathing out.
        4. Stay close to the bench and do not sink deeper than the shoulders allow; bend your \
        knees to take weight off.
        """),
      CatalogueExercise(
        "Dumbbell Kickback", muscles: ["triceps", "rear deltoids"],
        """
        1. Hinge forwards with one hand supported, and lift the other elbow until the upper arm \
        lies along your side, level with the torso.
        2. Straighten the elbow to send the dumbbell back, breathing out, and hold the lockout \
        for a second.
        3. Lower slowly until the forearm is vertical again, with the upper arm motionless.
        4. A dropping elbow or a swinging dumbbell spoils it; use a weight that you can hold \
        still at the top.
        """),
      CatalogueExercise(
        "Diamond Push-up", muscles: ["triceps", "chest", "front deltoids"],
        """
        1. From a push-up position bring the hands together under your breastbone so that thumbs \
        and forefingers nearly touch.
        2. Lower for two seconds with your elbows brushing your sides until the chest meets your \
        hands.
        3. Press up strongly while breathing out and lock the elbows without losing the straight \
        line of the body.
        4. If the wrists complain, separate the hands by a palm's width; if the hips sag, work \
        from the knees or an incline.
        """),
      CatalogueExercise(
        "Overhead Cable Extension", muscles: ["triceps", "core"],
        """
        1. Fix a rope to a low or middle pulley, turn your back to it and take a split stance \
        with the rope behind your head.
        2. Lean forwards slightly, keep the elbows beside your ears and extend until the arms \
        are straight, parting the rope ends.
        3. Return over three seconds to a deep stretch behind the head.
        4. Let the elbows neither drift wide nor drop; if the cable pulls you out of position, \
        take one plate off.
        """),
      CatalogueExercise(
        "JM Press", muscles: ["triceps", "chest"],
        """
        1. Lie on a flat bench with hands just inside shoulder width and hold the bar above your \
        upper chest.
        2. Lower it in a straight line towards your collarbones by bending the elbows while \
        letting them travel slightly forwards, stopping when forearms meet upper arms.
        3. Reverse the motion and press to straight arms, breathing out as the bar rises.
        4. Keep a full grip and practise with an empty bar first, since this hybrid of a press \
        and an extension is unforgiving of a bar that wanders.
        """),
    ])
}
