package cli

import (
	"context"
	"os/exec"
	"strings"
	"time"
)

// checkFFmpeg says whether frames can be taken from videos. Nothing else needs it.
func checkFFmpeg(ctx context.Context) []check {
	version := func(program string) (string, error) {
		path, err := exec.LookPath(program)
		if err != nil {
			return "", err
		}
		ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
		defer cancel()
		out, err := exec.CommandContext(ctx, path, "-version").Output()
		return string(out), err
	}
	return []check{judgeFFmpeg(version)}
}

// judgeFFmpeg asks each of the two programs for its version: "ffmpeg version 7.1.1
// Copyright …".
func judgeFFmpeg(version func(program string) (string, error)) check {
	var found string
	for _, program := range []string{"ffprobe", "ffmpeg"} {
		said, err := version(program)
		if err != nil {
			return note("videos", "none: %s, which takes frames from them, isn't installed or doesn't start", program)
		}
		found = program
		if words := strings.Fields(said); len(words) > 2 && words[1] == "version" {
			found += " " + words[2]
		}
	}
	return fine("videos", "%s is there to take frames from them", found)
}
