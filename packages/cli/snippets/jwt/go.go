package main

import (
	"bufio"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"log"
	"os"
	"time"
)

var base64url = base64.RawURLEncoding.EncodeToString

// The key is the bytes of the secret as issued: its base64url is not decoded.
func userJWT(userID, secret string) (string, error) {
	claims, err := json.Marshal(map[string]any{"user_id": userID, "exp": time.Now().Unix() + 300})
	if err != nil {
		return "", err
	}
	content := base64url([]byte(`{"alg":"HS256","typ":"JWT"}`)) + "." + base64url(claims)
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(content))
	return content + "." + base64url(mac.Sum(nil)), nil
}

func main() {
	secret := os.Getenv("SIGNING_SECRET")
	if secret == "" {
		log.Fatal("SIGNING_SECRET is not set")
	}
	// User ids on standard input, one on each line.
	userIDs := bufio.NewScanner(os.Stdin)
	for userIDs.Scan() {
		jwt, err := userJWT(userIDs.Text(), secret)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(jwt)
	}
	if err := userIDs.Err(); err != nil {
		log.Fatal(err)
	}
}
