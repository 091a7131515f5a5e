package vectors

import (
	"fmt"
	"runtime"
	"runtime/debug"
)

// reading has do read the rows that count in the bytes of the file. Neither changes before
// it returns. A file that is cut meanwhile, or a disk that fails, is an error.
func (f *File) reading(do func(rows int, data []byte) error) error {
	f.mu.RLock()
	for f.mapped.data == nil || f.mappedRows() < f.rows {
		f.mu.RUnlock()
		if err := f.mapRows(); err != nil {
			return err
		}
		f.mu.RLock()
	}
	defer f.mu.RUnlock()
	if err := f.holds(f.rows); err != nil {
		return err
	}
	return guarded(func() error { return do(f.rows, f.mapped.data) })
}

// mapRows maps the file as far as its rows count.
func (f *File) mapRows() (err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.holds(f.rows); err != nil {
		return err
	}
	if err := f.mapped.unmap(); err != nil {
		return err
	}
	f.mapped, err = mapFile(f.file, f.head.offset(f.rows))
	return err
}

// mappedRows is the number of rows whose bytes are mapped.
func (f *File) mappedRows() int {
	return max(len(f.mapped.data)-headerSize, 0) / f.head.stride()
}

// guarded calls do, which reads mapped bytes, and returns an error where they can't be
// read: the system has a page of them no more, as the file was cut or its disk failed.
func guarded(do func() error) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		r := recover()
		if r == nil {
			return
		}
		fault, isError := r.(runtime.Error)
		if _, atAddress := r.(interface{ Addr() uintptr }); !isError || !atAddress {
			panic(r)
		}
		err = fmt.Errorf("%w: reading it failed: %v", ErrBroken, fault)
	}()
	return do()
}
