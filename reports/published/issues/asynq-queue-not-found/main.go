// What asynq's Inspector says of tasks that were done after Redis came back empty.
//
// Needs redis-server on the path and nothing else; ends what it starts.
//
//	go run .
package main

import (
	"context"
	"fmt"
	"log"
	"net"
	"os"
	"os/exec"
	"strings"
	"time"

	"github.com/hibiken/asynq"
)

const (
	tasks    = 3
	awayFor  = 3 * time.Second
	within   = 30 * time.Second
	keepsFor = time.Hour
)

// A Redis on loopback that keeps nothing over its end.
func startRedis(port, folder string) *exec.Cmd {
	redis := exec.Command("redis-server", "--port", port, "--bind", "127.0.0.1",
		"--save", "", "--appendonly", "no", "--dir", folder)
	if err := redis.Start(); err != nil {
		log.Fatal(err)
	}
	for deadline := time.Now().Add(within); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		if connection, err := net.Dial("tcp", "127.0.0.1:"+port); err == nil {
			connection.Close()
			return redis
		}
	}
	log.Fatal("redis-server does not listen")
	return nil
}

func stop(redis *exec.Cmd) {
	_ = redis.Process.Signal(os.Interrupt)
	_ = redis.Wait()
}

func freePort() string {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	defer listener.Close()
	_, port, _ := net.SplitHostPort(listener.Addr().String())
	return port
}

func main() {
	folder, err := os.MkdirTemp("", "asynq-")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(folder)
	port := freePort()
	redis := startRedis(port, folder)
	defer func() { stop(redis) }()

	options := asynq.RedisClientOpt{Addr: "127.0.0.1:" + port}
	done := make(chan string, tasks+2)
	work := asynq.NewServeMux()
	work.HandleFunc("work", func(_ context.Context, task *asynq.Task) error {
		done <- string(task.Payload())
		return nil
	})
	server := asynq.NewServer(options, asynq.Config{Concurrency: 4, LogLevel: asynq.FatalLevel})
	if err := server.Start(work); err != nil {
		log.Fatal(err)
	}
	defer server.Shutdown()
	client, inspector := asynq.NewClient(options), asynq.NewInspector(options)
	defer client.Close()
	defer inspector.Close()

	// Whether a task was done, and then what the inspector says of it.
	told := func(name string, by *asynq.Client) (bool, string) {
		given, err := by.Enqueue(asynq.NewTask("work", []byte(name)), asynq.Retention(keepsFor))
		if err != nil {
			return false, "it was not enqueued: " + err.Error()
		}
		select {
		case <-done:
		case <-time.After(within):
			return false, "it was not done"
		}
		time.Sleep(500 * time.Millisecond) // the end is written behind the handler's return
		info, err := inspector.GetTaskInfo(given.Queue, given.ID)
		if err != nil {
			return true, err.Error()
		}
		return true, info.State.String()
	}

	say := func(when string, by *asynq.Client) bool {
		wasDone, said := told(when, by)
		fmt.Printf("%s: done: %t; GetTaskInfo: %s\n", when, wasDone, said)
		return wasDone && strings.HasSuffix(said, asynq.ErrQueueNotFound.Error())
	}

	say("before", client)
	stop(redis)
	time.Sleep(awayFor)
	redis = startRedis(port, folder)
	time.Sleep(awayFor) // the server has connected again
	missing := 0
	for at := 1; at <= tasks; at++ {
		if say(fmt.Sprintf("behind it, %d", at), client) {
			missing++
		}
	}
	another := asynq.NewClient(options)
	defer another.Close()
	say("by a new client", another)
	say("by the old one again", client)
	if missing == tasks {
		fmt.Printf("REPRODUCED: %d of %d tasks were done, and their queue is not found\n", missing, tasks)
	} else {
		fmt.Println("not reproduced")
	}
}
