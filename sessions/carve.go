package sessions

import (
	"encoding/binary"
	"errors"
	"io"
	"math"
	"os"
	"unicode/utf8"
)

// A database that is damaged is not asked through SQLite, which stops at what it can't
// make sense of. Its pages are read one by one instead: those that are leaves of tables
// have rows, and what table a row is of its columns show. The trees above the leaves,
// the schema and the indexes are not needed. The format is that of
// https://www.sqlite.org/fileformat.html.

// carving is a damaged database that is read. Nothing in it is trusted: not one number
// leads further than to a page of the file, and no page is read as part of two rows.
type carving struct {
	file     io.ReaderAt
	pages    uint32 // of the file, or of its log if that knows more
	size     int    // of a page, in bytes
	usable   int    // of these
	log      io.ReaderAt
	logged   map[uint32]int64 // where in the log a page has its last content
	overflow map[uint32]bool  // pages that were read as the rest of a row
}

// defaultPage is the size of the pages that SQLite makes unless told otherwise.
const defaultPage = 4096

// carve reads the rows of a database at a path, with the log beside it, and calls row
// for each, in no particular order.
func carve(path string, row func(id int64, columns []value)) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return err
	}
	c := newCarving(file, info.Size())
	if log, err := os.Open(path + "-wal"); err == nil {
		defer log.Close()
		if err := c.readLog(log); err != nil {
			return err
		}
	}
	return c.rows(row)
}

func newCarving(file io.ReaderAt, size int64) *carving {
	c := &carving{file: file, size: defaultPage, usable: defaultPage, overflow: map[uint32]bool{}}
	header := make([]byte, 100)
	if n, _ := file.ReadAt(header, 0); n == len(header) && string(header[:16]) == "SQLite format 3\x00" {
		if stated := pageSize(uint32(binary.BigEndian.Uint16(header[16:]))); stated != 0 {
			c.size = stated
			c.usable = stated
			if reserved := int(header[20]); stated-reserved >= 480 { // SQLite takes no less
				c.usable -= reserved
			}
		}
	}
	c.pages = uint32(min(size/int64(c.size), math.MaxUint32-1))
	return c
}

// pageSize is the size of pages that a header states, 0 if there is no such size.
func pageSize(stated uint32) int {
	if stated == 1 {
		return 1 << 16
	}
	if stated < 512 || stated > 1<<16 || stated&(stated-1) != 0 {
		return 0
	}
	return int(stated)
}

// page reads a page, by its number from 1, as the log has it or else the file.
func (c *carving) page(number uint32, into []byte) error {
	from, at := c.file, int64(number-1)*int64(c.size)
	if place, is := c.logged[number]; is {
		from, at = c.log, place
	}
	n, err := from.ReadAt(into, at)
	if errors.Is(err, io.EOF) {
		clear(into[n:]) // the file was cut
		err = nil
	}
	return err
}

// rows reads all leaves of tables.
func (c *carving) rows(row func(id int64, columns []value)) error {
	page := make([]byte, c.size)
	for number := uint32(1); number <= c.pages; number++ {
		if err := c.page(number, page); err != nil {
			continue // a place of the disk that can't be read
		}
		c.leaf(number, page[:c.usable], row)
	}
	return nil
}

// leaf reads the rows of a page, if it is a leaf of a table.
func (c *carving) leaf(number uint32, page []byte, row func(id int64, columns []value)) {
	const tableLeaf = 0x0d
	header := page
	if number == 1 {
		header = page[100:] // behind that of the file
	}
	if header[0] != tableLeaf {
		return
	}
	cells := int(binary.BigEndian.Uint16(header[3:]))
	for i := range cells {
		if 8+2*i+2 > len(header) {
			return
		}
		at := int(binary.BigEndian.Uint16(header[8+2*i:]))
		if at >= len(page) {
			continue
		}
		if id, payload, ok := c.cell(page[at:]); ok {
			if columns := record(payload.bytes, payload.size); columns != nil {
				row(id, columns)
			}
		}
	}
}

// payload is the record of a row, or as much as there is left of it.
type payload struct {
	bytes []byte
	size  int64 // that it had
}

