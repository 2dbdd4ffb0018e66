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
