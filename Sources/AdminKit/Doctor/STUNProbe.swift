import CLinux
import EventLoop
import Glibc
import STUN

/// Asks a STUN server what it sees of the one who asks.
struct STUNProbe {
  /// What came of it.
  enum Outcome {
    case answered(TransportAddress)
    case silent
    case failed(String)
  }

  /// How long each question waits for its answer.
  private static let patience: [Duration] = [
    .milliseconds(400), .milliseconds(800), .milliseconds(1_600),
  ]

  /// - Parameters: the host, a wildcard of which stands for this machine, and the port.
  static func ask(_ host: String, _ port: String) -> Outcome {
    var hints = addrinfo()
    hints.ai_socktype = HAVOC_SOCK_DGRAM
    var list: UnsafeMutablePointer<addrinfo>?
    // A wildcard isn't an address that one can ask; passing none means this machine.
    let name: String? = ["0.0.0.0", "::", ""].contains(host) ? nil : host
    if host == "0.0.0.0" { hints.ai_family = AF_INET }
    if host == "::" { hints.ai_family = AF_INET6 }
    let status = getaddrinfo(name, port, &hints, &list)
    defer { if let list { freeaddrinfo(list) } }
    guard status == 0, let found = list else {
      return .failed(String(cString: gai_strerror(status)))
    }
    let descriptor = socket(found.pointee.ai_family, HAVOC_SOCK_DGRAM, 0)
    guard descriptor >= 0 else { return .failed(String(cString: strerror(errno))) }
    defer { close(descriptor) }
    guard connect(descriptor, found.pointee.ai_addr, found.pointee.ai_addrlen) == 0 else {
      return .failed(String(cString: strerror(errno)))
    }
    for patience in patience {
      if let address = exchange(descriptor, patience) { return .answered(address) }
    }
    return .silent
  }

  private static func exchange(_ descriptor: CInt, _ patience: Duration) -> TransportAddress? {
    var buffer = [UInt8](repeating: 0, count: MessageWriter.largest)
    var transaction: (UInt64, UInt64) = (0, 0)
    withUnsafeMutableBytes(of: &transaction) { _ = getrandom($0.baseAddress, $0.count, 0) }
    transaction.0 =
      UInt64(STUN.Message.magicCookie) << 32 | transaction.0 & 0xFFFF_FFFF
    let size = buffer.withUnsafeMutableBytes { bytes in
      var writer = MessageWriter(into: bytes, .request, transaction: transaction)
      return writer.finish(hasFingerprint: true)
    }
    guard send(descriptor, buffer, size, 0) == size else { return nil }
    let request = Array(buffer[4..<20])
    let deadline = Loop.monotonicNanoseconds() + UInt64(patience.nanoseconds)
    var count = 0
    // What comes late answers an earlier question, and is no answer to this one.
    repeat {
      let now = Loop.monotonicNanoseconds()
      var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      guard now < deadline, poll(&waiting, 1, CInt((deadline - now) / 1_000_000) + 1) == 1 else {
        return nil
      }
      count = recv(descriptor, &buffer, buffer.count, 0)
      guard count >= 0 else { return nil }
    } while count < STUN.Message.headerSize || Array(buffer[4..<20]) != request
    return buffer.withUnsafeBytes { bytes in
      guard let message = STUN.Message(UnsafeRawBufferPointer(rebasing: bytes[..<count])),
        message.messageClass == .success
      else { return nil }
      var attributes = message.attributes
      while let attribute = try? attributes.next() {
        if attribute.type == AttributeType.xorMappedAddress {
          return message.address(attribute, isXOR: true)
        }
      }
      return nil
    }
  }
}
