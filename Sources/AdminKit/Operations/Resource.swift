import Domain

/// What a noun's things are, for who lists them and goes from one to another: how each is told
/// apart, and how an operation is told which one is meant.
public struct Resource: Sendable {
  /// How a thing's records are found in the audit.
  public enum History: Sendable {
    /// All that an account did, and that was done to it.
    case account
    /// By what this column calls it.
    case target(String)
    /// By whose it is, and under this name what its id is.
    case owner(String, member: String)
    /// It is a record itself.
    case none
  }

  public let noun: String
  /// What several are called, and where they are found.
  public let plural: String
  public let listing: Listing
  /// The column that a thing's address has.
  public let key: String
  /// The column whose value an operation takes.
  public let word: String
  /// What arguments are that mean one of them.
  public let names: [LiveNames]
  /// The columns of a list where nobody chose any; nil for the listing's own.
  public let columns: [String]?
  public let history: History
  /// What is done to one of them most, at once.
  public let shortcut: String?

  init(
    _ noun: String, _ plural: String, _ listing: Listing, key: String = "id",
    word: String? = nil, names: [LiveNames] = [], columns: [String]? = nil, history: History,
    shortcut: String? = nil
  ) {
    self.noun = noun
    self.plural = plural
    self.listing = listing
    self.key = key
    self.word = word ?? key
    self.names = names
    self.columns = columns
    self.history = history
    self.shortcut = shortcut
  }

  public static let all: [Resource] = [
    // A username comes before everything else that may look like it; an id doesn't.
    Resource(
      "user", "users", Users.listing, word: "username", names: [.user, .deletedUser],
      history: .account),
    Resource(
      "permission", "permissions", Permissions.listing, key: "code", names: [.permission],
      history: .target("code")),
    Resource(
      "session", "sessions", Sessions.listing, names: [.session],
      columns: [
        "username", "dialect", "device", "address", "created", "last_seen", "expires", "sockets",
        "state",
      ], history: .owner("username", member: "session"), shortcut: "revoke"),
    Resource(
      "token", "tokens", Sessions.tokenListing, names: [.token],
      columns: [
        "username", "kind", "dialect", "created", "expires", "last_used", "state", "session",
      ], history: .owner("username", member: "token"), shortcut: "revoke"),
    Resource(
      "ban", "bans", Bans.listing, word: "target", names: [.ban], history: .target("target"),
      shortcut: "lift"),
    Resource(
      "exercise", "exercises", Exercises.listing, names: [.exercise], history: .target("name")),
    Resource("group", "groups", Groups.listing, names: [.group], history: .target("name")),
    Resource(
      "stream", "streams", Moderation.streams, names: [.stream],
      columns: [
        "username", "started", "publisher", "watchers", "frames", "bytes", "dropped", "ended",
      ], history: .owner("username", member: "stream"), shortcut: "end"),
    Resource(
      "conversation", "conversations", Moderation.conversations, names: [.conversation],
      history: .owner("initiator", member: "conversation")),
    Resource(
      "tweet", "tweets", Moderation.tweets, names: [.tweet],
      columns: ["id", "username", "created", "content", "likes", "replies"],
      history: .owner("username", member: "tweet")),
    Resource(
      "integers", "integers", Moderation.integers, names: [.integers],
      history: .owner("username", member: "integers")),
    Resource(
      "mail", "mail", MailQueue.listing, names: [.mail],
      history: .owner("username", member: "mail")),
    Resource("key", "keys", SigningKeys.listing, key: "kid", history: .target("kid")),
    Resource("audit", "audit", Audit.listing, history: .none),
  ]
}

extension Registry {
  /// The resource of a noun; nil for one that has no things.
  public func resource(of noun: String) -> Resource? {
    Resource.all.first { $0.noun == noun }
  }

  public func resource(plural: String) -> Resource? {
    Resource.all.first { $0.plural == plural }
  }

  /// The argument of an operation that means one of these things.
  public func argument(of operation: Operation, for resource: Resource) -> Argument? {
    operation.arguments.first { argument in
      guard case .live(let names) = argument.kind else { return false }
      return resource.names.contains(names)
    }
  }
}
