/// `serve`, as far as the command line, its help and its manual know it. The program runs it itself:
/// the server stands above this module.
public enum ServeOperation {
  public static let noun = "serve"

  static let operation = Operation(
    "serve", nil, "Serve the dialects until a signal ends it",
    details: """
      The database's schema is brought up to date first. SIGTERM and SIGINT finish what runs.
      Settings are options too: havocctl config show lists them.
      """,
    options: [
      Option("no-migrate", nil, .text, "leave the schema as it is, and refuse one that is behind")
    ],
    effect: .standsAlone,
    examples: ["havocctl serve --listen 0.0.0.0:8000", "havocctl serve --listen unix:/run/h.sock"]
  ) { _ in }
}
