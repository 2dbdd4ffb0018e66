import CCracklib
import Glibc
import Synchronization

/// The packaged list of common passwords: cracklib's dictionary.
///
/// `@unchecked Sendable`: the library's lookup moves a file position and a buffer, so every use of
/// the pointer stands under the mutex.
public final class PasswordDictionary: @unchecked Sendable {
  /// Where Debian's cracklib-runtime keeps it, without the endings.
  public static let defaultPath = "/var/cache/cracklib/cracklib_dict"
  /// The library reads words of up to 31 bytes.
  private static let longestWord = 31
  /// People make a common word pass by putting a few digits behind it.
  private static let ignoredDigits = 4

  private let dictionary: OpaqueDictionary
  private let mutex = Mutex(())

  private typealias OpaqueDictionary = UnsafeMutablePointer<PWDICT>

  /// - Returns: nil where there is no dictionary.
  public init?(path: String = PasswordDictionary.defaultPath) {
    guard access(path + ".pwd", R_OK) == 0, let opened = havoc_dictionary_open(path) else {
      return nil
    }
    dictionary = opened
  }

  deinit { PWClose(dictionary) }

  /// Whether the word, in lower case, or the word before up to four digits at its end, is listed.
  public func contains(_ word: String) -> Bool {
    var candidates = [word]
    let digits = word.reversed().prefix { $0.isASCII && $0.isNumber }.count
    if (1...Self.ignoredDigits).contains(digits) {
      candidates.append(String(word.dropLast(digits)))
    }
    return mutex.withLock { _ in
      candidates.contains { candidate in
        (1...Self.longestWord).contains(candidate.utf8.count)
          && havoc_dictionary_contains(dictionary, candidate) != 0
      }
    }
  }
}
