extension Catalogue {
  static let mobilityAndStretching = CatalogueGroup(
    "Mobility & Stretching",
    [
      CatalogueExercise(
        "Cat-cow", muscles: ["spine", "deep core"],
        """
        1. Kneel on all fours with hands under shoulders and knees under hips.
        2. Breathe out as you round the back towards the ceiling, tucking tailbone and chin.
        3. Breathe in as you let the belly sink and lift the breastbone and tailbone.
        4. Move slowly, one bone after another, for six to ten breaths; if it all happens in the \
        neck, make the head the last part to move.
        """),
      CatalogueExercise(
        "World's Greatest Stretch",
        muscles: ["hip flexors", "hamstrings", "thoracic spine", "groin"],
        """
        1. Step one foot forwards into a long lunge with the rear leg straight and both hands \
        inside the front foot.
        2. Sink the nearer elbow towards the instep and take one slow breath.
        3. Rotate that arm up to the ceiling, following your hand with your eyes.
        4. Put the hand back, straighten the front leg with the toes lifted and feel the \
        hamstring.
        5. Move through it three to five times on each side; bend the rear knee to the floor if \
        the hips tip over.
        """),
      CatalogueExercise(
        "Half-kneeling Hip Flexor Stretch", muscles: ["hip flexors", "quadriceps"],
        """
        1. Kneel on one knee on a mat with the other foot in front and both knees at right \
        angles.
        2. Tuck the tailbone under and squeeze the glute of the kneeling leg before you move at \
        all.
        3. Shift forwards a few centimetres until the front of the hip stretches and hold for 30 \
        seconds with slow breaths.
        4. Arching the back to go further bypasses the muscle; a small shift with the tuck kept \
        is plenty.
        """),
      CatalogueExercise(
        "Supine Hamstring Stretch", muscles: ["hamstrings", "calves"],
        """
        1. Lie on your back with a strap or towel around one foot and the other leg straight on \
        the floor.
        2. Raise the strapped leg with the knee straight but soft until the stretch is firm, not \
        painful.
        3. Hold for 30 to 45 seconds, easing slightly further with each breath out.
        4. If the lower back lifts or the other knee bends, take the leg down a little.
        """),
      CatalogueExercise(
        "Pigeon Stretch", muscles: ["glutes", "deep hip rotators"],
        """
        1. From all fours bring one knee forwards behind its wrist and lay the shin across in \
        front of you.
        2. Slide the other leg straight back and settle the hips level, with a cushion under the \
        front one if it floats.
        3. Walk your hands forwards and fold with a long back for 30 to 60 seconds of calm \
        breathing.
        4. Any pinch in the knee means that you should draw the heel closer to the hip or do the \
        stretch lying on your back.
        """),
      CatalogueExercise(
        "Thoracic Rotation on All Fours", muscles: ["thoracic spine", "obliques", "shoulders"],
        """
        1. Kneel on all fours, sit the hips slightly back and put one hand behind your head.
        2. Breathe in, then breathe out and turn the elbow down towards the opposite wrist.
        3. Breathe in and open the elbow up to the ceiling, turning your chest with it.
        4. Repeat eight times a side. Swaying the hips is the giveaway that the lower back is \
        helping; sit back further to pin them.
        """),
      CatalogueExercise(
        "Wall Ankle Mobilisation", muscles: ["ankles", "soleus"],
        """
        1. Stand in a short lunge facing a wall with the front toes a few centimetres from it.
        2. Drive the front knee over the second toe to touch the wall while the heel stays down.
        3. Hold for two seconds, return and repeat ten times, moving the foot back as it gets \
        easier.
        4. A collapsing arch gives false range; press the big toe down and keep the knee from \
        drifting inwards.
        """),
      CatalogueExercise(
        "Doorway Chest Stretch", muscles: ["chest", "front deltoids"],
        """
        1. Stand in a doorway with a forearm on the frame, elbow at or slightly below shoulder \
        height.
        2. Step through with the same-side foot until the front of the chest stretches.
        3. Keep the ribs down and the shoulder low, and hold for 30 seconds while breathing \
        slowly.
        4. If you feel it in the front of the joint rather than in the muscle, lower the elbow \
        and lean less.
        """),
      CatalogueExercise(
        "Child's Pose", muscles: ["lats", "lower back", "hips"],
        """
        1. Kneel with the big toes together and the knees as wide as is comfortable, then sit \
        back on your heels.
        2. Walk the hands forwards and let the forehead rest on the floor or a block.
        3. Breathe into the back of the ribs for five to ten slow breaths, sinking a little with \
        each breath out.
        4. Put a folded towel behind the knees or under the hips if either objects; forcing the \
        hips down gains nothing.
        """),
      CatalogueExercise(
        "Deep Squat Hold", muscles: ["hips", "ankles", "groin", "spine"],
        """
        1. Hold a door frame or post, set the feet slightly wider than the hips and sink into \
        the lowest squat that you can keep with flat heels.
        2. Use the elbows to ease the knees outwards over the toes and lengthen the back.
        3. Stay for 30 to 60 seconds, shifting gently from side to side as you breathe.
        4. Heels that lift need a wedge under them, not force; lower the wedge over the weeks.
        """),
      CatalogueExercise(
        "Shoulder Pass-through", muscles: ["shoulders", "chest", "rotator cuff"],
        """
        1. Hold a stick or a band in front of your thighs with a very wide grip and straight \
        elbows.
        2. Raise it overhead and behind you in one slow arc while breathing in, then bring it \
        back as you breathe out.
        3. Make eight to ten passes, narrowing the grip slightly only if the path stays smooth.
        4. Bent elbows or an arching back are the signs of too narrow a grip; widen it instead \
        of pushing through.
        """),
    ])
}
