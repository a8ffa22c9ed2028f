package integration

import (
	"testing"

	"example.com/engine/tests/data"
)

func TestClientsWithinDocker(t *testing.T) {
	data.Up(t)
}
