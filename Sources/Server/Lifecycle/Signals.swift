import CLinux
import EventLoop
import Glibc

/// Signals as events of a loop.
public final class Signals {
  private let descriptor: CInt

  /// Has signals wait for somebody who obeys them.
  @discardableResult
  public static func hold(_ signals: [CInt]) -> sigset_t {
    var set = sigset_t()
    sigemptyset(&set)
    for signal in signals { sigaddset(&set, signal) }
    pthread_sigmask(SIG_BLOCK, &set, nil)
    return set
  }

  /// Blocks the signals for the calling thread and those it starts from then on, and reports them
  /// on the loop instead.
  init(
    _ signals: [CInt], on loop: Loop, handler: @escaping (CInt) -> Void
  ) throws(SystemError) {
    var set = Self.hold(signals)
    descriptor = signalfd(-1, &set, HAVOC_SIGNALFD_FLAGS)
    guard descriptor >= 0 else { throw SystemError("signalfd") }
    let descriptor = self.descriptor
    _ = loop.watch(descriptor, for: .read) { _ in
      var info = signalfd_siginfo()
      while read(descriptor, &info, MemoryLayout<signalfd_siginfo>.size) > 0 {
        handler(CInt(info.ssi_signo))
      }
    }
  }
}
