package codec

import "encoding/json"

// Encode keeps what the contract says: an array of texts.
func Encode(lines []string) ([]byte, error) {
	encoded, err := json.Marshal(lines)
	if err != nil {
		return nil, err
	}
	return encoded, nil
}
