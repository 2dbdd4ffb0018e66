package main

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"strings"

	"github.com/jackc/pgx/v4/pgxpool"
)

type claims struct {
	Type    string `json:"token_type"`
	Expires int64  `json:"exp"`
	Issued  int64  `json:"iat"`
	ID      string `json:"jti"`
	Account int64  `json:"user_id"`
	Session string `json:"sid"`
}

// keyRing holds the keys that verify tokens, and the one that signs.
type keyRing struct {
	secrets map[string][]byte
	current string
}

func loadKeys(ctx context.Context, pool *pgxpool.Pool) (*keyRing, error) {
	rows, err := pool.Query(ctx, "SELECT kid, secret, retires IS NULL FROM signing_key")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	keys := &keyRing{secrets: map[string][]byte{}}
	for rows.Next() {
		var kid string
		var secret []byte
		var signs bool
		if err := rows.Scan(&kid, &secret, &signs); err != nil {
			return nil, err
		}
		keys.secrets[kid] = secret
		if signs {
			keys.current = kid
		}
	}
	return keys, rows.Err()
}

var encoding = base64.RawURLEncoding

func hash(token string) []byte {
	sum := sha256.Sum256([]byte(token))
	return sum[:]
}

func signature(secret []byte, text string) []byte {
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte(text))
	return mac.Sum(nil)
}

func (k *keyRing) verify(token, kind string, now int64) bool {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return false
	}
	var header struct {
		Algorithm string `json:"alg"`
		Key       string `json:"kid"`
	}
	if !decode(parts[0], &header) || header.Algorithm != "HS256" {
		return false
	}
	secret, known := k.secrets[header.Key]
	presented, err := encoding.DecodeString(parts[2])
	if !known || err != nil {
		return false
	}
	if !hmac.Equal(presented, signature(secret, parts[0]+"."+parts[1])) {
		return false
	}
	var claims claims
	return decode(parts[1], &claims) && claims.Type == kind && claims.Expires > now &&
		claims.Issued <= now+60
}

func decode(part string, into interface{}) bool {
	text, err := encoding.DecodeString(part)
	return err == nil && json.Unmarshal(text, into) == nil
}

func (k *keyRing) sign(claims claims) string {
	header, _ := json.Marshal(map[string]string{"alg": "HS256", "typ": "JWT", "kid": k.current})
	payload, _ := json.Marshal(claims)
	text := encoding.EncodeToString(header) + "." + encoding.EncodeToString(payload)
	return text + "." + encoding.EncodeToString(signature(k.secrets[k.current], text))
}

// newID makes a random UUID (RFC 9562, version 4).
func newID() string {
	var bytes [16]byte
	if _, err := rand.Read(bytes[:]); err != nil {
		panic(err)
	}
	bytes[6] = bytes[6]&0x0f | 0x40
	bytes[8] = bytes[8]&0x3f | 0x80
	text := hex.EncodeToString(bytes[:])
	return text[:8] + "-" + text[8:12] + "-" + text[12:16] + "-" + text[16:20] + "-" + text[20:]
}
