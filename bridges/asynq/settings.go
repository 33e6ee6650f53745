// The job API (bridges/README.md) in front of asynq, and its workers: `bridge front PORT`,
// `bridge worker`. Settings come from the environment, with the heading of asynq's wiki or reference:
//
//	CONCURRENCY         reference, Config.Concurrency
//	RETRIES             wiki, Task Retry: MaxRetry (asynq's own default is 25)
//	RETRY_PAUSE_S       wiki, Task Retry, Customize Retry Delay: RetryDelayFunc
//	TIMEOUT_S           wiki, Task Timeout and Cancelation
//	RETENTION_S         wiki, Task Retention and Result
//	SHUTDOWN_TIMEOUT_S  reference, Config.ShutdownTimeout
package main

import (
	"os"
	"strconv"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"
)

const queueName = "jobs"

func text(name, fallback string) string {
	if value := os.Getenv("BRIDGE_" + name); value != "" {
		return value
	}
	return fallback
}

func number(name string, fallback float64) float64 {
	value, err := strconv.ParseFloat(text(name, ""), 64)
	if err != nil {
		return fallback
	}
	return value
}

func seconds(name string, fallback float64) time.Duration {
	return inSeconds(number(name, fallback))
}

func inSeconds(value float64) time.Duration {
	return time.Duration(value * float64(time.Second))
}

var (
	concurrency     = int(number("CONCURRENCY", 8))
	retries         = int(number("RETRIES", 0))
	retryPause      = seconds("RETRY_PAUSE_S", 1)
	timeout         = seconds("TIMEOUT_S", 600)
	retention       = seconds("RETENTION_S", 600)
	shutdownTimeout = seconds("SHUTDOWN_TIMEOUT_S", 8)
)

func queueRedis() asynq.RedisConnOpt {
	options, err := asynq.ParseRedisURI(text("QUEUE_URL", "redis://127.0.0.1:6379/0"))
	if err != nil {
		panic(err)
	}
	return options
}

func ownRedis() *redis.Client {
	options, err := redis.ParseURL(text("OWN_URL", "redis://127.0.0.1:6380/0"))
	if err != nil {
		panic(err)
	}
	return redis.NewClient(options)
}
