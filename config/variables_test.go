package config

import (
	"slices"
	"testing"
)

func TestUnknownVariables(t *testing.T) {
	t.Parallel()
	got := UnknownVariables([]string{
		"VLMCHAT_TEMPERATUR=1", "VLMCHAT_MODEL=x", "VLMCHAT_KEEP_ALIVE=", "VLMCHAT_CONFIG=c", "VLMCHAT_DATA_DIR=d", "VLMCHAT_CACHE_DIR=c",
		"VLMCHAT_BASE-URL=y", "OTHER=VLMCHAT_X", "VLMCHAT_=",
	})
	if want := []string{"VLMCHAT_", "VLMCHAT_BASE-URL", "VLMCHAT_TEMPERATUR"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}
