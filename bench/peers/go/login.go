package main

import (
	"context"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/jackc/pgx/v4"
	"golang.org/x/crypto/argon2"
)

const (
	accessLifetime  = 7 * 24 * time.Hour
	refreshLifetime = 30 * 24 * time.Hour
)

// matches tells whether a password is the one of an argon2id hash in PHC form.
func (s *server) matches(password, encoded string) bool {
	parts := strings.Split(encoded, "$")
	if len(parts) != 6 || parts[1] != "argon2id" {
		return false
	}
	var memory, passes uint32
	var lanes uint8
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &memory, &passes, &lanes); err != nil {
		return false
	}
	salt, err := base64.RawStdEncoding.DecodeString(parts[4])
	if err != nil {
		return false
	}
	wanted, err := base64.RawStdEncoding.DecodeString(parts[5])
	if err != nil {
		return false
	}
	s.hashing <- struct{}{}
	defer func() { <-s.hashing }()
	sum := argon2.IDKey([]byte(password), salt, passes, memory, lanes, uint32(len(wanted)))
	return subtle.ConstantTimeCompare(sum, wanted) == 1
}

func (s *server) login(w http.ResponseWriter, r *http.Request) {
	var body struct {
		Username string `json:"username"`
		Password string `json:"password"`
	}
	if err := readJSON(r, &body); err != nil {
		refuse(w, 400, "The body isn't JSON.")
		return
	}
	var account int64
	var username, encoded string
	err := s.pool.QueryRow(r.Context(),
		`SELECT a.id, a.username, a.password_hash FROM account a
		JOIN permission p ON p.code = a.permission
		WHERE a.username_key = $1 AND a.deleted IS NULL AND a.locked IS NULL
		AND a.password_hash IS NOT NULL`,
		strings.ToLower(strings.TrimSpace(body.Username))).Scan(&account, &username, &encoded)
	if err != nil || !s.matches(body.Password, encoded) {
		refuse(w, 401, "No active account found with the given credentials")
		return
	}
	access, refresh, err := s.open(r, account, username)
	if err != nil {
		refuse(w, 503, "The database is away.")
		return
	}
	w.Header().Set("Cache-Control", "no-store")
	writeJSON(w, 200, struct {
		Username string `json:"username"`
		Access   string `json:"access_token"`
		Refresh  string `json:"refresh_token"`
	}{username, access, refresh})
}

// open makes a session with a pair of tokens, and the record of it, in one transaction.
func (s *server) open(r *http.Request, account int64, username string) (string, string, error) {
	now := time.Now().Truncate(time.Second)
	session := newID()
	address, _, _ := net.SplitHostPort(r.RemoteAddr)
	batch := &pgx.Batch{}
	batch.Queue(
		`INSERT INTO session (id, account, dialect, address, user_agent, expires)
		VALUES ($1, $2, 'trainer', $3::text::inet, $4, $5)`,
		session, account, address, r.UserAgent(), now.Add(refreshLifetime))
	issue := func(kind string, lifetime time.Duration) string {
		id := newID()
		expires := now.Add(lifetime)
		token := s.keys.sign(claims{kind, expires.Unix(), now.Unix(),
			strings.ReplaceAll(id, "-", ""), account, session})
		batch.Queue(
			`INSERT INTO credential (id, session, kind, hash, kid, created, expires)
			VALUES ($1, $2, $3, $4, $5, $6, $7)`,
			id, session, kind, hash(token), s.keys.current, now, expires)
		return token
	}
	access := issue("access", accessLifetime)
	refresh := issue("refresh", refreshLifetime)
	batch.Queue(`UPDATE account SET last_login = now() WHERE id = $1`, account)
	batch.Queue(
		`INSERT INTO audit (actor, address, what, target, result, after)
		VALUES ($1, $2::text::inet, 'sign-in', $1, 'done', jsonb_build_object('session', $3::text))`,
		username, address, session)
	return access, refresh, s.pool.BeginFunc(r.Context(), func(tx pgx.Tx) error {
		return send(r.Context(), tx, batch)
	})
}

func send(ctx context.Context, tx pgx.Tx, batch *pgx.Batch) error {
	results := tx.SendBatch(ctx, batch)
	for i := 0; i < batch.Len(); i++ {
		if _, err := results.Exec(); err != nil {
			results.Close()
			return err
		}
	}
	return results.Close()
}
