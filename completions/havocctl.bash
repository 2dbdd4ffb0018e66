# Completes havocctl in bash.

_havocctl() {
  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}
  local everywhere="--output --columns --sort --limit --where --wide --color --yes --confirm --dry-run --no-input --config --help --database --listen --key-file --threads --log-level --max-body --max-avatar --max-set-body --max-connections --max-connections-per-address --head-timeout --body-idle-timeout --body-timeout --keep-alive-timeout --request-timeout --shutdown-timeout --ping-interval --chat-rate --stream-open-timeout --testing-routes --password-queue --argon2-memory --argon2-iterations --argon2-parallelism --access-lifetime --refresh-lifetime --token-lifetime --session-token-lifetime --web-lifetime --attempt-limit --attempt-window --trusted-proxies --allowed-origins --stun --stun-other-address --stun-rate --smtp-url --smtp-password-file --smtp-tls --smtp-ca --smtp-timeout --mail-from --mail-retry --mail-give-up --oauth-client-id --oauth-client-secret-file --oauth-authorize-url --oauth-token-url --oauth-userinfo-url --oauth-redirect-url --oauth-scope --oauth-fields --oauth-verified --oauth-link-by-email --oauth-timeout --oauth-ca"
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
    --what) words="sign-in sign-in-failed sign-out sign-up refused token-reuse token-issue token-revoke session-revoke prune user-create user-edit user-password lock unlock user-delete user-restore user-purge permission-create permission-edit permission-delete permission-assign exercise-create exercise-edit exercise-delete exercise-import group-create group-edit group-delete key-rotate two-factor-on two-factor-off code-failed mail-sent mail-failed mail-given-up ban ban-lift password-change oauth-link stream-end stream-delete conversation-read conversation-delete tweet-delete integers-read integers-delete" ;;
    --config|--password-file) compopt -o default; return ;;
    *)
      if [[ -z $noun && $current != -* ]]; then
        words="serve user permission session token ban exercise group stream conversation tweet integers key audit db config doctor status version help completion"
      elif [[ -z $verb && $current != -* ]]; then
        case $noun in
          user) words="create ensure list show edit passwd two-factor lock unlock delete restore" ;;
          permission) words="list create edit delete assign check" ;;
          session) words="list show revoke prune" ;;
          token) words="list issue revoke prune" ;;
          ban) words="list add lift" ;;
          exercise) words="seed list show create edit delete import export" ;;
          group) words="list create edit delete" ;;
          stream) words="list show end delete" ;;
          conversation) words="list show delete" ;;
          tweet) words="list show delete" ;;
          integers) words="list show delete" ;;
          key) words="list rotate" ;;
          audit) words="list tail" ;;
          db) words="status migrate shell" ;;
          config) words="show check" ;;
          *) compopt -o default; return ;;
        esac
      elif [[ $current == -* ]]; then
        case "$noun $verb" in
          "serve "*) words="--no-migrate $everywhere" ;;
          "user create") words="--email --first-name --last-name --permission --two-factor --if-not-exists --force --password-stdin --password-file --generate-password --no-password $everywhere" ;;
          "user ensure") words="--email --first-name --last-name --permission --two-factor --force --password-stdin --password-file --generate-password --no-password $everywhere" ;;
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
          "ban list") words="--all $everywhere" ;;
          "ban add") words="--reason --for $everywhere" ;;
          "exercise list") words="--group $everywhere" ;;
          "exercise create") words="--group --instructions --targeted-muscles $everywhere" ;;
          "exercise edit") words="--name --group --instructions --targeted-muscles $everywhere" ;;
          "exercise import") words="--format --continue-on-error $everywhere" ;;
          "exercise export") words="--format $everywhere" ;;
          "group edit") words="--name $everywhere" ;;
          "stream list") words="--user --all $everywhere" ;;
          "conversation list") words="--user $everywhere" ;;
          "tweet list") words="--user $everywhere" ;;
          "integers list") words="--user $everywhere" ;;
          "audit list") words="--since --until --user --what $everywhere" ;;
          "audit tail") words="--user --what $everywhere" ;;
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
