package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// Envelope is a message of the peer protocol, in either direction. Decoding fails when a field has another type.
type Envelope struct {
	Type      string                     `json:"type"`
	PeerID    string                     `json:"peer_id"` // Comes back with the type that it was sent with.
	MessageID string                     `json:"message_id"`
	Timestamp int64                      `json:"timestamp"` // Milliseconds since 1970; seconds would do as well.
	Data      map[string]json.RawMessage `json:"data,omitempty"`
	Error     *ServerError               `json:"error,omitempty"`
}

// ServerError says why the server did not do it. Code is for programs and never changes, Message is for people.
type ServerError struct {
	Code    string `json:"code"`
	Message string `json:"message"`
	Details string `json:"details,omitempty"`
}

func (e *ServerError) Error() string {
	return e.Code + ": " + e.Message
}

// Welcome is the data of the answer to hello.
type Welcome struct {
	SessionConfig struct {
		HeartbeatInterval int64 `json:"heartbeat_interval"` // Milliseconds.
	} `json:"session_config"`
}

// Pong is the data of the answer to ping.
type Pong struct {
	PingTimestamp int64 `json:"ping_timestamp"` // As the ping had it.
	Sequence      int64 `json:"sequence"`
	ServerTime    int64 `json:"server_time"`
}

// NewEnvelope makes a message of a client; number tells its messages apart.
func NewEnvelope(kind, peerID string, number int, data any) (*Envelope, error) {
	text, err := json.Marshal(data)
	if err != nil {
		return nil, err
	}
	envelope := &Envelope{Type: kind, PeerID: peerID, MessageID: fmt.Sprintf("%s-%d", peerID, number), Timestamp: time.Now().UnixMilli()}
	return envelope, json.Unmarshal(text, &envelope.Data)
}

// Decode fills a struct with the data of a message.
func (e *Envelope) Decode(data any) error {
	if e.Data == nil {
		return errors.New(e.Type + " has no data")
	}
	text, err := json.Marshal(e.Data)
	if err != nil {
		return err
	}
	return json.Unmarshal(text, data)
}
