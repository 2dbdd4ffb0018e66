import Domain

extension CommunityDialect {
  static let peopleRoutes: [Route] = [
    Route(
      .post, "users/update/", speech, .caller, [Field.newUsername.optional, avatar], handle: update
    )
    .taking(.avatar)
    .documented("update", "Change one's name or picture", .ok(person))
    .failing(409),
    Route(.get, "users/user_list/", speech, .caller, handle: listUsers)
      .documented("users", "Everybody", .ok(.array(person), "By id.")).asking(
        RequestParameter.page),
    Route(.post, "users/add_friend/", speech, .caller, [friendUsername], handle: addFriend)
      .documented("add_friend", "Befriend somebody", .ok(friendship(true)), cannot, unknown),
    Route(.post, "users/remove_friend/", speech, .caller, [friendUsername], handle: removeFriend)
      .documented(
        "remove_friend", "Be friends no more", .ok(friendship(true)), cannot, unknown),
    Route(.get, "users/friend_list/", speech, .caller, handle: listFriends)
      .documented("friends", "One's friends", .ok(.array(person), "By id."))
      .asking(RequestParameter.page),
  ]

  private static let avatar = Field("avatar", .textOrFile(longest: 1_024), isRequired: false)
    .about(
      "A path under `/media/`, or an uploaded picture.",
      .string(
        1...Avatars.longestPath, pattern: Avatars.pathPattern, example: "/media/avatars/fary.png"))
  private static let friendUsername = Field("friend_username", .text(longest: 1_024))
    .about("Somebody's username.", .someName.example("manoli"))

  static let person = Schema.component(
    "Person",
    [
      "username": .username, "is_connected": .boolean,
      "avatar": .string(example: "/media/avatars/default.png"),
      "friends": .array(.string(example: "jimenetz")),
    ])

  private static func friendship(_ success: Bool) -> Schema {
    [
      "success": .constant(.bool(success)),
      "message": .string(example: "manoli added as friend."),
    ]
  }

  /// Oneself, twice, one too many; or the request isn't what it should be.
  private static let cannot = Answer(
    status: 400, about: "It can't be, or the request is malformed.",
    content: .json(.anyOf(friendship(false), Speech.fieldFailure)))
  private static let unknown = Answer(
    status: 404, about: "There is nobody of that name.", content: .json(friendship(false)))

  static func write(_ person: Person, to writer: inout JSONWriter) {
    writer.object {
      $0.field("username", person.username)
      $0.field("is_connected", person.isConnected)
      $0.field("avatar", person.avatar)
      $0.key("friends")
      $0.beginArray()
      for friend in person.friends { $0.string(friend) }
      $0.endArray()
    }
  }

  @Sendable private static func update(_ context: Context) async throws -> Response {
    let caller = try await context.caller()
    let input = try context.input()
    var new = input.text(avatar).map { NewAvatar.path($0) }
    if let file = input.file(avatar) {
      let limit = context.services.settings.limits.avatar
      guard file.count <= limit else {
        throw BadRequest(413, "The image is too large: at most \(limit) bytes are taken.")
      }
      new = .upload(file)
    }
    let person = try await context.ownAccount.update(
      caller, username: input.text(.username), avatar: new)
    var writer = JSONWriter()
    write(person, to: &writer)
    return .json(200, writer.bytes)
  }

  @Sendable private static func listUsers(_ context: Context) async throws -> Response {
    _ = try await context.caller()
    return try await context.list(
      ListSource(
        id: \.id, mayBeOld: true, fetch: { try await People($0).page(after: $1, limit: $2) },
        write: write))
  }

  @Sendable private static func listFriends(_ context: Context) async throws -> Response {
    let account = try await context.caller().account
    return try await context.list(
      ListSource(
        id: \.id, fetch: { try await People($0).friends(of: account, after: $1, limit: $2) },
        write: write))
  }

  @Sendable private static func addFriend(_ context: Context) async throws -> Response {
    try await friendship(context) {
      "\(try await context.people.befriend($0, $1)) added as friend."
    }
  }

  @Sendable private static func removeFriend(_ context: Context) async throws -> Response {
    try await friendship(context) {
      "\(try await context.people.unfriend($0, $1)) removed from friends."
    }
  }

  /// Both say how it went in one shape.
  private static func friendship(
    _ context: Context, _ change: (Caller, String) async throws -> String
  ) async throws -> Response {
    func answer(_ status: Int, _ message: String) -> Response {
      .json(status) {
        $0.field("success", status == 200)
        $0.field("message", message)
      }
    }
    let caller = try await context.caller()
    let username = try context.input().required(friendUsername)
    do {
      return answer(200, try await change(caller, username))
    } catch Refusal.notFound(let why) {
      return answer(404, why)
    } catch Refusal.conflict(let why) {
      return answer(400, why)
    }
  }
}

extension Context {
  var people: People { People(services.database) }
}
