import Domain
import EventLoop
import Postgres

/// A conversation has a new message.
struct ChatNote: Sendable {
  let conversation: Int64
  let message: Int64

  /// - Parameter payload: as `Messages.channel` carries it.
  init?(_ payload: String) {
    let parts = payload.split(separator: " ")
    guard parts.count == 2, let conversation = Int64(parts[0]), let message = Int64(parts[1]) else {
      return nil
    }
    self.conversation = conversation
    self.message = message
  }
}

/// What other processes changed is known here at once: one connection listens for all loops.
extension HTTPServer {
  private static let channels = [
    SigningKeys.channel, Bans.channel, MailQueue.channel, Presence.channel, Messages.channel,
    Streams.channel,
  ]

  func startListening() {
    guard let database = workers.first?.database else { return }
    let listener = Listener(database: database, channels: Self.channels) { [weak self] event in
      switch event {
      case .listening: self?.lookUpEverything(database)
      case .notification(let notification): self?.heard(notification, database)
      case .lost(let error):
        self?.log(.warning, "listening interrupted", ["cause": .text(error.description)])
      }
    }
    self.listener = listener
    listener.start()
  }

  /// Listening has begun: nobody knows what was missed before.
  private func lookUpEverything(_ database: Database) {
    for channel in [SigningKeys.channel, Bans.channel] { reload(channel, database) }
    mailer?.wake()
    onEveryLoop { services in
      services.rooms.catchUp()
      services.sockets.remember()
      services.sockets.review { _ in true }
    }
    Task(executorPreference: loop) { await self.inlet?.review() }
  }

  private func heard(_ notification: Notification, _ database: Database) {
    let payload = notification.payload
    switch notification.channel {
    case MailQueue.channel: mailer?.wake()
    case Messages.channel:
      guard let note = ChatNote(payload) else { return }
      chatNotes.append(note)
      // What comes together is told together.
      if chatNotes.count == 1 { loop.beforeWait { [self] in tellChatNotes() } }
    case Streams.channel: inlet?.heard(payload)
    case Presence.channel:
      guard let note = Presence.Note(payload) else { return }
      onEveryLoop { services in
        services.sockets.review { note.concerns(account: $0.account, session: $0.session) }
      }
    default: reload(notification.channel, database)
    }
  }

  private func tellChatNotes() {
    let notes = chatNotes
    chatNotes = []
    for note in notes {
      chat.tell([note.conversation]) { $0.noticed(note.conversation, note.message) }
    }
  }

  private func reload(_ channel: String, _ database: Database) {
    Task(executorPreference: loop) {
      do {
        if channel == Bans.channel {
          try await database.insistently { try await self.bans.load(database) }
          let bans = self.bans
          self.onEveryLoop { $0.sockets.review(bans) }
        } else {
          try await database.insistently { try await self.keys.load(database) }
        }
      } catch {
        self.log(
          .warning, "a change wasn't read", ["channel": .text(channel), "cause": .text("\(error)")])
      }
    }
  }

  private func onEveryLoop(_ body: @escaping @Sendable (Services) -> Void) {
    for worker in workers {
      let services = worker.services
      if worker.loop.isOnLoop { body(services) } else { worker.loop.execute { body(services) } }
    }
  }

  // MARK: Being there

  /// Makes this server known to the others before it serves anybody.
  func appear() async throws {
    guard let database = workers.first?.database else { return }
    let presence = Presence(database, server: server)
    try await presence.appear()
    beatLater(presence, rounds: 1)
  }

  /// Sessions that expire by themselves are looked for once in so many beats.
  private static let beatsPerReview = 6
  /// A minute's, for the dashboard's pictures.
  private static let beatsPerSample = 12

  private func beatLater(_ presence: Presence, rounds: Int) {
    loop.schedule(after: Presence.beatInterval) { [weak self] in
      guard let self, !isStopping else { return }
      Task(executorPreference: loop) {
        // Where the database is away, the next beat tells.
        let figures = self.traffic.figures(of: self.workers[0].services)
        if (try? await presence.beat(figures)) == true { self.comeBack() }
        try? await presence.forgetDead()
        if rounds.isMultiple(of: Self.beatsPerSample) {
          let sample = self.samples.next(of: self.workers[0].services)
          try? await Samples(self.workers[0].database).add(sample, server: self.server)
        }
        if rounds.isMultiple(of: Self.beatsPerReview) {
          self.onEveryLoop { $0.sockets.review { _ in true } }
        }
        await self.inlet?.review()
        self.beatLater(presence, rounds: rounds + 1)
      }
    }
  }

  /// The others took this server for dead, and told it nothing.
  private func comeBack() {
    onEveryLoop { services in
      services.sockets.remember()
      services.rooms.catchUp()
    }
  }

  func disappear() async {
    guard let database = workers.first?.database else { return }
    try? await Presence(database, server: server).leave()
  }
}
