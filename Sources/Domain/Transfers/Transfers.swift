import CCurl
import EventLoop
import Glibc

/// Conversations with other servers on one loop: libcurl says what it waits for, the loop waits.
///
/// `@unchecked Sendable`: everything in it is touched only on its loop's thread, which every public
/// method checks.
public final class Transfers: @unchecked Sendable {
  private let loop: Loop
  private let multi: UnsafeMutableRawPointer
  private var watches: [CInt: Watch] = [:]
  private var timer: EventLoop.Timer?
  private var running: [UnsafeMutableRawPointer: RunningTransfer] = [:]

  /// - Throws: where libcurl isn't installed.
  public init(loop: Loop) throws(TransferFailure) {
    guard havoc_curl_load() != 0, let multi = havoc_curl_multi_init() else {
      throw TransferFailure(description: "libcurl can't be loaded: install libcurl4")
    }
    self.loop = loop
    self.multi = multi
    havoc_curl_set_callbacks(
      multi, transfersSocket, transfersTimer, Unmanaged.passUnretained(self).toOpaque())
  }

  deinit { havoc_curl_multi_cleanup(multi) }

  /// - Throws: `TransferFailure` where the other server can't be reached or breaks off, and for
  ///   mail also where it refuses.
  public func perform(_ transfer: Transfer) async throws(TransferFailure) -> Transfer.Outcome {
    loop.preconditionOnLoop()
    let one = try RunningTransfer(transfer)
    running[one.easy] = one
    let result = await withUnsafeContinuation { continuation in
      one.continuation = continuation
      havoc_curl_add(multi, one.easy)
    }
    return try result.get()
  }

  /// Breaks off what runs.
  public func stop() {
    loop.preconditionOnLoop()
    for one in running.values { end(one, CURLE_ABORTED_BY_CALLBACK) }
    timer?.cancel()
  }

  // MARK: What libcurl waits for

  fileprivate func wait(for descriptor: CInt, _ what: CInt) {
    var interest: Readiness = []
    if what & CURL_POLL_IN != 0 { interest.insert(.read) }
    if what & CURL_POLL_OUT != 0 { interest.insert(.write) }
    if what == CURL_POLL_REMOVE {
      if let watch = watches.removeValue(forKey: descriptor) { loop.cancel(watch) }
    } else if let watch = watches[descriptor] {
      loop.update(watch, for: interest)
    } else {
      watches[descriptor] = loop.watch(descriptor, for: interest) { [weak self] ready in
        self?.act(on: descriptor, ready)
      }
    }
  }

  fileprivate func wait(milliseconds: Int) {
    timer?.cancel()
    timer = nil
    guard milliseconds >= 0 else { return }
    timer = loop.schedule(after: .milliseconds(milliseconds)) { [weak self] in
      self?.act(on: CURL_SOCKET_TIMEOUT, [])
    }
  }

  private func act(on descriptor: CInt, _ ready: Readiness) {
    var what: CInt = 0
    if ready.contains(.read) { what |= CURL_CSELECT_IN }
    if ready.contains(.write) { what |= CURL_CSELECT_OUT }
    if !ready.isDisjoint(with: [.error, .hangUp]) { what |= CURL_CSELECT_ERR }
    havoc_curl_act(multi, descriptor, what)
    var result = CURLE_OK
    while let easy = havoc_curl_next_done(multi, &result) {
      if let one = running[easy] { end(one, result) }
    }
  }

  private func end(_ one: RunningTransfer, _ result: CURLcode) {
    running[one.easy] = nil
    havoc_curl_remove(multi, one.easy)
    one.finish(result)
  }
}

private func transfersSocket(
  _ easy: UnsafeMutableRawPointer?, _ descriptor: curl_socket_t, _ what: CInt,
  _ context: UnsafeMutableRawPointer?, _ socketContext: UnsafeMutableRawPointer?
) -> CInt {
  if let context {
    Unmanaged<Transfers>.fromOpaque(context).takeUnretainedValue().wait(for: descriptor, what)
  }
  return 0
}

private func transfersTimer(
  _ multi: UnsafeMutableRawPointer?, _ milliseconds: Int, _ context: UnsafeMutableRawPointer?
) -> CInt {
  if let context {
    Unmanaged<Transfers>.fromOpaque(context).takeUnretainedValue()
      .wait(milliseconds: milliseconds)
  }
  return 0
}
