// The peer in Go: net/http and pgx, doing what havocctl does for the requests that are measured.
//
// It runs havocctl's own statements, prepared once a connection. Their texts come in a file, so
// that both always send the same; columns are found by name, since their order is havocctl's.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v4"
	"github.com/jackc/pgx/v4/pgxpool"
)

type server struct {
	pool    *pgxpool.Pool
	keys    *keyRing
	version string
	// Positions of the columns "kind" and "username" of the statements that find the caller.
	kind, username int
	// How many columns the statements "check" and "exercise" have.
	checkColumns, exerciseColumns int
	// Password hashes computed at once: each takes 19 MiB and a core.
	hashing chan struct{}
}

type exercise struct {
	ID              int64  `json:"id"`
	Name            string `json:"name"`
	Instructions    string `json:"instructions"`
	TargetedMuscles string `json:"targeted_muscles"`
	GroupID         int64  `json:"groupID"`
	GroupName       string `json:"groupName"`
}

// The columns of an exercise, which are a statement's last.
const exerciseWidth = 6

func main() {
	listen := flag.String("listen", "127.0.0.1:8001", "address to serve on")
	database := flag.String("database", "", "libpq connection string")
	statements := flag.String("statements", "", "JSON file: name to SQL")
	version := flag.String("version", "0", "what GET /version/ says")
	connections := flag.Int("connections", 4*runtime.NumCPU(), "connections to the database")
	flag.Parse()
	if err := run(*listen, *database, *statements, *version, *connections); err != nil {
		log.Fatal(err)
	}
}

