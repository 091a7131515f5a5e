package clipboard

import (
	"context"
	"fmt"
	"runtime"
	"strings"
	"time"
	"unsafe"

	"golang.org/x/sys/windows"
)

// The clipboard formats of Windows that are used (winuser.h).
const (
	cfDIB         = 8
	cfUnicodeText = 13
	cfFiles       = 15 // CF_HDROP

	gmemMoveable = 2 // of memory that the clipboard can have (winbase.h)
)

var (
	user32   = windows.NewLazySystemDLL("user32.dll")
	kernel32 = windows.NewLazySystemDLL("kernel32.dll")
	shell32  = windows.NewLazySystemDLL("shell32.dll")

	openClipboard    = user32.NewProc("OpenClipboard")
	closeClipboard   = user32.NewProc("CloseClipboard")
	countFormats     = user32.NewProc("CountClipboardFormats")
	getClipboardData = user32.NewProc("GetClipboardData")
	setClipboardData = user32.NewProc("SetClipboardData")
	emptyClipboard   = user32.NewProc("EmptyClipboard")
	registerFormat   = user32.NewProc("RegisterClipboardFormatW")
	globalAlloc      = kernel32.NewProc("GlobalAlloc")
	globalFree       = kernel32.NewProc("GlobalFree")
	globalLock       = kernel32.NewProc("GlobalLock")
	globalUnlock     = kernel32.NewProc("GlobalUnlock")
	globalSize       = kernel32.NewProc("GlobalSize")
	copyMemory       = kernel32.NewProc("RtlMoveMemory")
	dragQueryFile    = shell32.NewProc("DragQueryFileW")
	encodedPictures  = []string{"PNG", "image/png", "JFIF", "GIF"} // registered by name, as programs do that have files
	allFiles         = uintptr(0xFFFFFFFF)
	betweenAttempts  = 20 * time.Millisecond
)

// enter takes the clipboard of Windows for this thread, and returns what gives it
// back. It belongs to one program at a time; another may have it for a moment.
func enter(ctx context.Context) (leave func(), err error) {
	runtime.LockOSThread()
	for end := time.Now().Add(maxTime); ; time.Sleep(betweenAttempts) {
		if open, _, _ := openClipboard.Call(0); open != 0 {
			return func() {
				_, _, _ = closeClipboard.Call()
				runtime.UnlockOSThread()
			}, nil
		}
		if err = ctx.Err(); err == nil && time.Now().After(end) {
			err = &NoAccess{"another program keeps the clipboard to itself"}
		}
		if err != nil {
			runtime.UnlockOSThread()
			return nil, err
		}
	}
}

// writeSystem puts a text into the clipboard of Windows.
func writeSystem(ctx context.Context, text string) error {
	// As files and fields there have it.
	text = strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\n", "\r\n")
	wide, err := windows.UTF16FromString(strings.ReplaceAll(text, "\x00", ""))
	if err != nil {
		return err
	}
	leave, err := enter(ctx)
	if err != nil {
		return err
	}
	defer leave()
	if ok, _, why := emptyClipboard.Call(); ok == 0 {
		return fmt.Errorf("the clipboard can't be emptied: %w", why)
	}
	size := uintptr(len(wide)) * unsafe.Sizeof(wide[0])
	handle, _, why := globalAlloc.Call(gmemMoveable, size)
	if handle == 0 {
		return fmt.Errorf("there is no memory for %d bytes: %w", size, why)
	}
	to, _, why := globalLock.Call(handle)
	if to == 0 {
		_, _, _ = globalFree.Call(handle)
		return fmt.Errorf("its memory can't be written: %w", why)
	}
	_, _, _ = copyMemory.Call(to, uintptr(unsafe.Pointer(&wide[0])), size)
	_, _, _ = globalUnlock.Call(handle)
	// From here on the memory is the clipboard's.
	if set, _, why := setClipboardData.Call(cfUnicodeText, handle); set == 0 {
		_, _, _ = globalFree.Call(handle)
		return fmt.Errorf("the clipboard does not take it: %w", why)
	}
	return nil
}

// readSystem reads the clipboard of Windows.
func readSystem(ctx context.Context) (Content, error) {
	leave, err := enter(ctx)
	if err != nil {
		return Content{}, err
	}
	defer leave()
	if files := copiedFiles(); len(files) > 0 {
		return Content{Sources: files}, nil
	}
	for _, name := range encodedPictures {
		if data, err := dataOf(registered(name)); err != nil || len(data) > 0 {
			return Content{Picture: data}, err
		}
	}
	if dib, err := dataOf(cfDIB); err != nil {
		return Content{}, err
	} else if len(dib) > 0 {
		file, err := bmpFile(dib)
		return Content{Picture: file}, err
	}
	text, err := dataOf(cfUnicodeText)
	if err != nil {
		return Content{}, err
	}
	if len(text) >= 2 {
		words := windows.UTF16ToString(unsafe.Slice((*uint16)(unsafe.Pointer(&text[0])), len(text)/2))
		return Content{Text: words}, someOf(len(words), nil)
	}
	if n, _, _ := countFormats.Call(); n == 0 {
		return Content{}, ErrEmpty
	}
	return Content{}, ErrOther
}

// registered is the number of a format with a name.
func registered(name string) uintptr {
	wide, err := windows.UTF16PtrFromString(name)
	if err != nil {
		return 0
	}
	format, _, _ := registerFormat.Call(uintptr(unsafe.Pointer(wide)))
	return format
}

// dataOf copies what the clipboard holds in a format; nothing if it has none.
func dataOf(format uintptr) ([]byte, error) {
	handle, _, _ := getClipboardData.Call(format)
	if format == 0 || handle == 0 {
		return nil, nil
	}
	size, _, _ := globalSize.Call(handle)
	if size > maxBytes {
		return nil, errTooMuch
	}
	from, _, _ := globalLock.Call(handle)
	if from == 0 || size == 0 {
		return nil, nil
	}
	defer func() { _, _, _ = globalUnlock.Call(handle) }()
	data := make([]byte, size)
	_, _, _ = copyMemory.Call(uintptr(unsafe.Pointer(&data[0])), from, size)
	return data, nil
}

// copiedFiles are the paths of files that were copied in the file manager.
func copiedFiles() []string {
	drop, _, _ := getClipboardData.Call(cfFiles)
	if drop == 0 {
		return nil
	}
	n, _, _ := dragQueryFile.Call(drop, allFiles, 0, 0)
	var files []string
	for i := range n {
		length, _, _ := dragQueryFile.Call(drop, i, 0, 0)
		path := make([]uint16, length+1)
		if got, _, _ := dragQueryFile.Call(drop, i, uintptr(unsafe.Pointer(&path[0])), length+1); got > 0 {
			files = append(files, windows.UTF16ToString(path))
		}
	}
	return files
}
