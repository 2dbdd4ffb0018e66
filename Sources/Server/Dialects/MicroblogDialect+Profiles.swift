import Domain

extension MicroblogDialect {
  static let profileRoutes: [Route] =
    [
      Route(.get, "api/profiles/view_profile/<int:profile_id>", speech, .caller, handle: view)
        .documented("view_profile", "A profile", .ok(profileView)),
      Route(.put, "api/profiles/follow_status/<int:profile_id>", speech, .caller, handle: follow)
        .documented(
          "follow_status", "Follow somebody, or no more", .ok(["following": .boolean])
        )
        .failing(400, "Oneself can't be followed."),
      Route(.get, "api/profiles/get_followers/<int:profile_id>", speech, .caller) {
        try await list($0, .followers)
      }
      .documented("get_followers", "Who follows somebody", .ok(.array(profileView), "By id."))
      .asking(RequestParameter.page),
      Route(.get, "api/profiles/get_following/<int:profile_id>", speech, .caller) {
        try await list($0, .following)
      }
      .documented("get_following", "Whom somebody follows", .ok(.array(profileView), "By id."))
      .asking(RequestParameter.page),
    ]
    // The second is how the reference spells it.
    + [("api/profiles/edit/", "edit_profile"), ("api/prfiles/edit/", "edit_prfile")].map {
      Route(
        .put, $0, speech, .caller,
        [profileID, dateOfBirth.optional] + optionalProfileFields.map(\.field),
        handle: editProfile
      )
      .documented($1, "Change one's profile", .ok(profileView), about: "Only what is given.")
    }

  private static let profileID = Field("profile_id", .integer, isRequired: false).about(
    "One's own; another is 403.", .id)

  private static let profileView = Schema.component(
    "Profile",
    [
      "id": .id, "user": ["id": .id, "username": .username], "alias": .text.orNull,
      "bio": .text.orNull, "date_of_birth": .date.orNull, "image_url": .text.orNull,
      "background_image_url": .text.orNull, "followers_count": .count, "following_count": .count,
      "is_following": .boolean,
    ])

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
    let id = context.numbers[0]
    _ = try await context.followers.view(id, for: caller)
    return try await context.list(
      ListSource(
        id: \.profile.id, mayBeOld: true,
        fetch: {
          try await Followers($0).page(side, of: id, for: caller, after: $1, limit: $2)
        },
        write: write))
  }
}

extension Context {
  var followers: Followers { Followers(services.database) }
}
