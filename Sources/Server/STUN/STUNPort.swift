import CDatagrams
import EventLoop
import Glibc
import STUN

/// One UDP socket of a loop's STUN server. Datagrams come and go in batches through memory that was
/// there before them.
///
/// `@unchecked Sendable`: touched only on its loop's thread.
final class STUNPort: @unchecked Sendable {
  private let desk: STUNDesk
  private let descriptor: CInt
  private let channel: BindingResponder.Channel
  private let batch: OpaquePointer
  private var watch: Watch?
  /// The sockets of the four addresses, by host and port; with one address it is this one alone.
  private var siblings: [CInt]

  /// Datagrams of a batch.
  private static let batchSize: CUnsignedInt = 16
  /// Batches of a turn at the most.
  private static let batches = 16
  /// How much more time others get while both have work.
  private static let share: Int64 = 4
  /// Nanoseconds that datagrams may take at once.
  private static let mostCredit: Int64 = 500_000
  /// When datagrams were last taken, in nanoseconds.
  private var lastEnd: UInt64 = 0
  /// Nanoseconds that datagrams may take; below zero they have had more than that.
  private var credit: Int64 = 0
  /// What the loop had run then.
  private var jobsSeen: UInt64 = 0

  /// - Parameter descriptor: bound, and this port's from here on.
  init?(_ desk: STUNDesk, _ descriptor: CInt, _ channel: BindingResponder.Channel) {
    guard let batch = havoc_batch_create(Self.batchSize) else { return nil }
    self.desk = desk
    self.descriptor = descriptor
    self.channel = channel
    self.batch = batch
    siblings = []
  }

  deinit {
    havoc_batch_destroy(batch)
    close(descriptor)
  }

  /// - Parameter siblings: the ports of the four addresses, in the order of `place`; none where
  ///   there is no second address.
  func start(siblings: [STUNPort]) {
    self.siblings = siblings.map(\.descriptor)
    watch = desk.loop.watch(descriptor, for: .read) { [unowned self] _ in receive() }
  }

  func stop() {
    if let watch { desk.loop.cancel(watch) }
    watch = nil
  }

  /// Where a port of the four addresses stands among its siblings.
  static func place(host isOtherHost: Bool, port isOtherPort: Bool) -> Int {
    (isOtherHost ? 2 : 0) + (isOtherPort ? 1 : 0)
  }

  /// Takes datagrams, where it is their turn: while requests are answered on the loop, a flood gets
  /// so much time that theirs is `share` times as much; nobody else there, all that it wants.
  private func receive() {
    let start = Loop.monotonicNanoseconds()
    let elapsed = Int64(clamping: start &- lastEnd)
    lastEnd = start
    let isShared = desk.loop.jobsRun != jobsSeen
    jobsSeen = desk.loop.jobsRun
    credit = isShared ? min(credit + elapsed / Self.share, Self.mostCredit) : Self.mostCredit
    for _ in 0..<Self.batches where credit > 0 {
      let count = havoc_batch_receive(batch, descriptor)
      guard count > 0 else { break }
      for index in 0..<CUnsignedInt(count) { answer(index) }
      send(through: descriptor)
      let end = Loop.monotonicNanoseconds()
      credit -= Int64(clamping: end - lastEnd)
      lastEnd = end
      guard count == Self.batchSize else { break }
    }
  }

  private func answer(_ index: CUnsignedInt) {
    var length: CInt = 0
    guard let bytes = havoc_batch_bytes(batch, index, &length), length >= 0,
      let sender = havoc_batch_sender(batch, index), let client = TransportAddress(sender),
      let buffer = havoc_batch_answer(batch, index)
    else { return desk.counters.add(.ignored) }
    let answer = desk.answer(
      UnsafeRawBufferPointer(start: bytes, count: Int(length)), from: client, channel,
      into: UnsafeMutableRawBufferPointer(start: buffer, count: MessageWriter.largest))
    guard let answer else { return }
    let isElsewhere =
      answer.isOtherHost != channel.isOtherHost || answer.isOtherPort != channel.isOtherPort
    // What leaves from another address doesn't go with the others.
    if isElsewhere { send(through: descriptor) }
    havoc_batch_add(batch, index, CUnsignedInt(answer.size), answer.port ?? 0)
    if isElsewhere {
      send(through: siblings[Self.place(host: answer.isOtherHost, port: answer.isOtherPort)])
    }
  }

  private func send(through descriptor: CInt) {
    let sent = havoc_batch_send(batch, descriptor)
    if sent > 0 { desk.counters.add(.answers, Int(sent)) }
  }
}

extension TransportAddress {
  /// An address of the kernel's; an IPv4 one that came over an IPv6 socket as IPv4. Nil for one of
  /// another family.
  init?(_ storage: UnsafePointer<sockaddr_storage>) {
    let raw = UnsafeRawPointer(storage)
    switch CInt(storage.pointee.ss_family) {
    case AF_INET:
      let address = raw.assumingMemoryBound(to: sockaddr_in.self).pointee
      self.init(
        ipv4: UInt32(bigEndian: address.sin_addr.s_addr), port: UInt16(bigEndian: address.sin_port))
    case AF_INET6:
      let address = raw.assumingMemoryBound(to: sockaddr_in6.self).pointee
      let (high, low) = withUnsafeBytes(of: address.sin6_addr) { bytes in
        (
          UInt64(bigEndian: bytes.loadUnaligned(as: UInt64.self)),
          UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
        )
      }
      let port = UInt16(bigEndian: address.sin6_port)
      if high == 0, low >> 32 == 0xFFFF {
        self.init(ipv4: UInt32(truncatingIfNeeded: low), port: port)
      } else {
        self.init(ipv6: high, low, port: port)
      }
    default: return nil
    }
  }
}
