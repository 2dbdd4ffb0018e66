import CLinux
import Domain
import EventLoop
import Glibc
import Postgres

/// Who gets what a socket receives. All of it is called on the socket's loop.
protocol SocketHandler: AnyObject {
  func received(_ message: SocketMessage)
  /// The socket is closed, or closing, and nothing more comes of it. Called once.
  func ended()
}

/// One open WebSocket on the loop that accepted it (RFC 6455).
///
/// `@unchecked Sendable`: everything in it is touched only on its loop's thread.
final class WebSocket: @unchecked Sendable {
  /// What becomes of frames for a client that reads too slowly.
  enum Overflow {
    /// The socket is closed with 1013, and the client asks for what it missed.
    case close
    /// The oldest frames that haven't begun to go out are dropped; somebody is told how many.
    case dropOldest((Int) -> Void)
  }

  /// What one kind of socket takes.
  struct Limits {
    /// Bytes of a message.
    var message: Int
    /// Bytes that wait to be sent.
    var queue: Int
    /// Bytes read in one turn of the loop, so that one client leaves time for the others.
    var read: Int
    /// Messages a second that are taken, and that may come at once; 0 for no limit.
    var rate: Int
  }

  /// Frames of the connection itself, such as pings, that are taken a second.
  private static let controlRate = 20
  /// How long a client may be slowed before it is sent away.
  private static let patience = Duration.seconds(5)
  /// How long a client may take to say goodbye.
  private static let farewell = Duration.seconds(3)
  /// How long it may take to read what was sent before.
  private static let lastReading = Duration.seconds(10)
  /// How long it may take to read a part of what it asked for.
  private static let readingPatience = Duration.seconds(30)
  /// Pings without an answer, after which the client has vanished.
  private static let mostPings = 2

  private enum State {
    case open
    /// A close frame is on its way, and perhaps the client's is; nothing else is sent or read.
    case closing
    case closed
  }

  let access: SocketAccess
  let loop: Loop
  private unowned let hub: SocketHub
  private let descriptor: CInt
  private let limits: Limits
  private let overflow: Overflow
  private let onClosed: () -> Void
  weak var handler: (any SocketHandler)?

  private var state = State.open
  private var watch: Watch?
  private var reader: FrameReader?
  private var outbox = Outbox()
  private var isFlushDue = false
  /// Whether the kernel takes no more for now.
  private var isBlocked = false
  /// Messages that wait for their turn under the rate.
  private var inbox: [SocketMessage] = []
  private var messageGate: RateGate
  private var controlGate: RateGate
  private var slowedSince: UInt64?
  /// Whether the handler wants nothing more for now.
  private var isHeld = false
  /// Whether so much waits to be sent that the client should read before it says more.
  private var isCrowded = false
  /// Whether the client is ahead of the rate, and read no further for a moment.
  private var isSlowed = false
  private var lastHeard: UInt64
  private var pings = 0

  init(
    descriptor: CInt, access: SocketAccess, hub: SocketHub, limits: Limits, overflow: Overflow,
    onClosed: @escaping () -> Void
  ) {
    self.descriptor = descriptor
    self.access = access
    self.hub = hub
    self.limits = limits
    self.overflow = overflow
    self.onClosed = onClosed
    loop = hub.loop
    lastHeard = loop.now
    messageGate = RateGate(rate: limits.rate, now: loop.now)
    controlGate = RateGate(rate: Self.controlRate, now: loop.now)
  }

  /// Begins to read, with what the client has sent already.
  func start(extra: [UInt8]) {
    watch = loop.watch(descriptor, for: .read) { [self] in ready($0) }
    if !extra.isEmpty { extra.withUnsafeBytes { take($0) } }
  }

  // MARK: Reading

  private func ready(_ readiness: Readiness) {
    if readiness.contains(.write) { flush() }
    if readiness.contains(.error) { return vanish() }
    if state != .closed, !readiness.isDisjoint(with: [.read, .hangUp]) { read() }
  }

  private func read() {
    let (count, failure) = hub.receive(descriptor, limits.read)
    guard count > 0 else {
      if count == 0 || failure != EAGAIN { vanish() }
      return
    }
    lastHeard = loop.now
    pings = 0
    // What a client sends behind its goodbye isn't looked at.
    if let reader, state == .closing, reader.isDone { return }
    take(UnsafeRawBufferPointer(rebasing: hub.scratch[..<count]))
  }

  private func take(_ bytes: UnsafeRawBufferPointer) {
    guard let reader = reader ?? FrameReader(limit: limits.message) else { return vanish() }
    self.reader = reader
    let outcome = reader.read(bytes)
    if state == .open {
      for _ in 0..<outcome.controlFrames { controlGate.charge() }
      inbox += outcome.messages
      work()
    }
    // It may end in a close frame, behind which nothing else is sent (RFC 6455, section 5.5.1).
    outbox.append(outcome.reply)
    if !outcome.reply.isEmpty { flushLater() }
    if outcome.isClosed || outcome.hasFailed { beginClosing() }
    if state == .open, reader.isAtBoundary { self.reader = nil }
  }

  /// Hands on what has come, as fast as it may.
  private func work() {
    var taken = 0
    while taken < inbox.count, !rests, state == .open, messageGate.take(at: loop.now) {
      let message = inbox[taken]
      taken += 1
      handler?.received(message)
    }
    inbox.removeFirst(min(taken, inbox.count))
    judgePace()
    updateInterest()
  }

