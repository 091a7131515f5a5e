package models

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"path/filepath"

	"github.com/vlmchat/vlmchat/config"
	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/testdata/tinyclip"
)

// demoDigits is how many hexadecimal digits of a demo's digest its folder is named by.
const demoDigits = 16

// demoEncoder unpacks the demo encoder, once: weights are mapped from files.
func demoEncoder() (Encoder, error) {
	folder, err := unpackEncoder()
	if err != nil {
		return Encoder{}, &engine.Error{Kind: engine.ModelInvalid, Message: fmt.Sprintf("unpacking the demo encoder: %v", err), Err: err}
	}
	return Encoder{Name: DemoEncoderName, Folder: folder, Demo: true}, nil
}

// unpackEncoder returns the folder of the demo encoder's files, which is named by what is
// in them.
func unpackEncoder() (string, error) {
	data, err := config.DataDir()
	if err != nil {
		return "", err
	}
	entries, err := tinyclip.Files.ReadDir(".")
	if err != nil {
		return "", err
	}
	contents := map[string][]byte{}
	sum := sha256.New()
	for _, entry := range entries {
		content, err := tinyclip.Files.ReadFile(entry.Name())
		if err != nil {
			return "", err
		}
		contents[entry.Name()] = content
		fmt.Fprintf(sum, "%s %d\n", entry.Name(), len(content))
		sum.Write(content)
	}
	folder := filepath.Join(data, "models", DemoEncoderName+"-"+hex.EncodeToString(sum.Sum(nil))[:demoDigits])
	for name, content := range contents {
		if err := unpack(filepath.Join(folder, name), content); err != nil {
			return "", err
		}
	}
	return folder, nil
}
