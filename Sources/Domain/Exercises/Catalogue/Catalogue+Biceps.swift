extension Catalogue {
  static let biceps = CatalogueGroup(
    "Biceps",
    [
      CatalogueExercise(
        "Barbell Curl", muscles: ["biceps", "forearms"],
        """
        1. Stand with feet hip-width apart, the bar held at shoulder width with palms up and \
        elbows resting against your sides.
        2. Breathe out and curl the bar in an arc to the front of your shoulders without letting \
        the elbows drift forwards.
        3. Squeeze for a moment, then lower over three seconds until the arms are completely \
        straight.
        4. If you have to lean back to pass the middle, the load is too great; stand with your \
        heels and back near a wall to check yourself.
        """),
      CatalogueExercise(
        "Alternating Dumbbell Curl", muscles: ["biceps", "forearms"],
        """
        1. Stand tall with a dumbbell in each hand, arms straight and palms facing your thighs.
        2. Curl one arm, turning the palm upwards as the forearm leaves the thigh, until the \
        dumbbell is near the shoulder.
        3. Lower for two to three seconds while turning the palm back in, and only then begin \
        with the other arm.
        4. Keep the shoulder still and low; a shoulder that rolls forwards is lifting the elbow \
        instead of bending it.
        """),
      CatalogueExercise(
        "Hammer Curl", muscles: ["brachialis", "brachioradialis", "biceps"],
        """
        1. Hold the dumbbells at your sides with palms facing in and thumbs on top, shoulders \
        relaxed.
        2. Bend the elbows to bring the thumbs towards the shoulders while the palms keep facing \
        each other.
        3. Pause at the top, breathe in and lower slowly to straight arms.
        4. Keep the wrists firm and straight; letting the dumbbell heads tip forwards strains \
        the forearm for no gain.
        """),
      CatalogueExercise(
        "Incline Dumbbell Curl", muscles: ["biceps"],
        """
        1. Lie back on a bench set to 50 or 60 degrees and let the arms hang straight down \
        behind the line of your body.
        2. With the upper arms still vertical, curl both dumbbells with palms up as you breathe \
        out.
        3. Lower over three to four seconds into a full stretch, which is where this curl earns \
        its place.
        4. Start lighter than for a standing curl, and do not allow the elbows to swing forwards \
        as you tire.
        """),
      CatalogueExercise(
        "Preacher Curl", muscles: ["biceps", "brachialis"],
        """
        1. Set the seat so that your armpits fit over the top of the pad and the backs of the \
        arms lie flat on it.
        2. Curl the bar until the forearms are just short of vertical, breathing out.
        3. Lower slowly for three seconds to almost straight, keeping a trace of tension at the \
        bottom.
        4. Dropping quickly into straight elbows is risky here; if you cannot brake the last \
        part, take a lighter bar.
        """),
      CatalogueExercise(
        "Concentration Curl", muscles: ["biceps"],
        """
        1. Sit with legs apart, lean forwards and brace the back of one upper arm against the \
        inside of your thigh, dumbbell hanging.
        2. Curl the dumbbell towards the opposite side of your chest and squeeze hard for a \
        second.
        3. Lower for three seconds until the elbow is straight, then finish all repetitions \
        before swapping arms.
        4. Keep the thigh still; pushing it against the arm to help the weight up defeats the \
        point of bracing.
        """),
      CatalogueExercise(
        "Cable Curl", muscles: ["biceps", "forearms"],
        """
        1. Attach a straight bar to a low pulley, take it palms up and step back until the cable \
        pulls slightly forwards.
        2. Curl with elbows fixed by your ribs, breathing out, until the bar is at chest height.
        3. Resist the cable for three seconds on the way back and do not let the plates rest \
        between repetitions.
        4. If the elbows are dragged forwards, move a little closer to the machine and reset \
        your shoulders.
        """),
      CatalogueExercise(
        "Reverse-grip EZ-bar Curl", muscles: ["brachioradialis", "brachialis", "biceps"],
        """
        1. Hold an angled bar with palms down at shoulder width, thumbs wrapped around and \
        wrists straight.
        2. Raise the bar by bending only the elbows until the forearms pass level, then as far \
        as the wrists can stay straight.
        3. Lower over two to three seconds with the elbows still at your sides.
        4. Wrists that drop backwards are the sign of too much weight; keep the knuckles \
        pointing up and forwards throughout.
        """),
      CatalogueExercise(
        "Spider Curl", muscles: ["biceps", "brachialis"],
        """
        1. Lie chest down on a bench set to about 45 degrees so that your arms hang straight \
        towards the floor in front of it.
        2. Curl the dumbbells or bar without moving the upper arms, breathing out, until the \
        biceps are fully shortened.
        3. Hold the top for two seconds and lower for two or three.
        4. Lifting the chest off the pad lets momentum in, so keep your breastbone pressed down \
        for the whole set.
        """),
    ])
}
