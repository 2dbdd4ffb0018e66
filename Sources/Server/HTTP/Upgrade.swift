/// What a connection becomes behind an answer of 101.
///
/// `@unchecked Sendable`: made and used on the loop of its connection.
public final class Upgrade: @unchecked Sendable {
  /// Takes the connection over: its descriptor, the client's address, what the client has sent
  /// already, and whom to tell when it is closed.
  typealias Open = (
    _ descriptor: CInt, _ address: String?, _ extra: [UInt8], _ closed: @escaping () -> Void
  ) -> Void

  private var open: Open?
  private let abandon: () -> Void

  /// - Parameter abandon: called where the client went away before.
  init(open: @escaping Open, abandon: @escaping () -> Void) {
    self.open = open
    self.abandon = abandon
  }

  func take(
    _ descriptor: CInt, _ address: String?, _ extra: [UInt8], closed: @escaping () -> Void
  ) {
    let open = self.open
    self.open = nil
    open?(descriptor, address, extra, closed)
  }

  deinit { if open != nil { abandon() } }
}