  /// A client that sends too much is read no faster than it may send, and sent away in the end.
  private func judgePace() {
    guard state == .open else { return }
    let now = loop.now
    let isAhead =
      !inbox.isEmpty && !rests || messageGate.isSpent(at: now) || controlGate.isInDebt(at: now)
    guard isAhead else {
      slowedSince = nil
      isSlowed = false
      return
    }
    let since = slowedSince ?? now
    slowedSince = since
    guard now - since < Self.patience.nanoseconds else {
      return close(1008, "Too many messages.")
    }
    guard !isSlowed else { return }
    isSlowed = true
    loop.schedule(after: .milliseconds(50)) { [weak self] in
      guard let self else { return }
      isSlowed = false
      work()
    }
  }

  /// Rests from reading, until `resume`.
  func hold() {
    isHeld = true
    updateInterest()
  }

  func resume() {
    guard isHeld else { return }
    isHeld = false
    work()
  }

  /// Whether nothing that the client sends is taken for now.
  private var rests: Bool { isHeld || isCrowded }

  private func updateInterest() {
    guard let watch else { return }
    var interest: Readiness = []
    let isResting = rests || isSlowed || !inbox.isEmpty
    if state == .closing || !isResting { interest.insert(.read) }
    if isBlocked { interest.insert(.write) }
    loop.update(watch, for: interest)
  }

  // MARK: Sending

  /// Sends a frame, or has it wait; the handler's overflow says what if too much waits.
  func send(_ frame: [UInt8]) {
    guard state == .open else { return }
    outbox.append(frame)
    flushLater()
    guard outbox.bytes > limits.queue / 4 else { return }
    if case .close = overflow { isCrowded = true }
    guard outbox.bytes > limits.queue else { return }
    switch overflow {
    case .close:
      outbox.dropWaiting()
      close(1013, "You read too slowly.")
    case .dropOldest(let count):
      let dropped = outbox.dropOldest(downTo: limits.queue)
      if dropped > 0 { count(dropped) }
    }
  }

  /// Everything of one turn goes out together.
  private func flushLater() {
    guard !isFlushDue else { return }
    isFlushDue = true
    hub.flushLater(self)
  }

  func flush() {
    isFlushDue = false
    guard state != .closed else { return }
    guard outbox.write(to: descriptor) else { return vanish() }
    isBlocked = !outbox.isEmpty
    if state == .closing, outbox.isEmpty {
      finishSending()
      vanishLater(Self.farewell)
    }
    if outbox.bytes <= limits.queue / 4 { relax() }
    updateInterest()
  }

  private var drainWaiter: UnsafeContinuation<Void, Never>?

  /// Waits until little waits to be sent, or the socket is closed, which it is for a client that
  /// doesn't read.
  func drained() async {
    guard state == .open, outbox.bytes > limits.queue / 4 else { return }
    let timer = loop.schedule(after: Self.readingPatience) { [weak self] in
      self?.close(1013, "You read too slowly.")
    }
    await withUnsafeContinuation { drainWaiter = $0 }
    timer.cancel()
  }

  private func notifyDrained() {
    let waiter = drainWaiter
    drainWaiter = nil
    waiter?.resume()
  }

  /// The client has read most of what it was sent.
  private func relax() {
    notifyDrained()
    guard isCrowded else { return }
    isCrowded = false
    work()
  }

  // MARK: Staying alive

  /// Sends a ping where nothing has been heard for an interval, and gives up where pings weren't
  /// answered.
  func keepAlive(_ interval: Duration) {
    guard state == .open, loop.now > lastHeard + interval.nanoseconds * UInt64(pings + 1) else {
      return
    }
    guard pings < Self.mostPings else { return vanish() }
    pings += 1
    send(SocketHub.ping)
  }

  // MARK: Ending

  /// Says goodbye, and waits a while for the client's.
  func close(_ code: UInt16, _ reason: String = "") {
    guard state == .open else { return }
    guard let reader = reader ?? FrameReader(limit: limits.message) else { return vanish() }
    self.reader = reader
    outbox.append(reader.close(code, reason))
    beginClosing()
    flushLater()
  }

  /// The same for what it is about having gone, unless the session has gone with it.
  func closeAfterReview(_ code: UInt16, _ reason: String) { hub.close([self], code, reason) }

  private func beginClosing() {
    guard state == .open else {
      if state == .closing, outbox.isEmpty { finishSending() }
      return
    }
    state = .closing
    inbox = []
    tellHandler()
    vanishLater(Self.lastReading)
    updateInterest()
  }

  private func vanishLater(_ patience: Duration) {
    loop.schedule(after: patience) { [weak self] in self?.vanish() }
  }

  /// What was to be said is out: the client reads it to its end, and hangs up.
  private func finishSending() {
    guard let reader, reader.isDone else { return }
    shutdown(descriptor, CInt(SHUT_WR))
  }

  private func tellHandler() {
    notifyDrained()
    let handler = self.handler
    self.handler = nil
    handler?.ended()
  }

  /// Closes the connection, whatever was going on.
  func vanish() {
    guard state != .closed else { return }
    state = .closed
    if let watch { loop.cancel(watch) }
    watch = nil
    Glibc.close(descriptor)
    reader = nil
    outbox = Outbox()
    tellHandler()
    hub.closed(self)
    onClosed()
  }
}
