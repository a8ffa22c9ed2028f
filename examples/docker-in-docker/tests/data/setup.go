// Package data starts both engines in containers for the integration tests.
package data

import (
	"fmt"
	"net"
	"os/exec"
	"testing"
	"time"
)

const composeFile = "../../build/docker-compose-test.yml"

// Engines are where the containers publish their ports.
var Engines = []string{"127.0.0.1:8080", "127.0.0.1:8081"}

// Up starts the containers, and stops them when the test ends.
func Up(t *testing.T) {
	shell(t, fmt.Sprintf("docker compose -f %s up -d --build", composeFile))
	t.Cleanup(func() { shell(t, fmt.Sprintf("docker compose -f %s down", composeFile)) })
	for _, address := range Engines {
		waitFor(t, address)
	}
}

func shell(t *testing.T, command string) {
	t.Helper()
	if out, err := exec.Command("sh", "-c", command).CombinedOutput(); err != nil {
		t.Fatalf("%s: %s", command, out)
	}
}

func waitFor(t *testing.T, address string) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); time.Sleep(time.Second) {
		if connection, err := net.Dial("tcp", address); err == nil {
			connection.Close()
			return
		}
	}
	t.Fatalf("nothing answers at %s", address)
}
