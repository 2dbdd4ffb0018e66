import CSystemd
import EventLoop

/// What systemd is told (sd_notify(3)); nothing happens without it.
enum ServiceManager {
  static func ready(status: String) { notify("READY=1\nSTATUS=\(status)") }
  static func status(_ text: String) { notify("STATUS=\(text)") }
  static func stopping() { notify("STOPPING=1\nSTATUS=Finishing what runs") }

  /// The server is busy with another configuration until it is ready again. The time is what newer
  /// versions of systemd match the signal with.
  static func reloading() {
    notify(
      "RELOADING=1\nMONOTONIC_USEC=\(Loop.monotonicNanoseconds() / 1_000)\nSTATUS=Reloading")
  }

  static func isAlive() { notify("WATCHDOG=1") }

  /// Within which `isAlive` is expected; nil where it isn't.
  static var watchdogInterval: Duration? {
    var microseconds: UInt64 = 0
    guard havoc_sd_watchdog_enabled(&microseconds) > 0 else { return nil }
    return .microseconds(Int64(clamping: microseconds))
  }

  private static func notify(_ state: String) { _ = havoc_sd_notify(state) }
}
