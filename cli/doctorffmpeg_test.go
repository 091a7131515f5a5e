package cli

import (
	"errors"
	"testing"
)

func TestJudgeFFmpeg(t *testing.T) {
	t.Parallel()
	const said = "ffmpeg version 5.1.9-0+deb12u1 Copyright (c) 2000-2026 the FFmpeg developers\nbuilt with gcc\n"
	for _, c := range []struct {
		missing, said string
		status        checkStatus
		want          string
	}{
		{"", said, statusOK, "ffmpeg 5.1.9-0+deb12u1 is there to take frames from them"},
		{"", "", statusOK, "ffmpeg is there to take frames from them"},
		{"ffmpeg", said, statusInfo, "none: ffmpeg, which takes frames from them, isn't installed or doesn't start"},
		{"ffprobe", said, statusInfo, "none: ffprobe, which takes frames from them, isn't installed or doesn't start"},
	} {
		got := judgeFFmpeg(func(program string) (string, error) {
			if program == c.missing {
				return "", errors.New("not found")
			}
			return c.said, nil
		})
		if got.Status != c.status || got.Message != c.want {
			t.Errorf("%+v: %+v", c, got)
		}
	}
}
