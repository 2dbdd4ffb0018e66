import Glibc
import Postgres

/// A mail's text (RFC 5322).
enum MailMessage {
  /// The mail that brings a code.
  static func signInCode(_ code: String, username: String, from sender: String, to: String)
    -> [UInt8]
  {
    make(
      subject: "Your sign-in code", from: sender, to: to,
      lines: [
        "Your sign-in code is \(code).", "",
        "It is good once, within ten minutes, for the account \(username).",
        "If you didn't ask for it, somebody may know your password: change it.",
      ])
  }

  /// Every value of a header is an address that was checked, or ours: none can hold a line's end.
  private static func make(
    subject: String, from sender: String, to recipient: String, lines: [String]
  ) -> [UInt8] {
    let domain = sender.split(separator: "@").last ?? "localhost"
    let headers = [
      "Date: \(date())", "From: havocctl <\(sender)>", "To: <\(recipient)>",
      "Subject: \(subject)", "Message-ID: <\(Secrets.random(16).hex)@\(domain)>",
      "Auto-Submitted: auto-generated", "MIME-Version: 1.0",
      "Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: 8bit",
    ]
    return Array(((headers + [""] + lines).joined(separator: "\r\n") + "\r\n").utf8)
  }

  /// Now, as RFC 5322 section 3.3 has it.
  private static func date() -> String {
    var seconds = time_t(Timestamp.now.seconds)
    var parts = tm()
    gmtime_r(&seconds, &parts)
    let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    let months = [
      "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]
    func two(_ number: CInt) -> String { number < 10 ? "0\(number)" : "\(number)" }
    let day = "\(days[Int(parts.tm_wday)]), \(two(parts.tm_mday)) \(months[Int(parts.tm_mon)])"
    let time = "\(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec))"
    return "\(day) \(1_900 + parts.tm_year) \(time) +0000"
  }
}
