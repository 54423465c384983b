// Command peer speaks the peer protocol of Sluice without media: it says hello, asks for figures of the server, and
// stays connected by pinging as often as the server wishes.
//
//	peer -url ws://localhost:8080/ws [-token TOKEN] [-pings 3]
package main

import (
	"flag"
	"fmt"
	"log"
	"net/http"
	"os"
	"strconv"
	"time"

	"github.com/gorilla/websocket"
)

// A client asks for figures after each ping.
type client struct {
	socket *websocket.Conn
	peerID string
	sent   int
}

func main() {
	log.SetFlags(0)
	url := flag.String("url", "ws://localhost:8080/ws", "where the server is")
	token := flag.String("token", "", "what the server asks for")
	pings := flag.Int("pings", 0, "how many to send; 0 = without end")
	flag.Parse()

	header := http.Header{}
	if *token != "" {
		header.Set("Authorization", "Bearer "+*token)
	}
	socket, response, err := websocket.DefaultDialer.Dial(*url, header)
	if err != nil && response != nil {
		log.Fatalf("%s answered %s", *url, response.Status)
	}
	if err != nil {
		log.Fatal(err)
	}
	defer socket.Close()
	c := &client{socket: socket, peerID: "go-" + strconv.Itoa(os.Getpid())}
	if err := c.run(*pings); err != nil {
		log.Fatal(err)
	}
	closing := websocket.FormatCloseMessage(websocket.CloseNormalClosure, "")
	_ = socket.WriteControl(websocket.CloseMessage, closing, time.Now().Add(time.Second))
}

func (c *client) run(pings int) error {
	hello := map[string]any{
		"client_info":         map[string]string{"name": "peer", "language": "Go"},
		"capabilities":        []string{"stats"},
		"supported_protocols": []string{"webrtc"},
	}
	var welcome Welcome
	if err := c.ask("hello", hello, "welcome", &welcome); err != nil {
		return err
	}
	interval := time.Duration(welcome.SessionConfig.HeartbeatInterval) * time.Millisecond
	fmt.Printf("welcome: ping every %s\n", interval)
	for sequence := 1; ; sequence++ {
		if err := c.ping(sequence); err != nil {
			return err
		}
		if sequence == pings {
			return nil
		}
		time.Sleep(interval)
	}
}

func (c *client) ping(sequence int) error {
	before := time.Now()
	var pong Pong
	if err := c.ask("ping", map[string]any{"client_state": "idle", "sequence": sequence}, "pong", &pong); err != nil {
		return err
	}
	fmt.Printf("pong %d after %d ms\n", pong.Sequence, time.Since(before).Milliseconds())
	var stats map[string]map[string]any
	if err := c.ask("get-stats", map[string]any{"stats_type": []string{"system", "network"}}, "stats", &stats); err != nil {
		return err
	}
	fmt.Printf("stats: system %v, network %v\n", stats["system"], stats["network"])
	return nil
}

// Sends a message, and waits for the answer of the type that is expected.
func (c *client) ask(kind string, data any, expected string, answer any) error {
	c.sent++
	request, err := NewEnvelope(kind, c.peerID, c.sent, data)
	if err != nil {
		return err
	}
	if err := c.socket.WriteJSON(request); err != nil {
		return err
	}
	for {
		var message Envelope
		if err := c.socket.ReadJSON(&message); err != nil {
			return err
		}
		if message.Error != nil {
			return message.Error
		}
		if message.PeerID != c.peerID {
			return fmt.Errorf("%s is for %q, not for %q", message.Type, message.PeerID, c.peerID)
		}
		if message.Type == expected {
			return message.Decode(answer)
		}
	}
}
