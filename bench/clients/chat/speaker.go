package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

// What a message says: when it was sent, in nanoseconds, and words up to a hundred characters.
const length = 100

var (
	mark   = []byte(`"message":"`)
	last   = []byte(`end"`)
	filler = strings.Repeat("and so on ", length/10)
	keys   = []string{"id", "conversation_id", "sender", "message", "timestamp"}
)

// speaker is one conversation: the first socket's owner speaks, and both listen.
type speaker struct {
	sockets [2]*websocket.Conn
	// Taken for each message, and given back when it has come back.
	free        chan struct{}
	pace, delay time.Duration

	sent int
	// Nanoseconds from one's sending to the other's receiving.
	delays []int64
	// Deliveries before the time was up.
	inTime int

	lock  sync.Mutex
	fault error
}

func newSpeaker(url string, one talk, window int) (*speaker, error) {
	made := &speaker{free: make(chan struct{}, window)}
	for side := range made.sockets {
		var err error
		if made.sockets[side], err = open(&websocket.Dialer{}, url, one, side); err != nil {
			return nil, err
		}
	}
	return made, nil
}

func (s *speaker) fail(err error) {
	s.lock.Lock()
	defer s.lock.Unlock()
	if s.fault == nil {
		s.fault = err
	}
}

// run returns when all that was sent has been received on both sides, or after five seconds more.
func (s *speaker) run(start, end time.Time) {
	for _, socket := range s.sockets {
		socket.SetReadDeadline(end.Add(5 * time.Second))
		defer socket.Close()
	}
	var listeners sync.WaitGroup
	listeners.Add(2)
	go func() {
		defer listeners.Done()
		s.listen(0, func(int64) {
			if s.pace == 0 {
				<-s.free
			}
		})
	}()
	go func() {
		defer listeners.Done()
		s.listen(1, func(sentAt int64) {
			now := time.Now()
			s.delays = append(s.delays, now.Sub(start).Nanoseconds()-sentAt)
			if now.Before(end) {
				s.inTime++
			}
		})
	}()
	s.talk(start, end)
	// The last word: both listeners leave when they hear it.
	if err := s.say("end"); err != nil {
		s.fail(err)
	}
	listeners.Wait()
}

func (s *speaker) say(text string) error {
	return s.sockets[0].WriteMessage(websocket.TextMessage, []byte(`{"message":"`+text+`"}`))
}

func (s *speaker) talk(start, end time.Time) {
	next := start.Add(s.delay)
	timeout := time.NewTimer(time.Until(end))
	defer timeout.Stop()
	for {
		if s.pace > 0 {
			time.Sleep(time.Until(next))
			next = next.Add(s.pace)
		} else {
			select {
			case s.free <- struct{}{}:
			case <-timeout.C:
				return
			}
		}
		now := time.Now()
		if !now.Before(end) {
			return
		}
		text := strconv.FormatInt(now.Sub(start).Nanoseconds(), 10) + " "
		if err := s.say(text + filler[:length-len(text)]); err != nil {
			s.fail(err)
			return
		}
		s.sent++
	}
}

// listen gives every message's time of sending away until the last word comes.
func (s *speaker) listen(side int, heard func(sentAt int64)) {
	var buffer bytes.Buffer
	for first := true; ; first = false {
		_, reader, err := s.sockets[side].NextReader()
		if err == nil {
			buffer.Reset()
			_, err = io.Copy(&buffer, reader)
		}
		if err != nil {
			s.fail(err)
			return
		}
		if first {
			if err := complete(buffer.Bytes()); err != nil {
				s.fail(err)
				return
			}
		}
		_, text, _ := bytes.Cut(buffer.Bytes(), mark)
		if bytes.HasPrefix(text, last) {
			return
		}
		digits, _, _ := bytes.Cut(text, []byte(" "))
		sentAt, err := strconv.ParseInt(string(digits), 10, 64)
		if err != nil {
			s.fail(fmt.Errorf("not one of the messages: %s", buffer.Bytes()))
			return
		}
		heard(sentAt)
	}
}

// complete tells whether a server's message has all that it must have.
func complete(message []byte) error {
	var fields map[string]interface{}
	if err := json.Unmarshal(message, &fields); err != nil {
		return err
	}
	for _, key := range keys {
		if fields[key] == nil {
			return fmt.Errorf("no %s in %s", key, message)
		}
	}
	return nil
}
