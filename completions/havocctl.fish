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
