package main

import (
	"bufio"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"log"
	"os"
)

// The key is the bytes of the secret as issued: its base64url is not decoded.
func userHash(userID, secret string) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(userID))
	return hex.EncodeToString(mac.Sum(nil))
}

func main() {
	secret := os.Getenv("SIGNING_SECRET")
	if secret == "" {
		log.Fatal("SIGNING_SECRET is not set")
	}
	// User ids on standard input, one on each line.
	userIDs := bufio.NewScanner(os.Stdin)
	for userIDs.Scan() {
		fmt.Println(userHash(userIDs.Text(), secret))
	}
	if err := userIDs.Err(); err != nil {
		log.Fatal(err)
	}
}
