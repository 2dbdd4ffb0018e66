extension Catalogue {
  static let plyometrics = CatalogueGroup(
    "Plyometrics",
    [
      CatalogueExercise(
        "Box Jump", muscles: ["quadriceps", "glutes", "calves"],
        """
        1. Stand about half a step from a sturdy box that you can reach without tucking the \
        knees to your chest.
        2. Dip quickly, swing the arms back and jump, landing with both feet entirely on the \
        box.
        3. Land quietly in a quarter squat, stand up tall and breathe out.
        4. Step down one foot at a time; jumping back down adds impact without training the \
        take-off.
        5. A deep, folded landing means that the box is too high. Choose one that lets you land \
        as you took off.
        """),
      CatalogueExercise(
        "Depth Jump", muscles: ["quadriceps", "glutes", "calves"],
        """
        1. Stand on a box of 20 to 40 centimetres and step off with one foot instead of hopping \
        up.
        2. Land on the balls of both feet and rebound upwards at once, spending as little time \
        on the floor as possible.
        3. Reach for the highest point, land softly and reset completely before the next one.
        4. Lower the box if your heels slam down or your knees fall inwards, and keep the total \
        to about 20 contacts in a session.
        """),
      CatalogueExercise(
        "Broad Jump", muscles: ["glutes", "quadriceps", "hamstrings", "calves"],
        """
        1. Stand with feet hip-width apart and arms raised, then load by swinging the arms back \
        and pushing the hips behind you.
        2. Throw the arms forwards and jump out and up at about 45 degrees.
        3. Bring the feet ahead of you and land on both with bent knees and hips back.
        4. Hold the landing for two seconds; toppling forwards shows that you jumped further \
        than you can control.
        """),
      CatalogueExercise(
        "Squat Jump", muscles: ["quadriceps", "glutes", "calves"],
        """
        1. Stand with feet at shoulder width and lower to a half squat with your chest up.
        2. Pause for a second so that the legs and not the rebound must do the work.
        3. Jump as high as you can while breathing out, legs straight beneath you.
        4. Land through the forefoot and then the heel with knees in line with the toes, and \
        settle before repeating.
        5. Stop the set when the height drops noticeably; tired jumps teach slow jumping.
        """),
      CatalogueExercise(
        "Jumping Lunge", muscles: ["quadriceps", "glutes", "hamstrings", "calves"],
        """
        1. Begin in a lunge with both knees bent and the torso tall.
        2. Drive up with both legs, swap them in the air and land softly in a lunge on the other \
        side.
        3. Use the arms as in running and breathe out with each jump.
        4. If the rear knee hits the floor or the front knee wobbles, pause for a second in each \
        landing.
        """),
      CatalogueExercise(
        "Lateral Skater Jump", muscles: ["gluteus medius", "quadriceps", "glutes", "calves"],
        """
        1. Stand on one leg with the knee bent and push off sideways.
        2. Land on the outer leg with hips back, the other foot sweeping behind without touching \
        down.
        3. Hold for a moment until you are steady, then push back the other way.
        4. The landing knee must not fall inwards; shorten the leap until knee and toes point \
        the same way.
        """),
      CatalogueExercise(
        "Clap Push-up", muscles: ["chest", "triceps", "front deltoids"],
        """
        1. Take a push-up position with the whole body braced and the hands just outside the \
        shoulders.
        2. Lower quickly but under control, then push so hard that the hands leave the floor.
        3. Clap once and land on soft elbows with the fingers spread.
        4. Sagging hips on landing are a sign to stop; begin with the hands on a bench and add \
        the clap later.
        """),
      CatalogueExercise(
        "Medicine Ball Slam", muscles: ["core", "lats", "shoulders"],
        """
        1. Stand with feet at shoulder width and lift a slam ball overhead, rising on to your \
        toes.
        2. Throw it down in front of the feet using the stomach and hips as much as the arms, \
        breathing out sharply.
        3. Squat to pick it up with a flat back and go straight into the next one.
        4. Do not bend only at the waist, and use a ball that does not bounce back at your face.
        """),
      CatalogueExercise(
        "Pogo Hop", muscles: ["calves", "ankle stabilisers"],
        """
        1. Stand tall with knees almost straight and hands on hips.
        2. Bounce off the balls of your feet using mainly the ankles, toes pulled up in the air.
        3. Aim for quick, light contacts and keep the heels just clear of the floor.
        4. If the knees begin to bend or the sound grows heavy, rest; 20 crisp hops are worth \
        more than 60 tired ones.
        """),
      CatalogueExercise(
        "Tuck Jump", muscles: ["quadriceps", "hip flexors", "calves", "core"],
        """
        1. Stand with feet hip-width apart, dip quickly and jump straight up.
        2. Draw both knees towards the chest at the top while the torso stays upright.
        3. Reach the legs back down and land softly on the balls of the feet.
        4. Bending the chest to the knees gives a false height; keep your eyes level, and reset \
        between jumps until landings are quiet.
        """),
    ])
}
