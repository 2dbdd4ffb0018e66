import Domain

extension MicroblogDialect {
  static let profileRoutes: [Route] =
    [
      Route(.get, "api/profiles/view_profile/<int:id>", speech, .caller, handle: view),
      Route(.put, "api/profiles/follow_status/<int:id>", speech, .caller, handle: follow),
      Route(.get, "api/profiles/get_followers/<int:id>", speech, .caller) {
        try await list($0, .followers)
      },
      Route(.get, "api/profiles/get_following/<int:id>", speech, .caller) {
        try await list($0, .following)
      },
    ]
    // The second is how the reference spells it.
    + ["api/profiles/edit", "api/prfiles/edit"].map {
      Route(
        .put, $0, speech, .caller,
        [profileID, dateOfBirth.optional] + optionalProfileFields.map(\.field),
        handle: editProfile)
    }

  private static let profileID = Field("profile_id", .integer, isRequired: false)

  private static func write(_ view: ProfileView, to writer: inout JSONWriter) {
    writer.object {
      $0.field("id", view.profile.id)
      $0.key("user")
      $0.object {
        $0.field("id", view.profile.id)
        $0.field("username", view.username)
      }
      $0.field("alias", view.profile.alias)
      $0.field("bio", view.profile.bio)
      $0.field("date_of_birth", view.profile.dateOfBirth)
      $0.field("image_url", view.profile.imageURL)
      $0.field("background_image_url", view.profile.backgroundImageURL)
      $0.field("followers_count", view.followers)
      $0.field("following_count", view.following)
      $0.field("is_following", view.isFollowed)
    }
  }

  private static func answer(_ view: ProfileView) -> Response {
    var writer = JSONWriter(capacity: 512)
    write(view, to: &writer)
    return .json(200, writer.bytes)
  }

  @Sendable private static func view(_ context: Context) async throws -> Response {
    let caller = try await context.caller()
    return answer(try await context.followers.view(context.numbers[0], for: caller))
  }

  @Sendable private static func editProfile(_ context: Context) async throws -> Response {
    let caller = try await context.caller()
    let input = try context.input()
    guard input.integer(profileID) ?? caller.account == caller.account else {
      throw Refusal.forbidden("This profile isn't yours.")
    }
    var changes = ProfileChanges()
    changes.dateOfBirth = input.text(dateOfBirth)
    for field in optionalProfileFields {
      changes[keyPath: field.change] = input.text(field.field)
    }
    try await Profiles(context.services.database).edit(caller.account, changes)
    return answer(try await context.followers.view(caller.account, for: caller))
  }

  @Sendable private static func follow(_ context: Context) async throws -> Response {
    let caller = try await context.caller()
    let follows = try await context.followers.toggle(context.numbers[0], caller)
    return .json(200) { $0.field("following", follows) }
  }

  private static func list(
    _ context: Context, _ side: Followers.Side
  ) async throws -> Response {
    let caller = try await context.caller()
    let (followers, id) = (context.followers, context.numbers[0])
    _ = try await followers.view(id, for: caller)
    return try await context.list(
      ListSource(
        id: \.profile.id,
        fetch: { try await followers.page(side, of: id, for: caller, after: $0, limit: $1) },
        write: write))
  }
}

extension Context {
  var followers: Followers { Followers(services.database) }
}
