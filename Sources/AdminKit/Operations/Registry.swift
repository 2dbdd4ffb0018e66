/// Every operation, by noun and verb.
public struct Registry: Sendable {
  public let operations: [Operation]

  public init(_ operations: [Operation]) { self.operations = operations }

  /// Every operation of the program.
  public static let all: Registry = {
    let nouns: [[Operation]] = [
      [ServeOperation.operation],
      UserOperations.all, PermissionOperations.all, SessionOperations.all, TokenOperations.all,
      BanOperations.all, ExerciseOperations.all, GroupOperations.all,
      StreamOperations.all, ConversationOperations.all, TweetOperations.all,
      IntegersOperations.all, MailOperations.all, KeyOperations.all,
      AuditOperations.all, DatabaseOperations.all, ConfigOperations.all, DoctorOperations.all,
      ProgramOperations.all,
    ]
    return Registry(nouns.flatMap { $0 })
  }()

  /// The nouns in the order in which they are shown.
  public var nouns: [String] {
    var nouns: [String] = []
    for operation in operations where !nouns.contains(operation.noun) {
      nouns.append(operation.noun)
    }
    return nouns
  }

  public func verbs(of noun: String) -> [Operation] { operations.filter { $0.noun == noun } }

  public func find(_ noun: String, _ verb: String?) -> Operation? {
    operations.first { $0.noun == noun && $0.verb == verb }
  }

  /// What a noun is about, or what it does where it is a command by itself.
  func summary(of noun: String) -> String {
    if let operation = find(noun, nil) { return operation.summary }
    return Self.summary(of: noun)
  }

  /// What stands beside a noun in an overview.
  public static func summary(of noun: String) -> String {
    switch noun {
    case "user": "accounts"
    case "permission": "permission codes"
    case "session": "sign-ins, each on one device"
    case "token": "what sessions are proved with"
    case "exercise": "the exercise catalogue"
    case "group": "the catalogue's groups"
    case "stream": "streaming sessions"
    case "conversation": "what people write to each other"
    case "tweet": "what people publish"
    case "integers": "sets of integers"
    case "mail": "what waits to be sent"
    case "ban": "whom the servers turn away"
    case "audit": "the record of what was done"
    case "key": "the keys that sign tokens"
    case "db": "the database itself"
    case "config": "the configuration"
    default: ""
    }
  }
}
