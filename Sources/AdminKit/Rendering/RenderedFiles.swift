/// The files of the repository that are rendered from the registry.
public struct RenderedFiles: Sendable {
  /// Paths below the repository, and what stands in each.
  public let files: [(path: String, text: String)]

  public init(_ registry: Registry) {
    files =
      Manual(registry).pages.map { ("man/\($0.name).\($0.section)", $0.text) } + [
        ("completions/havocctl.bash", Completion.script(for: .bash)),
        ("completions/_havocctl", Completion.script(for: .zsh)),
        ("completions/havocctl.fish", Completion.script(for: .fish)),
        ("packaging/havocctl.conf.example", Self.exampleConfiguration),
      ]
  }

  /// Every setting at its default, commented out.
  private static var exampleConfiguration: String {
    let head = """
      # havocctl.conf: a setting a line. Each is also an option (--SETTING) and an environment
      # variable (HAVOCCTL_SETTING); havocctl config show tells what holds and where it comes from.
      # Passwords and keys may stand in a file of their own, which SETTING-file names; as options
      # they must.

      """
    return Setting.all.reduce(head) { text, setting in
      text + "\n# \(setting.description)\n#\(setting.key) = \(setting.fallback)\n"
    }
  }
}
