package clipboard

import (
	"bytes"
	"context"
	"errors"
	"strings"
)

// pasteboard is a program in JavaScript for osascript (macOS). It prints one line
// that says what follows: files before pictures, as the Finder adds a picture of
// a copied file's icon. The files' addresses are resolved, since the Finder
// writes them as numbers.
const pasteboard = `
ObjC.import('AppKit');
function run() {
  const board = $.NSPasteboard.generalPasteboard;
  const out = $.NSFileHandle.fileHandleWithStandardOutput;
  const put = (kind, data) => {
    out.writeData($(kind + '\n').dataUsingEncoding($.NSUTF8StringEncoding));
    out.writeData(data);
  };
  const files = [];
  const items = board.pasteboardItems;
  for (let i = 0; !items.isNil() && i < items.count; i++) {
    const address = items.objectAtIndex(i).stringForType('public.file-url');
    if (!address.isNil()) files.push(ObjC.unwrap($.NSURL.URLWithString(address).path));
  }
  if (files.length > 0) return put('files', $(files.join('\0')).dataUsingEncoding($.NSUTF8StringEncoding));
  for (const type of ['public.png', 'public.tiff', 'public.heic', 'public.jpeg', 'com.compuserve.gif']) {
    const data = board.dataForType(type);
    if (!data.isNil() && data.length > 0) return put('picture', data);
  }
  const text = board.stringForType('public.utf8-plain-text');
  if (!text.isNil()) return put('text', text.dataUsingEncoding($.NSUTF8StringEncoding));
  const types = board.types;
  put(types.isNil() || types.count == 0 ? 'nothing' : 'other', $('').dataUsingEncoding($.NSUTF8StringEncoding));
}
`

// osascript reads the clipboard of macOS.
func osascript(path string) func(context.Context) (Content, error) {
	return func(ctx context.Context) (Content, error) {
		out, err := output(ctx, path, "-l", "JavaScript", "-e", pasteboard)
		if failed := (*failure)(nil); errors.As(err, &failed) {
			return Content{}, &NoAccess{failed.Error()}
		} else if err != nil {
			return Content{}, err
		}
		// osascript ends what it prints with the script's own result, a newline.
		kind, rest, _ := bytes.Cut(out, []byte("\n"))
		switch rest = bytes.TrimSuffix(rest, []byte("\n")); string(kind) {
		case "files":
			return Content{Sources: strings.Split(string(rest), "\x00")}, someOf(len(rest), nil)
		case "picture":
			return Content{Picture: rest}, someOf(len(rest), nil)
		case "text":
			return Content{Text: string(rest)}, someOf(len(rest), nil)
		case "nothing":
			return Content{}, ErrEmpty
		}
		return Content{}, ErrOther
	}
}
