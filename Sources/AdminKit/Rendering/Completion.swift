/// Scripts by which shells complete the command line, rendered from the registry.
public struct Completion: Sendable {
  public enum Shell: String, Sendable, CaseIterable { case bash, zsh, fish }

  private let registry: Registry

  public init(_ registry: Registry) { self.registry = registry }

  public func script(for shell: Shell) -> String {
    switch shell {
    case .bash: bash
    case .zsh: zsh
    case .fish: fish
    }
  }

  private func verbs(_ noun: String) -> [String] { registry.verbs(of: noun).compactMap(\.verb) }

  private func words(_ options: [Option]) -> String {
    options.map { "--\($0.name)" }.joined(separator: " ")
  }

  private var everywhere: String { words(GlobalOptions.options + Setting.all.map(\.option)) }

  // MARK: bash

  private var bash: String {
    var text = """
      # Completes havocctl in bash.

      _havocctl() {
        local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}
        local everywhere="\(everywhere)"
        local noun= verb= word
        for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
          [[ $word == -* ]] && continue
          if [[ -z $noun ]]; then noun=$word; elif [[ -z $verb ]]; then verb=$word; fi
        done
        local words=
        case $previous in

      """
    for (name, choices) in choices {
      text += "    \(name)) words=\"\(choices.joined(separator: " "))\" ;;\n"
    }
    text += "    --config|--password-file) compopt -o default; return ;;\n    *)\n"
    text += "      if [[ -z $noun && $current != -* ]]; then\n"
    text += "        words=\"\(registry.nouns.joined(separator: " "))\"\n"
    text += "      elif [[ -z $verb && $current != -* ]]; then\n        case $noun in\n"
    for noun in registry.nouns where !verbs(noun).isEmpty {
      text += "          \(noun)) words=\"\(verbs(noun).joined(separator: " "))\" ;;\n"
    }
    text += "          *) compopt -o default; return ;;\n        esac\n"
    text += "      elif [[ $current == -* ]]; then\n        case \"$noun $verb\" in\n"
    for operation in registry.operations where !operation.options.isEmpty {
      let pattern =
        operation.verb.map { "\"\(operation.noun) \($0)\"" } ?? "\"\(operation.noun) \"*"
      text += "          \(pattern)) words=\"\(words(operation.options)) $everywhere\" ;;\n"
    }
    text += """
                *) words=$everywhere ;;
              esac
            else
              compopt -o default
              return
            fi ;;
        esac
        mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
      }
      complete -F _havocctl havocctl

      """
    return text
  }

  /// Options whose value is one of a few, as patterns of a shell's case.
  private var choices: [(name: String, choices: [String])] {
    var seen: Set<String> = []
    var all: [(name: String, choices: [String])] = []
    for option in GlobalOptions.options + registry.operations.flatMap(\.options) {
      guard case .choice(let choices) = option.kind, seen.insert(option.name).inserted else {
        continue
      }
      let short = option.short.map { "|-\($0)" } ?? ""
      all.append(("--\(option.name)\(short)", choices))
    }
    return all
  }

  // MARK: zsh

  private var zsh: String {
    var text = """
      #compdef havocctl
      # Completes havocctl in zsh.

      _havocctl() {
        local noun=${words[2]} verb=${words[3]}
        if ((CURRENT == 2)); then
          compadd -- \(registry.nouns.joined(separator: " "))
        elif ((CURRENT == 3)) && [[ $PREFIX != -* ]]; then
          case $noun in

      """
    for noun in registry.nouns where !verbs(noun).isEmpty {
      text += "      \(noun)) compadd -- \(verbs(noun).joined(separator: " ")) ;;\n"
    }
    text += "      *) _files ;;\n    esac\n  elif [[ $PREFIX == -* ]]; then\n"
    text += "    compadd -- \(everywhere)\n    case \"$noun $verb\" in\n"
    for operation in registry.operations where !operation.options.isEmpty {
      let pattern =
        operation.verb.map { "\"\(operation.noun) \($0)\"" } ?? "\"\(operation.noun) \"*"
      text += "      \(pattern)) compadd -- \(words(operation.options)) ;;\n"
    }
    text += """
          esac
        else
          _files
        fi
      }

      _havocctl "$@"

      """
    return text
  }

  // MARK: fish

  private var fish: String {
    var text = "# Completes havocctl in fish.\n\n"
    let isFirst = "__fish_use_subcommand"
    for noun in registry.nouns {
      let operations = registry.verbs(of: noun)
      let summary = operations[0].verb == nil ? operations[0].summary : Registry.summary(of: noun)
      text += "complete -c havocctl -f -n \(isFirst) -a \(noun) -d \(quoted(summary))\n"
    }
    for operation in registry.operations {
      var condition = "__fish_seen_subcommand_from \(operation.noun)"
      if let verb = operation.verb {
        let others = verbs(operation.noun).joined(separator: " ")
        text += "complete -c havocctl -f -n '\(condition); and not __fish_seen_subcommand_from "
        text += "\(others)' -a \(verb) -d \(quoted(operation.summary))\n"
        condition += "; and __fish_seen_subcommand_from \(verb)"
      }
      for option in operation.options { text += fishOption(option, "-n '\(condition)' ") }
    }
    for option in GlobalOptions.options + Setting.all.map(\.option) {
      text += fishOption(option, "")
    }
    return text
  }

  private func fishOption(_ option: Option, _ condition: String) -> String {
    var text = "complete -c havocctl \(condition)-l \(option.name)"
    if let short = option.short { text += " -s \(short)" }
    if option.value != nil { text += " -r" }
    if case .choice(let choices) = option.kind {
      text += " -f -a \(quoted(choices.joined(separator: " ")))"
    }
    return text + " -d \(quoted(option.help))\n"
  }

  private func quoted(_ text: String) -> String {
    "'" + text.replacing("\\", with: "\\\\").replacing("'", with: "\\'") + "'"
  }
}
