/// The exercise catalogue that `exercise seed` installs.
public enum Catalogue {
  /// Every group, in the order in which a fresh catalogue lists them.
  public static let groups: [CatalogueGroup] = [
    chest, back, shoulders, biceps, triceps, forearmsAndGrip, core, quadriceps,
    hamstringsAndGlutes, calves, fullBody, olympicLifts, plyometrics, cardioAndConditioning,
    mobilityAndStretching,
  ]
}

/// A named group of the built-in catalogue.
public struct CatalogueGroup: Sendable {
  /// What the group is called.
  public let name: String
  /// The exercises of the group, in the order in which they are listed.
  public let exercises: [CatalogueExercise]

  init(_ name: String, _ exercises: [CatalogueExercise]) {
    self.name = name
    self.exercises = exercises
  }
}

/// One exercise of the built-in catalogue.
public struct CatalogueExercise: Sendable {
  /// What the exercise is called; unique over the whole catalogue without regard to case.
  public let name: String
  /// The muscles that it trains, most important first.
  public let targetedMuscles: [String]
  /// How to do it, one numbered step a line.
  public let instructions: String

  init(_ name: String, muscles: [String], _ instructions: String) {
    self.name = name
    self.targetedMuscles = muscles
    self.instructions = instructions
  }
}
