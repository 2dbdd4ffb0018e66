import Testing

@testable import STUN

@Suite struct ResponderTests {
  private static let alternates = BindingResponder.Alternates(
    primary: TransportAddress(ipv4: 0xC633_6401, port: 3_478),
    other: TransportAddress(ipv4: 0xC633_6402, port: 3_479))
  private static let discovery = BindingResponder.Channel(alternates: alternates)

  @Test(arguments: [client4, client6], [false, true])
  func tellsTheClientItsAddress(client: TransportAddress, hasFingerprint: Bool) {
    let request = request([(AttributeType.software, [1, 2, 3])], hasFingerprint: hasFingerprint)
    let answer = answer(request, from: client)
    #expect(answer?.answer.outcome == .success)
    #expect(answer?.bytes.prefix(2) == [0x01, 0x01])
    #expect(answer?.bytes[4..<20] == request[4..<20])
    #expect(answer?.bytes.address(AttributeType.xorMappedAddress, isXOR: true) == client)
    #expect(answer?.bytes.value(of: AttributeType.software) == Array("havocctl".utf8))
    #expect((answer?.bytes.value(of: AttributeType.fingerprint) != nil) == hasFingerprint)
    #expect(answer?.bytes.value(of: AttributeType.mappedAddress) == nil)
  }

  @Test func tellsAClassicClientInItsOwnWay() {
    let answer = answer(request(isClassic: true))
    #expect(answer?.bytes.address(AttributeType.mappedAddress) == client4)
    #expect(answer?.bytes.value(of: AttributeType.xorMappedAddress) == nil)
    let found = STUNTests.answer(request(isClassic: true), Self.discovery)?.bytes
    #expect(found?.address(AttributeType.sourceAddress) == Self.alternates.primary)
    #expect(found?.address(AttributeType.changedAddress) == Self.alternates.other)
  }

  /// Success, error, indication, another method; a wrong FINGERPRINT.
  @Test func saysNothingToWhatIsNoRequest() {
    for type in [0x0101, 0x0111, 0x0011, 0x0003, 0x0002, 0x3FEF, 0x0021] as [UInt16] {
      #expect(answer(request(type: type)) == nil, "\(type)")
    }
    var forged = request(hasFingerprint: true)
    forged[forged.count - 1] ^= 1
    #expect(answer(forged) == nil)
    for first in [0x40, 0x80, 0xC0] as [UInt8] {
      var bytes = request()
      bytes[0] |= first
      #expect(answer(bytes) == nil)
    }
    #expect(answer(request().dropLast() + []) == nil)
    #expect(answer([]) == nil)
  }

  @Test(
    arguments: [
      ([0x7FFF], [0x7F, 0xFF]), ([0x0003], [0x00, 0x03]),
      ([0x0026, 0x0027], [0x00, 0x26, 0x00, 0x27]),
      ([0x0024, 0x0025, 0x0002], [0x00, 0x24, 0x00, 0x25, 0x00, 0x02]),
    ] as [([UInt16], [UInt8])])
  func namesWhatItDoesNotKnow(types: [UInt16], listed: [UInt8]) {
    let answer = answer(request(types.map { ($0, [0, 0, 0, 0]) } + [(0x8123, [])]))
    #expect(answer?.answer.outcome == .unknownAttribute)
    #expect(answer?.bytes.prefix(2) == [0x01, 0x11])
    #expect(answer?.bytes.value(of: AttributeType.errorCode)?.prefix(4) == [0, 0, 4, 20])
    #expect(answer?.bytes.value(of: AttributeType.unknownAttributes) == listed)
  }

  /// RFC 3489, section 11.2.10.
  @Test func aClassicListIsEven() {
    let answer = answer(request([(0x0024, [])], isClassic: true))
    #expect(answer?.bytes.value(of: AttributeType.unknownAttributes) == [0, 0x24, 0, 0x24])
  }

  @Test func whatStandsBehindASignatureDoesNotCount() {
    let signature = (AttributeType.messageIntegrity, [UInt8](repeating: 7, count: 20))
    #expect(answer(request([signature, (0x0024, [])]))?.answer.outcome == .success)
    #expect(answer(request([(0x0024, []), signature]))?.answer.outcome == .unknownAttribute)
    let credentials = [AttributeType.username, AttributeType.realm, AttributeType.nonce]
    #expect(answer(request(credentials.map { ($0, [1]) }))?.answer.outcome == .success)
  }

  @Test func whatIsMalformedIsSaid() {
    // An attribute longer than the message; something behind a FINGERPRINT.
    var long = request([(AttributeType.software, [1, 2, 3, 4])])
    long[23] = 5
    var behind = request(hasFingerprint: true) + [0x80, 0x22, 0, 0]
    behind[3] += 4
    let code = behind.withUnsafeBytes { Message.fingerprint($0, upTo: 20) }
    for index in 0..<4 { behind[24 + index] = UInt8(truncatingIfNeeded: code >> (24 - 8 * index)) }
    for bytes in [long, behind] {
      let answer = answer(bytes)
      #expect(answer?.answer.outcome == .badRequest)
      #expect(answer?.bytes.value(of: AttributeType.errorCode)?.prefix(4) == [0, 0, 4, 0])
      #expect(answer?.bytes.value(of: AttributeType.xorMappedAddress) == nil)
    }
  }

