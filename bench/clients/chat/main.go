// The load on chat sockets: who opens them, and who talks over them.
//
//	chat idle -url ws://HOST:PORT -talks FILE
//	chat talk -url ws://HOST:PORT -talks FILE -clients N -window W -seconds S
//	chat talk -url ws://HOST:PORT -talks FILE -clients N -rate R -seconds S
//
// A line of the file is a conversation: its id, and a device token of each of the two. `idle` opens
// a socket for everybody, has each two exchange a message, says "open", does nothing more, and
// closes them when its standard input ends. `talk` lets the
// first one of each of N conversations speak and both listen; W messages may be under way in each,
// or all of them together send R a second, whatever comes back.
package main

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"sort"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

type talk struct {
	conversation int64
	tokens       [2]string
}

func main() {
	log.SetFlags(0)
	log.SetPrefix("chat: ")
	if len(os.Args) < 2 {
		log.Fatal("idle or talk?")
	}
	flags := flag.NewFlagSet(os.Args[1], flag.ExitOnError)
	url := flags.String("url", "", "where the server is: ws://HOST:PORT")
	file := flags.String("talks", "", "the conversations")
	clients := flags.Int("clients", 1, "conversations that are talked in")
	window := flags.Int("window", 1, "messages under way in each")
	rate := flags.Float64("rate", 0, "messages a second of all together; 0 for as many as come back")
	seconds := flags.Float64("seconds", 3, "how long")
	flags.Parse(os.Args[2:])
	talks, err := read(*file)
	if err != nil {
		log.Fatal(err)
	}
	switch os.Args[1] {
	case "idle":
		err = idle(*url, talks)
	case "talk":
		if *clients > len(talks) {
			log.Fatalf("%d conversations are too few", len(talks))
		}
		pace := time.Duration(0)
		if *rate > 0 {
			pace = time.Duration(float64(*clients) / *rate * float64(time.Second))
		}
		err = speak(*url, talks[:*clients], *window, pace, time.Duration(*seconds*float64(time.Second)))
	default:
		err = fmt.Errorf("idle or talk, not %s", os.Args[1])
	}
	if err != nil {
		log.Fatal(err)
	}
}

func read(name string) ([]talk, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	var talks []talk
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		var one talk
		_, err := fmt.Sscan(lines.Text(), &one.conversation, &one.tokens[0], &one.tokens[1])
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		talks = append(talks, one)
	}
	return talks, lines.Err()
}

// open makes the handshake for one of the two.
func open(dialer *websocket.Dialer, url string, one talk, side int) (*websocket.Conn, error) {
	path := fmt.Sprintf("%s/ws/chat/%d/", url, one.conversation)
	head := http.Header{"Authorization": {"Token " + one.tokens[side]}}
	socket, answer, err := dialer.Dial(path, head)
	if err != nil && answer != nil {
		return nil, fmt.Errorf("%s: %s", path, answer.Status)
	}
	return socket, err
}

// hello has one side say a word, and both hear it.
func hello(sockets []*websocket.Conn) error {
	err := sockets[0].WriteMessage(websocket.TextMessage, []byte(`{"message":"hello"}`))
	if err != nil {
		return err
	}
	for _, socket := range sockets {
		_, message, err := socket.ReadMessage()
		if err != nil {
			return err
		}
		if err := complete(message); err != nil {
			return err
		}
	}
	return nil
}

// idle holds a socket for each token.
func idle(url string, talks []talk) error {
	dialer := &websocket.Dialer{ReadBufferSize: 512, WriteBufferSize: 512}
	sockets := make([]*websocket.Conn, 2*len(talks))
	var group sync.WaitGroup
	failed := make(chan error, 64)
	for worker := 0; worker < cap(failed); worker++ {
		group.Add(1)
		go func(first int) {
			defer group.Done()
			for n := first; n < len(talks); n += cap(failed) {
				pair := sockets[2*n : 2*n+2]
				var err error
				for side := 0; side < 2 && err == nil; side++ {
					pair[side], err = open(dialer, url, talks[n], side)
				}
				if err == nil {
					err = hello(pair)
				}
				if err != nil {
					failed <- err
					return
				}
			}
		}(worker)
	}
	group.Wait()
	select {
	case err := <-failed:
		return err
	default:
	}
	fmt.Println("open")
	io.Copy(io.Discard, os.Stdin)
	for _, socket := range sockets {
		socket.Close()
	}
	return nil
}

// speak talks for a while, waits for what is still under way, and prints what came of it.
func speak(url string, talks []talk, window int, pace, duration time.Duration) error {
	var speakers []*speaker
	for n, one := range talks {
		made, err := newSpeaker(url, one, window)
		if err != nil {
			return err
		}
		// Those who keep a pace don't all speak at once.
		made.pace, made.delay = pace, pace*time.Duration(n)/time.Duration(len(talks))
		speakers = append(speakers, made)
	}
	start := time.Now()
	var group sync.WaitGroup
	for _, one := range speakers {
		group.Add(1)
		go func(one *speaker) {
			defer group.Done()
			one.run(start, start.Add(duration))
		}(one)
	}
	group.Wait()
	var delays []int64
	delivered, lost := 0, 0
	for _, one := range speakers {
		if one.fault != nil {
			return one.fault
		}
		delays = append(delays, one.delays...)
		delivered += one.inTime
		lost += one.sent - len(one.delays)
	}
	if len(delays) == 0 {
		return fmt.Errorf("nothing was delivered")
	}
	sort.Slice(delays, func(a, b int) bool { return delays[a] < delays[b] })
	return json.NewEncoder(os.Stdout).Encode(map[string]interface{}{
		"messages": delivered,
		"seconds":  duration.Seconds(),
		"p50":      float64(delays[len(delays)/2]) / 1e3,
		"p99":      float64(delays[len(delays)*99/100]) / 1e3,
		"failed":   lost,
	})
}
