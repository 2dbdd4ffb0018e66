/// What a username and an e-mail address may be.
public enum Username {
  public static let lengths = 1...150
  /// What one looks like, as far as ASCII goes: beyond it, letters, marks and digits are taken, which
  /// not every engine can say (ECMA-262, with the flag `u`).
  public static let pattern =
    #"^\s*[^\s\u0000-\u001f!-&(-*,/:-?\[-\^`{-\u007f][^\u0000-\u001f!-&(-*,/:-?\[-\^`{-\u007f]*\s*$"#

  /// The name as it is stored: NFKC and trimmed.
  /// - Throws: `.invalid` under `field`, saying what a username may be.
  public static func normalised(_ name: String, field: String = "username") throws(Refusal)
    -> String
  {
    let normal = name.nfkc.trimmed
    if normal.isEmpty { throw .invalid([FieldError(field, "This field may not be blank.")]) }
    guard normal.unicodeScalars.count <= lengths.upperBound else {
      throw .invalid([
        FieldError(field, "Ensure this field has no more than \(lengths.upperBound) characters.")
      ])
    }
    guard normal.unicodeScalars.allSatisfy(isAllowed) else {
      throw .invalid([
        FieldError(
          field, "A username may hold letters, digits, spaces and @ . + - _ ' only.")
      ])
    }
    return normal
  }

  private static func isAllowed(_ scalar: Unicode.Scalar) -> Bool {
    if scalar.isASCII {
      return scalar.properties.isAlphabetic || ("0"..."9").contains(scalar)
        || " @.+-_'".unicodeScalars.contains(scalar)
    }
    switch scalar.properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter,
      .nonspacingMark, .spacingMark, .decimalNumber, .letterNumber, .otherNumber:
      return true
    default: return false
    }
  }
}

/// What an e-mail address may be: one `@`, something before it, a name with dots behind it. Whether
/// it exists is for mail to tell.
public enum EmailAddress {
  private static let longest = 254
  /// What one looks like, as far as ASCII goes (ECMA-262, with the flag `u`).
  public static let pattern =
    #"^\s*[^\s@<>,;:"()\[\]\\]{1,64}@\#(label)(\.\#(label))*\s*$"#
  private static let label = #"[^\u0000-,./:-@\[-`{-\u007f]{1,63}"#

  /// The address as it is stored: NFKC and trimmed; nil for an empty one.
  /// - Throws: `.invalid` under `field`.
  public static func normalised(_ address: String, field: String = "email") throws(Refusal)
    -> String?
  {
    let normal = address.nfkc.trimmed
    if normal.isEmpty { return nil }
    let parts = normal.split(separator: "@", omittingEmptySubsequences: false)
    guard normal.utf8.count <= longest, parts.count == 2, !parts[0].isEmpty,
      parts[0].utf8.count <= 64,
      parts[1].split(separator: ".", omittingEmptySubsequences: false).allSatisfy({ label in
        !label.isEmpty && label.utf8.count <= 63
          && label.allSatisfy { $0.isLetter || $0.isNumber || $0 == "-" }
      }),
      normal.unicodeScalars.allSatisfy({
        $0.value > 0x20 && $0.value != 0x7F && !"<>,;:\"()[]\\".unicodeScalars.contains($0)
      })
    else { throw .invalid([FieldError(field, "Enter a valid email address.")]) }
    return normal
  }
}
