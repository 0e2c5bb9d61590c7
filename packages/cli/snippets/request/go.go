package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"fmt"
	"io"
	"log"
	"os"
	"strings"
	"time"
)

// The key is the bytes of the secret as issued: nothing of it is decoded.
func signedHeaders(key, secret, method, path string, body []byte) [3][2]string {
	timestamp := time.Now().UnixMilli()
	mac := hmac.New(sha256.New, []byte(secret))
	fmt.Fprintf(mac, "%d.%s.%s.%x", timestamp, strings.ToUpper(method), path, sha256.Sum256(body))
	return [3][2]string{
		{"X-Integrator-Key", key},
		{"X-Timestamp", fmt.Sprint(timestamp)},
		{"X-Signature", fmt.Sprintf("sha256=%x", mac.Sum(nil))},
	}
}

func main() {
	key, secret := os.Getenv("INTEGRATOR_KEY"), os.Getenv("SIGNING_SECRET")
	if key == "" || secret == "" || len(os.Args) != 3 {
		log.Fatal("needs INTEGRATOR_KEY, SIGNING_SECRET, and as arguments method and path")
	}
	// Method and path with its query as arguments, the raw body on standard input.
	body, err := io.ReadAll(os.Stdin)
	if err != nil {
		log.Fatal(err)
	}
	for _, header := range signedHeaders(key, secret, os.Args[1], os.Args[2], body) {
		fmt.Printf("%s: %s\n", header[0], header[1])
	}
}