func run(listen, database, statementFile, version string, connections int) error {
	ctx := context.Background()
	s := &server{version: version, hashing: make(chan struct{}, runtime.NumCPU())}
	var statements map[string]string
	text, err := os.ReadFile(statementFile)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(text, &statements); err != nil {
		return fmt.Errorf("%s: %w", statementFile, err)
	}
	config, err := pgxpool.ParseConfig(database)
	if err != nil {
		return err
	}
	config.MaxConns = int32(connections)
	config.MinConns = int32(connections)
	config.AfterConnect = func(ctx context.Context, conn *pgx.Conn) error {
		for name, sql := range statements {
			description, err := conn.Prepare(ctx, name, sql)
			if err != nil {
				return fmt.Errorf("statement %s: %w", name, err)
			}
			if name == "check" {
				for i, field := range description.Fields {
					switch string(field.Name) {
					case "kind":
						s.kind = i
					case "username":
						s.username = i
					}
				}
				s.checkColumns = len(description.Fields)
			}
			if name == "exercise" {
				s.exerciseColumns = len(description.Fields)
			}
		}
		return nil
	}
	if s.pool, err = pgxpool.ConnectConfig(ctx, config); err != nil {
		return err
	}
	if s.keys, err = loadKeys(ctx, s.pool); err != nil {
		return err
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/version/", s.showVersion)
	mux.HandleFunc("/exercises/exercise/", s.showExercise)
	mux.HandleFunc("/exercises/list/", s.listExercises)
	mux.HandleFunc("/user/check_status", s.checkStatus)
	mux.HandleFunc("/api/auth/login/", s.login)
	return http.ListenAndServe(listen, mux)
}

func writeJSON(w http.ResponseWriter, status int, value interface{}) {
	body, err := json.Marshal(value)
	if err != nil {
		http.Error(w, "internal error", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	w.Write(body)
}

func refuse(w http.ResponseWriter, status int, detail string) {
	writeJSON(w, status, map[string]string{"detail": detail})
}

func readJSON(r *http.Request, into interface{}) error {
	body, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
	if err != nil {
		return err
	}
	return json.Unmarshal(body, into)
}

func (s *server) showVersion(w http.ResponseWriter, r *http.Request) {
	writeJSON(w, 200, struct {
		Version string `json:"version"`
	}{s.version})
}

// bearer checks the request's access token by itself; whether its session stands, the statements
// tell.
func (s *server) bearer(r *http.Request) (string, bool) {
	scheme, token, found := strings.Cut(r.Header.Get("Authorization"), " ")
	if !found || !strings.EqualFold(scheme, "bearer") {
		return "", false
	}
	return token, s.keys.verify(token, "access", time.Now().Unix())
}

func (s *server) showExercise(w http.ResponseWriter, r *http.Request) {
	text := strings.Trim(strings.TrimPrefix(r.URL.Path, "/exercises/exercise/"), "/")
	id, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		refuse(w, 404, "Not found.")
		return
	}
	token, ok := s.bearer(r)
	if !ok {
		refuse(w, 401, "The credential is invalid or has expired.")
		return
	}
	var kind string
	var exerciseID, groupID *int64
	var name, instructions, muscles, group *string
	targets := make([]interface{}, s.exerciseColumns)
	targets[s.kind] = &kind
	copy(targets[len(targets)-exerciseWidth:],
		[]interface{}{&exerciseID, &name, &instructions, &muscles, &groupID, &group})
	err = s.pool.QueryRow(r.Context(), "exercise", hash(token), id).Scan(targets...)
	switch {
	case err == pgx.ErrNoRows || err == nil && kind != "access":
		refuse(w, 401, "The credential is invalid or has expired.")
	case err != nil:
		refuse(w, 503, "The database is away.")
	case exerciseID == nil:
		refuse(w, 404, "Not found.")
	default:
		writeJSON(w, 200, exercise{*exerciseID, *name, *instructions, *muscles, *groupID, *group})
	}
}

// caller tells the name and the kind of credential of whoever presents a token.
func (s *server) caller(ctx context.Context, token string) (username, kind string, err error) {
	targets := make([]interface{}, s.checkColumns)
	targets[s.kind] = &kind
	targets[s.username] = &username
	err = s.pool.QueryRow(ctx, "check", hash(token)).Scan(targets...)
	return username, kind, err
}

func (s *server) listExercises(w http.ResponseWriter, r *http.Request) {
	token, ok := s.bearer(r)
	if !ok {
		refuse(w, 401, "The credential is invalid or has expired.")
		return
	}
	if _, kind, err := s.caller(r.Context(), token); err != nil || kind != "access" {
		refuse(w, 401, "The credential is invalid or has expired.")
		return
	}
	rows, err := s.pool.Query(r.Context(), "list")
	if err != nil {
		refuse(w, 503, "The database is away.")
		return
	}
	defer rows.Close()
	all := make([]exercise, 0, 1024)
	targets := make([]interface{}, len(rows.FieldDescriptions()))
	for rows.Next() {
		var e exercise
		copy(targets[len(targets)-exerciseWidth:], []interface{}{
			&e.ID, &e.Name, &e.Instructions, &e.TargetedMuscles, &e.GroupID, &e.GroupName})
		if err := rows.Scan(targets...); err != nil {
			refuse(w, 500, "internal error")
			return
		}
		all = append(all, e)
	}
	writeJSON(w, 200, struct {
		Exercises []exercise `json:"excercises"`
	}{all})
}

func (s *server) checkStatus(w http.ResponseWriter, r *http.Request) {
	var body struct {
		Username     string `json:"username"`
		SessionToken string `json:"session_token"`
	}
	answer := func(status int, data string) {
		writeJSON(w, status, struct {
			Status int    `json:"status"`
			Data   string `json:"data"`
		}{status, data})
	}
	if err := readJSON(r, &body); err != nil {
		answer(400, "The body isn't JSON.")
		return
	}
	username, kind, err := s.caller(r.Context(), body.SessionToken)
	if err != nil || kind != "session_token" || !strings.EqualFold(username, body.Username) {
		answer(401, "The credential is invalid or has expired.")
		return
	}
	answer(200, "OK")
}
