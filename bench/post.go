package main

import (
	"fmt"
	"io"
	"net/http"
	"os"
)

// postCommand makes this executable post a file to a URL and print the answer:
// the peer of a vlmchat command where there is no curl.
const postCommand = "post"

func postMain(url, file string) int {
	f, err := os.Open(file)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer f.Close()
	resp, err := http.Post(url, "application/json", f)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer resp.Body.Close()
	if _, err := io.Copy(os.Stdout, resp.Body); err != nil || resp.StatusCode != http.StatusOK {
		fmt.Fprintln(os.Stderr, resp.Status, err)
		return 1
	}
	return 0
}
