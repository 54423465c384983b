// Command logs watches the log protocol of Sluice: it registers as a consumer and says which producers come and go.
// It subscribes to none of them, so that none connects to it; their lines travel over WebRTC.
//
//	logs -url ws://localhost:8080/signaling [-token TOKEN] [-room ROOM]
package main

import (
	"flag"
	"fmt"
	"log"
	"net/http"
	"os"
	"strconv"

	"github.com/gorilla/websocket"
)

// Register is the first message of a client.
type Register struct {
	Type      string            `json:"type"`
	Role      string            `json:"role"`
	ClientID  string            `json:"client_id"`
	Metadata  map[string]string `json:"metadata"`
	Subscribe []string          `json:"subscribe"`
}

// Producer is a program that shows its log.
type Producer struct {
	ProducerID string         `json:"producer_id"`
	SystemName string         `json:"system_name"`
	Metadata   map[string]any `json:"metadata"`
}

// Message has the fields of every message that this program reads.
type Message struct {
	Type      string     `json:"type"`
	ClientID  string     `json:"client_id"`
	Producers []Producer `json:"producers"`
	Producer
	Code string `json:"code"`
	Text string `json:"message"`
}

func main() {
	log.SetFlags(0)
	url := flag.String("url", "ws://localhost:8080/signaling", "where the server is")
	token := flag.String("token", "", "what the server asks for")
	room := flag.String("room", "default", "whose producers to watch")
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
	if err := watch(socket, *room); err != nil {
		log.Fatal(err)
	}
}

func watch(socket *websocket.Conn, room string) error {
	register := Register{
		Type:      "register",
		Role:      "consumer",
		ClientID:  "go-" + strconv.Itoa(os.Getpid()),
		Metadata:  map[string]string{"room": room},
		Subscribe: []string{},
	}
	if err := socket.WriteJSON(register); err != nil {
		return err
	}
	for {
		var message Message
		if err := socket.ReadJSON(&message); err != nil {
			return err
		}
		if err := report(message); err != nil {
			return err
		}
	}
}

func report(message Message) error {
	switch message.Type {
	case "registered":
		fmt.Printf("registered as %s\n", message.ClientID)
	case "producer_list":
		for _, producer := range message.Producers {
			fmt.Printf("there is %s of %s\n", producer.ProducerID, producer.SystemName)
		}
	case "producer_connected":
		fmt.Printf("came %s of %s\n", message.ProducerID, message.SystemName)
	case "producer_disconnected":
		fmt.Printf("went %s\n", message.ProducerID)
	case "error":
		return fmt.Errorf("%s: %s", message.Code, message.Text)
	}
	return nil
}
