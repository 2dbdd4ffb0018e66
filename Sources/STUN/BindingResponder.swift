/// Decides what a STUN server says (RFC 8489, section 6.3; RFC 5780, section 6.1; RFC 3489, section
/// 8.1). It reads and writes memory that is there, and nothing else.
public struct BindingResponder: Sendable {
  /// The four addresses of a server that tells clients about their NAT (RFC 5780).
  public struct Alternates: Sendable {
    public let primary: TransportAddress
    public let other: TransportAddress

    /// - Parameters: two addresses of the same family that differ in host and in port.
    public init(primary: TransportAddress, other: TransportAddress) {
      self.primary = primary
      self.other = other
    }

    /// The host of one and the port of either.
    public func address(host isOtherHost: Bool, port isOtherPort: Bool) -> TransportAddress {
      var address = isOtherHost ? other : primary
      address.port = isOtherPort ? other.port : primary.port
      return address
    }
  }

  /// What a message came through.
  public struct Channel: Sendable {
    public let alternates: Alternates?
    /// Which of the four addresses this one is.
    public let isOtherHost: Bool
    public let isOtherPort: Bool
    /// UDP, where one may ask for an answer from elsewhere.
    public let isDatagram: Bool

    public init(
      alternates: Alternates? = nil, isOtherHost: Bool = false, isOtherPort: Bool = false,
      isDatagram: Bool = true
    ) {
      self.alternates = alternates
      self.isOtherHost = isOtherHost
      self.isOtherPort = isOtherPort
      self.isDatagram = isDatagram
    }

    /// Whether RFC 5780's questions are understood.
    var isDiscovery: Bool { alternates != nil && isDatagram }
  }

  public enum Outcome: Sendable { case success, badRequest, unknownAttribute }

  /// An answer that was written.
  public struct Answer: Sendable {
    public let size: Int
    public let outcome: Outcome
    /// Which of the four addresses it leaves from.
    public let isOtherHost: Bool
    public let isOtherPort: Bool
    /// The client's port that it goes to; nil for the one that the request came from.
    public let port: UInt16?
  }

  /// The most PADDING in an answer, in bytes: a datagram that Ethernet has to cut.
  public static let longestPadding = 1_500

  private static let software: StaticString = "havocctl"

  public init() {}

  /// Whether a message is a request that is answered: what isn't is passed over in silence.
  public static func isRequest(_ message: Message) -> Bool {
    message.messageClass == .request && message.method == Message.binding
  }

  /// Answers a request.
  /// - Parameter buffer: `MessageWriter.largest` bytes.
  /// - Returns: nil where the request's FINGERPRINT shows that it is none (RFC 8489, section 7.3.1).
  public func answer(
    _ message: Message, from client: TransportAddress, _ channel: Channel,
    into buffer: UnsafeMutableRawBufferPointer
  ) -> Answer? {
    var request = Request()
    do throws(MalformedMessage) {
      try request.read(message, channel)
    } catch {
      request.isMalformed = true
    }
    guard !request.isForged else { return nil }
    let isSuccess = !request.isMalformed && request.unknown == 0
    let transaction = (message.bytes.quadWord(at: 4), message.bytes.quadWord(at: 12))
    var writer = MessageWriter(
      into: buffer, isSuccess ? .success : .error, transaction: transaction)
    if request.isMalformed {
      writer.add(error: 400, "Bad Request")
    } else if request.unknown > 0 {
      writer.add(error: 420, "Unknown Attribute")
      writer.add(unknown: { Self.eachUnknown(message, channel, $0) })
    } else {
      writeSuccess(&writer, message, request, client, channel)
    }
    writer.add(AttributeType.software, text: Self.software)
    if isSuccess, let padding = request.padding {
      writer.add(padding: min(padding, Self.longestPadding))
    }
    let size = writer.finish(hasFingerprint: request.hasFingerprint)
    return Answer(
      size: size,
      outcome: isSuccess ? .success : request.isMalformed ? .badRequest : .unknownAttribute,
      isOtherHost: channel.isOtherHost != (isSuccess && request.changesHost),
      isOtherPort: channel.isOtherPort != (isSuccess && request.changesPort),
      port: isSuccess ? request.responsePort : nil)
  }

