import Domain

extension Configuration {
  /// What the server shows for itself in TLS; nil where it speaks none.
  /// - Throws: for a file that can't be read, or that isn't what it should be.
  public func certificate() throws(Failure) -> Certificate? {
    let (certificate, key) = (given("tls-cert"), given("tls-key"))
    guard certificate != nil || key != nil else { return nil }
    guard let certificate else {
      throw Failure(
        .usage, "tls-key is set and tls-cert isn't", hint: "TLS wants both: set tls-cert too")
    }
    guard let key else {
      throw Failure(
        .usage, "tls-cert is set and tls-key isn't", hint: "TLS wants both: set tls-key too")
    }
    let chain = try text(of: "tls-cert", certificate)
    let secret = try text(of: "tls-key", key)
    do {
      return try Certificate(chain: chain, key: secret)
    } catch {
      throw Self.failure(error, certificate, key)
    }
  }

  private func text(of key: String, _ path: String) throws(Failure) -> String {
    do {
      // PEM stands in ASCII; what doesn't is no PEM, and told to be none.
      return String(decoding: try TextFile.bytes(path), as: UTF8.self)
    } catch {
      throw Failure(
        .failed, "\(key): \(error.message)", hint: "it comes from: \(entry(key).origin)")
    }
  }

  private static func failure(
    _ fault: Certificate.Fault, _ certificate: String, _ key: String
  ) -> Failure {
    switch fault {
    case .noCertificate:
      Failure(
        .failed, "tls-cert: \(certificate) holds no certificate in PEM",
        hint: "openssl x509 -inform der -in FILE turns one in DER into PEM")
    case .brokenChain:
      Failure(
        .failed, "tls-cert: a certificate behind the first in \(certificate) can't be read",
        hint: "the file may be cut off: write it anew")
    case .noKey:
      Failure(
        .failed, "tls-key: \(key) holds no private key in PEM",
        hint: "openssl pkey -inform der -in FILE turns one in DER into PEM")
    case .keyIsEncrypted:
      Failure(
        .failed, "tls-key: \(key) holds no private key in PEM that isn't encrypted",
        hint:
          "nobody is there to type its passphrase: openssl pkey -in \(key) -out FILE takes it off")
    case .keyDiffers:
      Failure(
        .failed, "tls-key: \(key) isn't the key of the certificate in \(certificate)",
        hint: "the server's own certificate stands first in its file")
    }
  }
}