  // MARK: RFC 5780

  @Test(arguments: [(0, false, false), (2, false, true), (4, true, false), (6, true, true)])
  func theAnswerComesFromWhereItWasAskedFor(flags: UInt8, host: Bool, port: Bool) {
    for isOtherHost in [false, true] {
      for isOtherPort in [false, true] {
        let channel = BindingResponder.Channel(
          alternates: Self.alternates, isOtherHost: isOtherHost, isOtherPort: isOtherPort)
        let found = answer(request([(AttributeType.changeRequest, [0, 0, 0, flags])]), channel)
        #expect(found?.answer.isOtherHost == (isOtherHost != host))
        #expect(found?.answer.isOtherPort == (isOtherPort != port))
        #expect(
          found?.bytes.address(AttributeType.responseOrigin)
            == Self.alternates.address(host: isOtherHost != host, port: isOtherPort != port))
        #expect(
          found?.bytes.address(AttributeType.otherAddress)
            == Self.alternates.address(host: !isOtherHost, port: !isOtherPort))
      }
    }
  }

  @Test func anErrorComesFromWhereItWasAsked() {
    let found = answer(
      request([(AttributeType.changeRequest, [0, 0, 0, 6]), (0x7000, [])]), Self.discovery)
    #expect(found?.answer.outcome == .unknownAttribute)
    #expect(found?.bytes.value(of: AttributeType.unknownAttributes) == [0x70, 0x00])
    #expect(found?.answer.isOtherHost == false && found?.answer.isOtherPort == false)
  }

  @Test func anotherPortGetsTheAnswer() {
    for value in [[0x30, 0x39], [0x30, 0x39, 0, 0]] as [[UInt8]] {
      let found = answer(request([(AttributeType.responsePort, value)]), Self.discovery)
      #expect(found?.answer.port == 12_345)
    }
    let none = answer(request([(AttributeType.responsePort, [0, 0])]), Self.discovery)
    #expect(none?.answer.outcome == .badRequest && none?.answer.port == nil)
  }

  @Test func paddingIsAnsweredWithAsMuch() {
    for (asked, given) in [(0, 0), (1, 1), (900, 900), (1_500, 1_500), (1_800, 1_500)] {
      let padding = (AttributeType.padding, [UInt8](repeating: 9, count: asked))
      let found = answer(request([padding]), Self.discovery)
      #expect(found?.bytes.value(of: AttributeType.padding) == [UInt8](repeating: 0, count: given))
    }
    let both = answer(
      request([(AttributeType.padding, []), (AttributeType.responsePort, [1, 1])]), Self.discovery)
    #expect(both?.answer.outcome == .badRequest)
    #expect(both?.answer.port == nil)
  }

  /// A connection can't be answered from elsewhere.
  @Test func aStreamKnowsNothingOfThem() {
    let stream = BindingResponder.Channel(alternates: Self.alternates, isDatagram: false)
    for type in [AttributeType.changeRequest, AttributeType.padding, AttributeType.responsePort] {
      #expect(answer(request([(type, [0, 0, 0, 0])]), stream)?.answer.outcome == .unknownAttribute)
    }
    #expect(
      answer(request(), stream)?.bytes.address(AttributeType.otherAddress) == Self.alternates.other)
  }

  // MARK: Anything at all

  /// Whatever comes, the answer is a sound message and no amplifier.
  @Test func anyBytesAreAnsweredShortlyOrNotAtAll() {
    var state: UInt64 = 42
    func random(_ bound: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % bound
    }
    let types: [UInt16] = [
      0x0001, 0x0003, 0x0006, 0x0008, 0x0020, 0x0024, 0x0026, 0x0027, 0x7F00, 0x8022, 0x8028,
      0x802B,
    ]
    for _ in 0..<20_000 {
      var bytes = request(
        (0..<random(6)).map { _ in
          (types[random(types.count)], (0..<random(24)).map { _ in UInt8(random(256)) })
        }, isClassic: random(4) == 0, hasFingerprint: random(3) == 0)
      if random(3) == 0 { bytes[random(bytes.count)] = UInt8(random(256)) }
      for channel in [BindingResponder.Channel(), Self.discovery] {
        guard let found = answer(bytes, from: random(2) == 0 ? client4 : client6, channel) else {
          continue
        }
        #expect(found.bytes.attributes != nil)
        let padding = found.bytes.value(of: AttributeType.padding).map { $0.count + 8 } ?? 0
        #expect(found.bytes.count <= bytes.count + 100 + padding)
      }
    }
  }
}
