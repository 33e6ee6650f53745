package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
)

const (
	kept = 6 * time.Hour
	page = 500
)

// record is what the bridge keeps of a job, on a Redis of its own (bridges/record.py says why).
type record struct{ redis *redis.Client }

type event struct {
	Type    string `json:"type"`
	Step    int    `json:"step"`
	Padding string `json:"padding"`
}

func (r record) submitted(ctx context.Context, id, token string) error {
	return r.redis.Set(ctx, "id:"+id, token, kept).Err()
}

func (r record) tokenOf(ctx context.Context, id string) (string, error) {
	return r.redis.Get(ctx, "id:"+id).Result()
}

func (r record) cancelled(ctx context.Context, token string) error {
	return r.redis.Set(ctx, "cancelled:"+token, "1", kept).Err()
}

func (r record) isCancelled(ctx context.Context, token string) bool {
	return r.redis.Exists(ctx, "cancelled:"+token).Val() == 1
}

// begin notes a run; it returns how many were begun before.
func (r record) begin(ctx context.Context, token string) (int, error) {
	host, _ := os.Hostname()
	begun, err := r.redis.RPush(ctx, "runs:"+token, fmt.Sprintf("%s:%d", host, os.Getpid())).Result()
	r.redis.Expire(ctx, "runs:"+token, kept)
	return int(begun) - 1, err
}

func (r record) runs(ctx context.Context, token string) []string {
	return r.redis.LRange(ctx, "runs:"+token, 0, -1).Val()
}

func (r record) step(ctx context.Context, token string, step, padding int) error {
	told, _ := json.Marshal(event{"step", step, strings.Repeat("x", padding)})
	key := "steps:" + token
	err := r.redis.XAdd(ctx, &redis.XAddArgs{Stream: key, Values: []any{"event", told}}).Err()
	r.redis.Expire(ctx, key, kept)
	return err
}

// stepsAfter returns the events behind a position, and the position to go on from.
func (r record) stepsAfter(ctx context.Context, token, after string) ([]json.RawMessage, string) {
	events := []json.RawMessage{}
	for _, row := range r.redis.XRangeN(ctx, "steps:"+token, "("+after, "+", page).Val() {
		events = append(events, json.RawMessage(row.Values["event"].(string)))
		after = row.ID
	}
	return events, after
}
