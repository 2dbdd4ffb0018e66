import Glibc

/// The files of the repository that are rendered from the registry.
public struct RenderedFiles: Sendable {
  /// Paths below the repository, and what stands in each.
  public let files: [(path: String, text: String)]

  public init(_ registry: Registry) {
    let completion = Completion(registry)
    files =
      Manual(registry).pages.map { ("man/\($0.name).\($0.section)", $0.text) } + [
        ("completions/havocctl.bash", completion.script(for: .bash)),
        ("completions/_havocctl", completion.script(for: .zsh)),
        ("completions/havocctl.fish", completion.script(for: .fish)),
      ]
  }
}
