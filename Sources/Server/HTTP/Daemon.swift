import CMicrohttpd
import EventLoop
import Glibc

/// One daemon of libmicrohttpd in its external epoll mode, turned by a loop.
///
/// `@unchecked Sendable`: touched only on its loop's thread.
final class Daemon: @unchecked Sendable {
  private let pointer: OpaquePointer
  private let loop: Loop
  private var watch: Watch?
  private var needsRun = false
  private var isStopped = false
  /// Connections whose answer isn't there and that don't sleep. The library asks for each of these
  /// answers whenever it runs, and says that it must run at once as long as there are any.
  var awaited = 0
  /// Whether anything else than that has come of the last run.
  var hasMoved = false
  /// The turn of the last run, by its time.
  private var lastRun: UInt64 = 0

  /// Starts it and hooks it into the loop.
  init(_ loop: Loop, _ options: havoc_mhd_options) throws(SystemError) {
    loop.preconditionOnLoop()
    guard havoc_mhd_load() != 0 else { throw SystemError("libmicrohttpd", code: ENOENT) }
    let pointer = withUnsafePointer(to: options) { havoc_mhd_start($0) }
    guard let pointer else { throw SystemError("MHD_start_daemon") }
    self.pointer = pointer
    self.loop = loop
    watch = loop.watch(havoc_mhd_epoll_fd(pointer), for: .read) { [unowned self] _ in
      needsRun = true
    }
    loop.addTurnHook(.init(work: { [self] in work() }, longestWait: { [self] in longestWait() }))
  }

  /// Takes a connection over, with its descriptor, which is closed where that fails.
  func add(_ descriptor: CInt, _ address: SocketAddress) -> Bool {
    needsRun = true
    return address.withPointer { MHD_add_connection(pointer, descriptor, $0, $1) } == .yes
  }

  /// Has the library run before the next wait.
  func wake() { needsRun = true }

  /// In a turn at the most: one takes an answer up, and the next sends it. What else the library
  /// would like to do at once, such as looking whether clients have sent more, waits for the next
  /// turn, in which more of them have.
  private static let runsInTurn = 2

  /// Milliseconds that it may be left alone when it wants to run because of answers that aren't there
  /// yet; it may want to for another reason too.
  private static let longestPause: Int64 = 1

  private func work() {
    guard !isStopped else { return }
    var runs = 0
    while runs < Self.runsInTurn, isDue {
      needsRun = false
      hasMoved = false
      lastRun = loop.now
      MHD_run(pointer)
      runs += 1
    }
  }

  /// Whether it has nothing to run for, as far as is known here, but answers that aren't there yet.
  private var isAsking: Bool { awaited > 0 && !hasMoved }

  private var isDue: Bool {
    if needsRun { return true }
    if isAsking, loop.now &- lastRun < UInt64(Self.longestPause) * 1_000_000 { return false }
    return timeout == 0
  }

  private func longestWait() -> Int64 {
    guard !isStopped else { return -1 }
    if needsRun { return 0 }
    guard let timeout else { return -1 }
    return timeout == 0 && isAsking ? Self.longestPause : Int64(clamping: timeout)
  }

  /// Milliseconds until the library wants to run without anything having happened.
  private var timeout: CUnsignedLongLong? {
    var timeout: CUnsignedLongLong = 0
    return MHD_get_timeout(pointer, &timeout) == .yes ? timeout : nil
  }

  /// Closes everything; no connection may be suspended.
  func stop() {
    guard !isStopped else { return }
    isStopped = true
    if let watch { loop.cancel(watch) }
    MHD_stop_daemon(pointer)
  }
}
