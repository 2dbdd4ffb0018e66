import CCurl

/// A transfer under way, with libcurl's handle of it.
final class RunningTransfer {
  let easy: UnsafeMutableRawPointer
  private let transfer: Transfer
  private var lists: [UnsafeMutablePointer<curl_slist>] = []
  private let errorText = UnsafeMutablePointer<CChar>.allocate(capacity: Int(CURL_ERROR_SIZE))
  private var received: [UInt8] = []
  private var sent = 0
  private var isTooLong = false
  var continuation: UnsafeContinuation<Result<Transfer.Outcome, TransferFailure>, Never>?

  init(_ transfer: Transfer) throws(TransferFailure) {
    guard let easy = havoc_curl_easy_init() else {
      throw TransferFailure(description: "out of memory")
    }
    self.easy = easy
    self.transfer = transfer
    errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
    setUp()
  }

  deinit {
    havoc_curl_easy_cleanup(easy)
    for list in lists { havoc_curl_free_list(list) }
    errorText.deallocate()
  }

  private func set(_ option: CURLoption, _ value: String?) {
    if let value { havoc_curl_set_text(easy, option, value) }
  }

  private func set(_ option: CURLoption, _ value: Int) {
    havoc_curl_set_long(easy, option, value)
  }

  private func set(_ option: CURLoption, _ words: [String]) {
    var list: UnsafeMutablePointer<curl_slist>?
    for word in words { list = havoc_curl_append(list, word) }
    guard let list else { return }
    lists.append(list)
    havoc_curl_set_list(easy, option, list)
  }

  private func setUp() {
    let (seconds, attoseconds) = transfer.timeout.components
    let milliseconds = Int(seconds * 1_000 + attoseconds / 1_000_000_000_000_000)
    set(CURLOPT_URL, transfer.url)
    set(CURLOPT_NOSIGNAL, 1)
    set(CURLOPT_TIMEOUT_MS, milliseconds)
    set(CURLOPT_CONNECTTIMEOUT_MS, milliseconds)
    set(CURLOPT_CAINFO, transfer.authorities)
    set(CURLOPT_USERNAME, transfer.username)
    set(CURLOPT_PASSWORD, transfer.password)
    set(CURLOPT_HTTPHEADER, transfer.headers)
    // Proxies of the environment are for people's programs, not for a service's secrets.
    set(CURLOPT_PROXY, "")
    havoc_curl_set_text(easy, CURLOPT_ERRORBUFFER, errorText)
    let context = Unmanaged.passUnretained(self).toOpaque()
    havoc_curl_set_writer(easy, transferReceived, context)
    switch transfer.kind {
    case .get: set(CURLOPT_PROTOCOLS_STR, "http,https")
    case .post(let body):
      set(CURLOPT_PROTOCOLS_STR, "http,https")
      set(CURLOPT_POST, 1)
      set(CURLOPT_POSTFIELDSIZE, body.count)
      havoc_curl_set_reader(easy, transferWanted, context)
    case .greeting:
      set(CURLOPT_PROTOCOLS_STR, "smtp,smtps")
      set(CURLOPT_CONNECT_ONLY, 1)
      if isOpenMail { set(CURLOPT_USE_SSL, Int(startTLS.rawValue)) }
    case .mail(let sender, let recipient, let message):
      set(CURLOPT_PROTOCOLS_STR, "smtp,smtps")
      set(CURLOPT_UPLOAD, 1)
      set(CURLOPT_INFILESIZE, message.count)
      set(CURLOPT_MAIL_FROM, "<\(sender)>")
      set(CURLOPT_MAIL_RCPT, ["<\(recipient)>"])
      if isOpenMail { set(CURLOPT_USE_SSL, Int(startTLS.rawValue)) }
      havoc_curl_set_reader(easy, transferWanted, context)
    }
  }

  private var isOpenMail: Bool { !transfer.url.lowercased().hasPrefix("smtps:") }

  private var startTLS: curl_usessl {
    switch transfer.startTLS {
    case .off: CURLUSESSL_NONE
    case .whereOffered: CURLUSESSL_TRY
    case .required: CURLUSESSL_ALL
    }
  }

  private var upload: [UInt8] {
    switch transfer.kind {
    case .get, .greeting: []
    case .post(let body): body
    case .mail(_, _, let message): message
    }
  }

  fileprivate func receive(_ bytes: UnsafeRawBufferPointer) -> Int {
    guard received.count + bytes.count <= transfer.limit else {
      isTooLong = true
      return 0
    }
    received.append(contentsOf: bytes)
    return bytes.count
  }

  fileprivate func provide(_ buffer: UnsafeMutableRawBufferPointer) -> Int {
    let rest = upload[sent...].prefix(buffer.count)
    buffer.copyBytes(from: rest)
    sent += rest.count
    return rest.count
  }

  func finish(_ result: CURLcode) {
    let code = havoc_curl_response_code(easy)
    let outcome: Result<Transfer.Outcome, TransferFailure>
    if result == CURLE_OK {
      outcome = .success(Transfer.Outcome(code: code, body: received))
    } else {
      var why = String(cString: errorText)
      if why.isEmpty { why = String(cString: havoc_curl_error(result)) }
      if isTooLong { why = "the answer is longer than \(transfer.limit) bytes" }
      if code > 0 { why += " (\(code))" }
      outcome = .failure(TransferFailure(description: why))
    }
    continuation?.resume(returning: outcome)
    continuation = nil
  }
}

private func transferReceived(
  _ bytes: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int,
  _ context: UnsafeMutableRawPointer?
) -> Int {
  guard let context else { return 0 }
  return Unmanaged<RunningTransfer>.fromOpaque(context).takeUnretainedValue()
    .receive(UnsafeRawBufferPointer(start: bytes, count: size * count))
}

private func transferWanted(
  _ bytes: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int,
  _ context: UnsafeMutableRawPointer?
) -> Int {
  guard let context else { return 0 }
  return Unmanaged<RunningTransfer>.fromOpaque(context).takeUnretainedValue()
    .provide(UnsafeMutableRawBufferPointer(start: bytes, count: size * count))
}
