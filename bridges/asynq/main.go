package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/hibiken/asynq"
)

const (
	hold      = time.Second
	lookEvery = 100 * time.Millisecond
)

type answer map[string]any

type refused struct {
	status int
	why    string
}

func (r refused) Error() string { return r.why }

type front struct {
	client    *asynq.Client
	inspector *asynq.Inspector
	own       record
}

func main() {
	var err error
	switch {
	case len(os.Args) == 3 && os.Args[1] == "front":
		redis := queueRedis()
		err = front{asynq.NewClient(redis), asynq.NewInspector(redis), record{ownRedis()}}.serve(os.Args[2])
	case len(os.Args) == 2 && os.Args[1] == "worker":
		err = runWorker()
	default:
		err = errors.New("bridge front PORT | bridge worker")
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func (f front) serve(port string) error {
	handle := func(pattern string, doing func(*http.Request) (int, answer, error)) {
		http.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			code, body, err := doing(r)
			var no refused
			if errors.As(err, &no) {
				code, body = no.status, answer{"error": no.why}
			} else if err != nil {
				code, body = http.StatusServiceUnavailable, answer{"error": err.Error()}
			}
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(code)
			_ = json.NewEncoder(w).Encode(body)
		})
	}
	well := func(*http.Request) (int, answer, error) { return http.StatusOK, answer{"ok": true}, nil }
	handle("GET /{$}", well)
	handle("GET /health", well)
	handle("GET /workers", f.workers)
	handle("POST /jobs", f.submit)
	handle("GET /jobs/{job}", f.status)
	handle("GET /jobs/{job}/events", f.events)
	handle("GET /jobs/{job}/result", f.result)
	handle("POST /jobs/{job}/cancel", f.cancel)
	return http.ListenAndServe("127.0.0.1:"+port, nil)
}

func (f front) submit(r *http.Request) (int, answer, error) {
	var body struct {
		Kind string `json:"kind"`
		order
	}
	reader := json.NewDecoder(r.Body)
	reader.DisallowUnknownFields()
	if err := reader.Decode(&body); err != nil {
		return 0, nil, refused{http.StatusUnprocessableEntity, err.Error()}
	}
	if body.Kind != "steps" || body.Steps == nil {
		return 0, nil, refused{http.StatusUnprocessableEntity, "the only kind of job is steps, and it says how many"}
	}
	body.Token = rand.Text()
	payload, _ := json.Marshal(body.order)
	most := max(retries, body.Retries)
	info, err := f.client.EnqueueContext(r.Context(), asynq.NewTask("steps", payload),
		asynq.Queue(queueName), asynq.MaxRetry(most), asynq.Timeout(timeout),
		asynq.Retention(retention), asynq.ProcessIn(inSeconds(body.DelayS)))
	if err != nil {
		return 0, nil, err
	}
	return http.StatusAccepted, answer{"id": info.ID}, f.own.submitted(r.Context(), info.ID, body.Token)
}

// known returns the job that is asked for, and its token.
func (f front) known(r *http.Request) (string, string, error) {
	id := r.PathValue("job")
	token, err := f.own.tokenOf(r.Context(), id)
	if err != nil {
		return id, "", refused{http.StatusNotFound, "no such job"}
	}
	return id, token, nil
}

// stateOf is the state that asynq tells; wiki, Life of a Task. What was deleted before it ran is
// known to the bridge alone.
func (f front) stateOf(ctx context.Context, id, token string) (string, error) {
	info, err := f.inspector.GetTaskInfo(queueName, id)
	if errors.Is(err, asynq.ErrTaskNotFound) || errors.Is(err, asynq.ErrQueueNotFound) {
		if f.own.isCancelled(ctx, token) {
			return "cancelled", nil
		}
		return "unknown", nil
	}
	if err != nil {
		return "", err
	}
	switch info.State {
	case asynq.TaskStateActive:
		return "running", nil
	case asynq.TaskStateCompleted:
		return "finished", nil
	case asynq.TaskStateArchived:
		if strings.HasPrefix(info.LastErr, context.Canceled.Error()) {
			return "cancelled", nil
		}
		return "failed", nil
	default:
		return "queued", nil
	}
}

func isFinal(state string) bool {
	return state == "finished" || state == "failed" || state == "cancelled"
}

func (f front) status(r *http.Request) (int, answer, error) {
	id, token, err := f.known(r)
	if err != nil {
		return 0, nil, err
	}
	state, err := f.stateOf(r.Context(), id, token)
	return http.StatusOK, answer{"id": id, "state": state, "runs": f.own.runs(r.Context(), token)}, err
}

func (f front) events(r *http.Request) (int, answer, error) {
	id, token, err := f.known(r)
	if err != nil {
		return 0, nil, err
	}
	after := r.URL.Query().Get("after")
	if after == "" {
		after = "0"
	}
	until := time.Now().Add(hold)
	for {
		state, err := f.stateOf(r.Context(), id, token)
		if err != nil {
			return 0, nil, err
		}
		events, next := f.own.stepsAfter(r.Context(), token, after)
		if len(events) > 0 || isFinal(state) || time.Now().After(until) {
			return http.StatusOK, answer{"events": events, "next": next, "state": state}, nil
		}
		time.Sleep(lookEvery)
	}
}

func (f front) result(r *http.Request) (int, answer, error) {
	id, _, err := f.known(r)
	if err != nil {
		return 0, nil, err
	}
	info, err := f.inspector.GetTaskInfo(queueName, id)
	if err != nil || len(info.Result) == 0 {
		return 0, nil, refused{http.StatusConflict, "there is no result"}
	}
	return http.StatusOK, answer{"id": id, "result": json.RawMessage(info.Result)}, nil
}

// cancel: Inspector.DeleteTask for a task that waits; for one that runs Inspector.CancelProcessing, which
// the reference calls best-effort.
func (f front) cancel(r *http.Request) (int, answer, error) {
	id, token, err := f.known(r)
	if err != nil {
		return 0, nil, err
	}
	state, err := f.stateOf(r.Context(), id, token)
	if err != nil {
		return 0, nil, err
	}
	if isFinal(state) {
		return http.StatusConflict, answer{"cancelled": false, "why": "it has ended"}, nil
	}
	if state == "running" {
		return http.StatusOK, answer{"cancelled": true}, f.inspector.CancelProcessing(id)
	}
	if err := f.inspector.DeleteTask(queueName, id); err != nil {
		return http.StatusOK, answer{"cancelled": false, "why": err.Error()}, nil
	}
	return http.StatusOK, answer{"cancelled": true}, f.own.cancelled(r.Context(), token)
}

func (f front) workers(*http.Request) (int, answer, error) {
	servers, err := f.inspector.Servers()
	found := []answer{}
	for _, server := range servers {
		found = append(found, answer{"name": fmt.Sprintf("%s:%d", server.Host, server.PID), "state": server.Status})
	}
	return http.StatusOK, answer{"workers": found}, err
}
