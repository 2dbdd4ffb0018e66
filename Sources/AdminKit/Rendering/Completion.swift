/// Scripts by which shells complete the command line. What may stand where, the program itself
/// tells, so that a script is never behind it.
public enum Completion {
  public enum Shell: String, Sendable, CaseIterable { case bash, zsh, fish }

  public static func script(for shell: Shell) -> String {
    switch shell {
    case .bash: bash
    case .zsh: zsh
    case .fish: fish
    }
  }

  private static let bash = #"""
    # Completes havocctl in bash.

    _havocctl() {
      local answer
      answer=$("$1" completion bash -- "${COMP_LINE:0:COMP_POINT}" "$COMP_WORDBREAKS" 2>/dev/null)
      case $answer in
        '') ;;
        :files) compopt -o default ;;
        *)
          mapfile -t COMPREPLY <<<"$answer"
          # More belongs to an option that ends so.
          [[ ${#COMPREPLY[@]} == 1 && $answer == *= ]] && compopt -o nospace
          ;;
      esac
    }
    complete -F _havocctl havocctl

    """#

  private static let zsh = #"""
    #compdef havocctl
    # Completes havocctl in zsh.

    _havocctl() {
      local line
      local -a lines names shown
      lines=("${(@f)$("$words[1]" completion zsh -- "${(@Q)words[2,CURRENT-1]}" "$words[CURRENT]" \
        2>/dev/null)}")
      if [[ $lines[1] == :files ]]; then
        [[ $PREFIX == --*=* ]] && compset -P '*='
        _files
        return
      fi
      for line in $lines; do
        names+=("${line%%$'\t'*}")
        shown+=("${line/$'\t'/  }")
      done
      (($#names)) && compadd -l -M 'm:{[:lower:][:upper:]}={[:upper:][:lower:]}' -d shown -a names
    }

    if [[ $funcstack[1] == _havocctl ]]; then
      _havocctl "$@"
    else
      compdef _havocctl havocctl
    fi

    """#

  private static let fish = #"""
    # Completes havocctl in fish.

    function __havocctl_ask
      set -l words (commandline -opc)
      $words[1] completion fish -- $words[2..-1] (commandline -ct) 2>/dev/null
    end

    # What fish knows better itself.
    function __havocctl_wants_files
      test "$(__havocctl_ask)" = :files
    end

    complete -c havocctl -n __havocctl_wants_files -F
    complete -c havocctl -n 'not __havocctl_wants_files' -f -a '(__havocctl_ask)'

    """#
}
