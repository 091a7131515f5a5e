package cli

import (
	"testing"

	"github.com/vlmchat/vlmchat/images/clipboard"
)

func TestJudgeClipboard(t *testing.T) {
	t.Parallel()
	none := &clipboard.NoAccess{Detail: "there is no display"}
	for _, c := range []struct {
		by       string
		err      error
		terminal bool
		status   checkStatus
		want     string
	}{
		{"xclip", nil, true, statusOK, "xclip"},
		{"", none, true, statusInfo, "the terminal's, if it tells: there is no display"},
		{"", none, false, statusInfo, "none: there is no display"},
	} {
		if got := judgeClipboard(c.by, c.err, c.terminal); got.Status != c.status || got.Message != c.want {
			t.Errorf("%+v", got)
		}
	}
}
