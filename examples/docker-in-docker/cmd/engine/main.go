// The engine answers on the port in ENGINE_PORT.
package main

import (
	"log"
	"net/http"
	"os"
)

func main() {
	log.Fatal(http.ListenAndServe(":"+os.Getenv("ENGINE_PORT"), http.NotFoundHandler()))
}
