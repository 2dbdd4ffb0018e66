/// Finds the name that somebody probably meant.
enum NearestName {
  /// The candidate that takes the fewest changes to reach, where few enough: a third of the word,
  /// and at least two so that a swap of letters in a short word counts. Of equals the shortest.
  static func find(_ word: String, in candidates: some Sequence<String>) -> String? {
    let limit = max(2, word.count / 3)
    var best: (name: String, distance: Int)?
    for candidate in candidates {
      let distance =
        candidate.hasPrefix(word) && word.count >= 2
        ? 0 : distance(Array(word.lowercased()), Array(candidate))
      guard distance <= limit else { continue }
      if let best, (best.distance, best.name.count) <= (distance, candidate.count) { continue }
      best = (candidate, distance)
    }
    return best?.name
  }

  /// Levenshtein's distance, with a swap of neighbours as one change.
  private static func distance(_ a: [Character], _ b: [Character]) -> Int {
    var before: [Int] = []
    var previous = Array(0...b.count)
    for i in 0..<a.count {
      var current = [i + 1]
      for j in 0..<b.count {
        var cost = min(previous[j + 1] + 1, current[j] + 1, previous[j] + (a[i] == b[j] ? 0 : 1))
        if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { cost = min(cost, before[j - 1] + 1) }
        current.append(cost)
      }
      before = previous
      previous = current
    }
    return previous[b.count]
  }
}