  private func writeSuccess(
    _ writer: inout MessageWriter, _ message: Message, _ request: Request,
    _ client: TransportAddress, _ channel: Channel
  ) {
    let isClassic = message.isClassic
    if isClassic {
      writer.add(AttributeType.mappedAddress, client)
    } else {
      writer.add(AttributeType.xorMappedAddress, client, isXOR: true)
    }
    guard let alternates = channel.alternates else { return }
    let origin = alternates.address(
      host: channel.isOtherHost != request.changesHost,
      port: channel.isOtherPort != request.changesPort)
    let other = alternates.address(host: !channel.isOtherHost, port: !channel.isOtherPort)
    writer.add(isClassic ? AttributeType.sourceAddress : AttributeType.responseOrigin, origin)
    writer.add(isClassic ? AttributeType.changedAddress : AttributeType.otherAddress, other)
  }

  /// What a request asks for.
  private struct Request {
    var hasFingerprint = false
    /// Its FINGERPRINT is wrong.
    var isForged = false
    var isMalformed = false
    var unknown = 0
    var changesHost = false
    var changesPort = false
    var padding: Int?
    var responsePort: UInt16?

    mutating func read(_ message: Message, _ channel: Channel) throws(MalformedMessage) {
      var attributes = message.attributes
      var isSigned = false
      while let attribute = try attributes.next() {
        // Nothing may stand behind a FINGERPRINT (RFC 8489, section 14.7).
        guard !hasFingerprint else { throw MalformedMessage() }
        if attribute.type == AttributeType.fingerprint {
          hasFingerprint = true
          isForged = !message.isSound(attribute)
        } else if isSigned {
          // What stands behind a signature isn't covered by it (RFC 8489, section 14.5).
          continue
        } else if attribute.type == AttributeType.messageIntegrity
          || attribute.type == AttributeType.messageIntegritySHA256
        {
          isSigned = true
        } else if !BindingResponder.isKnown(attribute, channel) {
          unknown += 1
        } else if channel.isDiscovery {
          try readDiscovery(attribute)
        }
      }
      // Together they would make of one datagram a flood of fragments at another port (RFC 5780,
      // section 7.6).
      if padding != nil, responsePort != nil { throw MalformedMessage() }
    }

    /// What one of RFC 5780's asks for; others ask for nothing.
    private mutating func readDiscovery(_ attribute: Attribute) throws(MalformedMessage) {
      switch attribute.type {
      case AttributeType.changeRequest:
        guard attribute.value.count == 4 else { throw MalformedMessage() }
        let flags = attribute.value.doubleWord(at: 0)
        changesHost = flags & 0x4 != 0
        changesPort = flags & 0x2 != 0
      case AttributeType.responsePort:
        guard attribute.value.count == 2 || attribute.value.count == 4,
          attribute.value.word(at: 0) != 0
        else { throw MalformedMessage() }
        responsePort = attribute.value.word(at: 0)
      case AttributeType.padding: padding = attribute.value.count
      default: break
      }
    }
  }

  /// Whether an attribute may stand in a request: those of credentials, for which nobody is asked
  /// here, and what may be passed over.
  fileprivate static func isKnown(_ attribute: Attribute, _ channel: Channel) -> Bool {
    switch attribute.type {
    case AttributeType.username, AttributeType.realm, AttributeType.nonce,
      AttributeType.messageIntegrity, AttributeType.messageIntegritySHA256,
      AttributeType.passwordAlgorithm, AttributeType.userhash:
      true
    case AttributeType.changeRequest, AttributeType.responsePort, AttributeType.padding:
      channel.isDiscovery
    default: attribute.isOptional
    }
  }

  private static func eachUnknown(
    _ message: Message, _ channel: Channel, _ body: (UInt16) -> Void
  ) {
    var attributes = message.attributes
    var count = 0
    var last: UInt16 = 0
    reading: while let attribute = try? attributes.next() {
      switch attribute.type {
      case AttributeType.messageIntegrity, AttributeType.messageIntegritySHA256,
        AttributeType.fingerprint:
        break reading
      case _ where isKnown(attribute, channel): continue
      default:
        body(attribute.type)
        count += 1
        last = attribute.type
      }
    }
    // RFC 3489, section 11.2.10: an odd one is said twice, in place of padding.
    if message.isClassic, count % 2 == 1 { body(last) }
  }
}
