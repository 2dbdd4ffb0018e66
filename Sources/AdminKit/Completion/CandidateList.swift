/// Lays out what TAB has to offer.
enum CandidateList {
  private static let gap = 2

  /// A line for each where they are described, else in columns.
  static func text(_ candidates: [Candidate], width: Int) -> String {
    let widths = candidates.map { TextWidth.of($0.word) }
    let widest = widths.max() ?? 0
    guard candidates.allSatisfy({ $0.description.isEmpty }) else {
      return zip(candidates, widths).map { candidate, used in
        let padding = String(
          repeating: " ", count: min(widest, width / 2) + gap - min(used, width / 2))
        let line = candidate.word + padding + candidate.description
        return TextWidth.fitted(line, to: max(1, width - 1), mark: "…").text + "\n"
      }.joined()
    }
    let perLine = max(1, width / (widest + gap))
    let lines = (candidates.count + perLine - 1) / perLine
    return (0..<lines).map { line in
      stride(from: line, to: candidates.count, by: lines).map { index in
        index + lines < candidates.count
          ? candidates[index].word
            + String(repeating: " ", count: widest + gap - widths[index])
          : candidates[index].word
      }.joined() + "\n"
    }.joined()
  }
}
