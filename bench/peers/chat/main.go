// The chat peer in Go: gorilla/websocket and pgx, storing and delivering as havocctl does.
//
// A socket's owner is found by the hash of a device token. A message is inserted, committed, and
// then sent to both sides' sockets, in one order for each conversation.
package main

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"flag"
	"log"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/gorilla/websocket"
	"github.com/jackc/pgx/v4/pgxpool"
)

const (
	whoIs = `SELECT a.id, a.username FROM credential c JOIN session s ON s.id = c.session
		JOIN account a ON a.id = s.account
		WHERE c.hash = $1 AND c.kind = 'opaque' AND s.revoked IS NULL AND c.expires > now()`
	takesPart = `SELECT FROM conversation WHERE id = $1 AND $2 IN (initiator, receiver)`
	store     = `INSERT INTO message (conversation, sender, body) VALUES ($1, $2, $3)
		RETURNING id, created`
)

type message struct {
	ID           int64     `json:"id"`
	Conversation int64     `json:"conversation_id"`
	Sender       string    `json:"sender"`
	Text         string    `json:"message"`
	Timestamp    time.Time `json:"timestamp"`
}

// room is a conversation with open sockets; its lock is held from storing to sending.
type room struct {
	sync.Mutex
	sockets map[*websocket.Conn]bool
}

type server struct {
	pool  *pgxpool.Pool
	lock  sync.Mutex
	rooms map[int64]*room
}

var upgrader = websocket.Upgrader{}

func main() {
	listen := flag.String("listen", "127.0.0.1:8001", "address to serve on")
	database := flag.String("database", "", "libpq connection string")
	connections := flag.Int("connections", 32, "connections to the database")
	flag.Parse()
	config, err := pgxpool.ParseConfig(*database)
	if err != nil {
		log.Fatal(err)
	}
	config.MaxConns = int32(*connections)
	pool, err := pgxpool.ConnectConfig(context.Background(), config)
	if err != nil {
		log.Fatal(err)
	}
	s := &server{pool: pool, rooms: map[int64]*room{}}
	http.HandleFunc("/ws/chat/", s.chat)
	log.Fatal(http.ListenAndServe(*listen, nil))
}

func (s *server) enter(conversation int64, socket *websocket.Conn) *room {
	s.lock.Lock()
	defer s.lock.Unlock()
	there := s.rooms[conversation]
	if there == nil {
		there = &room{sockets: map[*websocket.Conn]bool{}}
		s.rooms[conversation] = there
	}
	there.Lock()
	defer there.Unlock()
	there.sockets[socket] = true
	return there
}

func (s *server) chat(w http.ResponseWriter, r *http.Request) {
	id := strings.Trim(strings.TrimPrefix(r.URL.Path, "/ws/chat/"), "/")
	conversation, err := strconv.ParseInt(id, 10, 64)
	if err != nil {
		http.NotFound(w, r)
		return
	}
	hash := sha256.Sum256([]byte(strings.TrimPrefix(r.Header.Get("Authorization"), "Token ")))
	var account int64
	var username string
	if err := s.pool.QueryRow(r.Context(), whoIs, hash[:]).Scan(&account, &username); err != nil {
		http.Error(w, err.Error(), http.StatusUnauthorized)
		return
	}
	if err := s.pool.QueryRow(r.Context(), takesPart, conversation, account).Scan(); err != nil {
		http.Error(w, err.Error(), http.StatusForbidden)
		return
	}
	socket, err := upgrader.Upgrade(w, r, nil)
	if err != nil {
		return
	}
	defer socket.Close()
	here := s.enter(conversation, socket)
	defer func() {
		here.Lock()
		defer here.Unlock()
		delete(here.sockets, socket)
	}()
	for {
		var said struct {
			Message string `json:"message"`
		}
		if err := socket.ReadJSON(&said); err != nil {
			return
		}
		if err := s.deliver(here, message{
			Conversation: conversation, Sender: username, Text: said.Message}, account); err != nil {
			log.Print(err)
			return
		}
	}
}

func (s *server) deliver(here *room, one message, account int64) error {
	here.Lock()
	defer here.Unlock()
	err := s.pool.QueryRow(context.Background(), store, one.Conversation, account, one.Text).
		Scan(&one.ID, &one.Timestamp)
	if err != nil {
		return err
	}
	text, err := json.Marshal(one)
	if err != nil {
		return err
	}
	for socket := range here.sockets {
		// Who has gone is noticed by whoever reads there.
		_ = socket.WriteMessage(websocket.TextMessage, text)
	}
	return nil
}
