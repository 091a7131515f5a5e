package cli

import (
	"io"
	"path/filepath"

	"github.com/vlmchat/vlmchat/config"
	"github.com/vlmchat/vlmchat/diskcache"
	"github.com/vlmchat/vlmchat/images"
)

// compiledDir is the folder of the machine code that readers of pictures in
// WebAssembly become; "" if there is no place for it.
func compiledDir() string {
	dir, err := config.CacheDir()
	if err != nil {
		return ""
	}
	return filepath.Join(dir, "images")
}

// decoderMain decodes for another process of vlmchat. Code is kept in a folder only
// if nobody else can have had a hand in it, as it is run.
func decoderMain(folder string, stdin io.Reader, stdout io.Writer) int {
	if folder != "" && diskcache.Private(folder) != nil {
		folder = ""
	}
	return images.DecoderMain(stdin, stdout, folder)
}
