package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/hibiken/asynq"
)

// order is what a job is to do, and how it is to be queued.
type order struct {
	Steps      *int    `json:"steps"`
	Seconds    float64 `json:"seconds"`
	Padding    int     `json:"padding"`
	SlowStartS float64 `json:"slow_start_s"`
	QuietAfter *int    `json:"quiet_after"`
	QuietS     float64 `json:"quiet_s"`
	FailAt     *int    `json:"fail_at"`
	FailTimes  int     `json:"fail_times"`
	Witness    *string `json:"witness"`
	DelayS     float64 `json:"delay_s"`
	Retries    int     `json:"retries"`
	Priority   *int    `json:"priority"`
	Token      string  `json:"token,omitempty"`
}

// errAsked is a failure that the job was asked for.
var errAsked = errors.New("failed, as it was asked to")

func is(wanted *int, step int) bool { return wanted != nil && *wanted == step }

func work(own record) asynq.HandlerFunc {
	client := &http.Client{Timeout: 5 * time.Second}
	return func(ctx context.Context, task *asynq.Task) error {
		var job order
		if err := json.Unmarshal(task.Payload(), &job); err != nil {
			return err
		}
		err := steps(ctx, own, client, job)
		if errors.Is(ctx.Err(), context.Canceled) {
			// Wiki, Task Retry, Skip Retry: what was cancelled is not to be run again.
			return fmt.Errorf("%w: %w", context.Canceled, asynq.SkipRetry)
		}
		if again, _ := asynq.GetRetryCount(ctx); errors.Is(err, errAsked) && again >= job.Retries {
			// The same: what retries are left are for a worker that is lost.
			return fmt.Errorf("%w: %w", err, asynq.SkipRetry)
		}
		if err != nil {
			return err
		}
		result, _ := json.Marshal(map[string]int{"steps": *job.Steps, "sum": *job.Steps * (*job.Steps - 1) / 2})
		_, err = task.ResultWriter().Write(result)
		return err
	}
}

func steps(ctx context.Context, own record, client *http.Client, job order) error {
	begunBefore, err := own.begin(ctx, job.Token)
	if err != nil {
		return err
	}
	if err := pause(ctx, job.SlowStartS); err != nil {
		return err
	}
	for step := range *job.Steps {
		if is(job.FailAt, step) {
			return fmt.Errorf("step %d %w", step, errAsked)
		}
		if step == 1 && begunBefore < job.FailTimes {
			return fmt.Errorf("run %d %w", begunBefore+1, errAsked)
		}
		if job.Witness != nil {
			answer, err := client.Get(fmt.Sprintf("%s/%d", *job.Witness, step))
			if err != nil {
				return err
			}
			answer.Body.Close()
		}
		if err := own.step(ctx, job.Token, step, job.Padding); err != nil {
			return err
		}
		rest := job.Seconds
		if is(job.QuietAfter, step) {
			rest += job.QuietS
		}
		if err := pause(ctx, rest); err != nil {
			return err
		}
	}
	return nil
}

func pause(ctx context.Context, forS float64) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(inSeconds(forS)):
		return nil
	}
}

// runWorker takes jobs until it is told to stop (SIGTERM: wiki, Signals).
func runWorker() error {
	server := asynq.NewServer(queueRedis(), asynq.Config{
		Concurrency:     concurrency,
		Queues:          map[string]int{queueName: 1},
		ShutdownTimeout: shutdownTimeout,
		RetryDelayFunc:  func(int, error, *asynq.Task) time.Duration { return retryPause },
	})
	mux := asynq.NewServeMux()
	mux.HandleFunc("steps", work(record{ownRedis()}))
	if err := server.Ping(); err != nil {
		return err
	}
	fmt.Println("worker started")
	return server.Run(mux)
}