// cell reads a row's number and its record, the rest of which may be on other pages.
func (c *carving) cell(cell []byte) (id int64, p payload, ok bool) {
	size, n := varint(cell)
	number, m := varint(cell[n:])
	rest := cell[n+m:]
	if n == 0 || m == 0 || size == 0 || size > uint64(c.pages)*uint64(c.size) {
		return 0, p, false
	}
	p.size = int64(size)
	local, whole := c.local(int64(size))
	if local > len(rest) {
		return 0, p, false
	}
	p.bytes = rest[:local]
	if whole {
		return int64(number), p, true
	}
	if local+4 > len(rest) {
		return 0, p, false
	}
	next := binary.BigEndian.Uint32(rest[local:])
	p.bytes = append([]byte{}, p.bytes...)
	page := make([]byte, c.size)
	for int64(len(p.bytes)) < p.size && next != 0 && next <= c.pages && !c.overflow[next] {
		c.overflow[next] = true
		if c.page(next, page) != nil {
			break
		}
		p.bytes = append(p.bytes, page[4:min(int64(c.usable), 4+p.size-int64(len(p.bytes)))]...)
		if next = binary.BigEndian.Uint32(page); next == 0 && int64(len(p.bytes)) < p.size {
			p.bytes = p.bytes[:max(local, len(p.bytes)-(c.usable-4))] // a page that was emptied
		}
	}
	return int64(number), p, true
}

// local is how many bytes of a record are on the leaf itself, and whether these are all.
func (c *carving) local(size int64) (int, bool) {
	u := int64(c.usable)
	most := u - 35
	if size <= most {
		return int(size), true
	}
	least := (u-12)*32/255 - 23
	if k := least + (size-least)%(u-4); k <= most {
		return int(k), false
	}
	return int(least), false
}

// value is a column of a row.
type value struct {
	kind byte // 'T' text, 'I' integer, 'R' real number, 'B' blob, 'N' nothing
	num  int64
	real float64
	text string
	cut  bool // the end of the text is lost
}

// record reads the columns of a record that had so many bytes. What is behind the end of
// those that are left is nothing; it returns nil if this is no record.
func record(data []byte, size int64) []value {
	length, n := varint(data)
	if n == 0 || length > uint64(len(data)) || int(length) < n {
		return nil
	}
	types, body := data[n:length], data[length:]
	const mostColumns = 40
	var columns []value
	need := int64(length)
	for len(types) > 0 {
		serial, n := varint(types)
		if n == 0 || len(columns) == mostColumns {
			return nil
		}
		types = types[n:]
		v, width, ok := column(serial, body)
		if !ok {
			return nil
		}
		need += width
		if need > size {
			return nil
		}
		body = body[min(width, int64(len(body))):]
		columns = append(columns, v)
	}
	if need != size {
		return nil
	}
	return columns
}

// column reads a value of a serial type from the beginning of what is left, and how many
// bytes it had.
func column(serial uint64, body []byte) (v value, width int64, ok bool) {
	widths := []int64{0, 1, 2, 3, 4, 6, 8, 8, 0, 0}
	v.kind = 'N'
	switch {
	case serial >= 12:
		if serial-12 > math.MaxInt32 {
			return v, 0, false
		}
		width = int64(serial-12) / 2
		v.kind = 'B'
		if serial%2 == 1 {
			v.kind = 'T'
			v.text, v.cut = legible(body[:min(width, int64(len(body)))])
			v.cut = v.cut || width > int64(len(body))
		}
		return v, width, true
	case serial >= uint64(len(widths)):
		return v, 0, false
	}
	width = widths[serial]
	if serial == 0 || width > int64(len(body)) {
		return v, width, true
	}
	v.kind = 'I'
	switch serial {
	case 7:
		v.kind = 'R'
		v.real = math.Float64frombits(binary.BigEndian.Uint64(body))
	case 8, 9:
		v.num = int64(serial - 8)
	default:
		if int8(body[0]) < 0 {
			v.num = -1
		}
		for _, b := range body[:width] {
			v.num = v.num<<8 | int64(b)
		}
	}
	return v, width, true
}

// legible is a text up to what is none any more.
func legible(data []byte) (text string, cut bool) {
	for i := 0; i < len(data); {
		r, n := utf8.DecodeRune(data[i:])
		if r == 0 || r == utf8.RuneError && n == 1 {
			return string(data[:i]), true
		}
		i += n
	}
	return string(data), false
}

// varint reads one of SQLite's numbers of up to nine bytes, and how many it had; 0 if
// they are not there.
func varint(data []byte) (v uint64, n int) {
	for i, b := range data[:min(len(data), 9)] {
		if i == 8 {
			return v<<8 | uint64(b), 9
		}
		v = v<<7 | uint64(b&0x7f)
		if b < 0x80 {
			return v, i + 1
		}
	}
	return 0, 0
}
