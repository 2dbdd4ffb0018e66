import CSystemd
import EventLoop

/// What systemd is told (sd_notify(3)); nothing happens without it.
enum ServiceManager {
  static func ready(status: String) { notify("READY=1\nSTATUS=\(status)") }
  static func status(_ text: String) { notify("STATUS=\(text)") }
  static func stopping() { notify("STOPPING=1\nSTATUS=Finishing what runs") }

  private static func notify(_ state: String) { _ = havoc_sd_notify(state) }

  /// Whether standard error goes to the journal.
  static func isJournal(environment: (String) -> String?) -> Bool {
    environment("JOURNAL_STREAM") != nil
  }
}
