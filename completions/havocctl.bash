# Completes havocctl in bash.

_havocctl() {
  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}
  local everywhere="--output --columns --sort --limit --where --wide --color --yes --confirm --dry-run --no-input --config --help --database --listen --threads --log-level --max-body --max-connections --max-connections-per-address --head-timeout --body-idle-timeout --body-timeout --keep-alive-timeout --request-timeout --shutdown-timeout --password-queue --argon2-memory --argon2-iterations --argon2-parallelism --access-lifetime --refresh-lifetime --token-lifetime --session-token-lifetime"
  local noun= verb= word
  for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    [[ $word == -* ]] && continue
    if [[ -z $noun ]]; then noun=$word; elif [[ -z $verb ]]; then verb=$word; fi
  done
  local words=
  case $previous in
    --output|-o) words="table plain json jsonl csv yaml name" ;;
    --color) words="auto always never" ;;
    --dialect) words="integers community havoc microblog trainer dashboard cli" ;;
    --kind) words="access refresh opaque session_token web" ;;
    --format) words="csv json jsonl" ;;
    --config|--password-file) compopt -o default; return ;;
    *)
      if [[ -z $noun && $current != -* ]]; then
        words="serve user permission session token exercise group key db config status version help completion"
      elif [[ -z $verb && $current != -* ]]; then
        case $noun in
          user) words="create ensure list show edit passwd lock unlock delete restore" ;;
          permission) words="list create edit delete assign check" ;;
          session) words="list show revoke prune" ;;
          token) words="list issue revoke prune" ;;
          exercise) words="seed list show create edit delete import export" ;;
          group) words="list create edit delete" ;;
          key) words="list rotate" ;;
          db) words="status migrate shell" ;;
          config) words="show check" ;;
          *) compopt -o default; return ;;
        esac
      elif [[ $current == -* ]]; then
        case "$noun $verb" in
          "serve "*) words="--no-migrate $everywhere" ;;
          "user create") words="--email --first-name --last-name --permission --if-not-exists --force --password-stdin --password-file --generate-password --no-password $everywhere" ;;
          "user ensure") words="--email --first-name --last-name --permission --force --password-stdin --password-file --generate-password --no-password $everywhere" ;;
          "user list") words="--permission --locked --deleted $everywhere" ;;
          "user edit") words="--username --email --first-name --last-name --permission --avatar $everywhere" ;;
          "user passwd") words="--force --password-stdin --password-file --generate-password $everywhere" ;;
          "user lock") words="--reason --until $everywhere" ;;
          "user delete") words="--purge $everywhere" ;;
          "permission create") words="--admin $everywhere" ;;
          "permission edit") words="--level --admin --no-admin $everywhere" ;;
          "session list") words="--user --dialect --address --before --idle-since --expired --all $everywhere" ;;
          "session revoke") words="--user --dialect --address --before --idle-since --expired --all $everywhere" ;;
          "session prune") words="--before $everywhere" ;;
          "token list") words="--user --dialect --address --before --idle-since --expired --kind --all $everywhere" ;;
          "token issue") words="--kind --ttl $everywhere" ;;
          "token revoke") words="--user --dialect --address --before --idle-since --expired --kind --all $everywhere" ;;
          "token prune") words="--before $everywhere" ;;
          "exercise list") words="--group $everywhere" ;;
          "exercise create") words="--group --instructions --targeted-muscles $everywhere" ;;
          "exercise edit") words="--name --group --instructions --targeted-muscles $everywhere" ;;
          "exercise import") words="--format --continue-on-error $everywhere" ;;
          "exercise export") words="--format $everywhere" ;;
          "group edit") words="--name $everywhere" ;;
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
