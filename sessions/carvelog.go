package sessions

import (
	"encoding/binary"
	"errors"
	"io"
	"os"
)

// The log has pages that are newer than those of the file, as frames: the number of the
// page, its content, and a checksum that goes on from that of the frame before. So each
// frame can be checked by itself, also behind one that is damaged.

const (
	logHeader   = 32
	frameHeader = 24
)

// readLog finds the pages in a log whose checksums are right, up to the end of the last
// transaction that ended.
func (c *carving) readLog(log *os.File) error {
	info, err := log.Stat()
	if err != nil {
		return err
	}
	c.log = log
	return c.readFrames(info.Size())
}

func (c *carving) readFrames(size int64) error {
	header := make([]byte, logHeader)
	if _, err := c.log.ReadAt(header, 0); err != nil {
		return nil // there is nothing in it
	}
	const magic = 0x377f0682 // the last bit says in which order checksums take bytes
	var order binary.ByteOrder = binary.LittleEndian
	if stated := binary.BigEndian.Uint32(header); stated == magic|1 {
		order = binary.BigEndian
	} else if stated != magic {
		return nil // of whatever it is the log, it can't be checked
	}
	if stated := pageSize(binary.BigEndian.Uint32(header[8:])); stated != c.size {
		if stated == 0 || c.pages > 0 && c.size != defaultPage {
			return nil
		}
		c.pages = uint32(int64(c.pages) * int64(c.size) / int64(stated))
		c.size, c.usable = stated, stated
	}
	salts := string(header[16:24])
	sum := checksum{binary.BigEndian.Uint32(header[24:]), binary.BigEndian.Uint32(header[28:])}
	c.logged = map[uint32]int64{}
	pending := map[uint32]int64{}
	frame := make([]byte, frameHeader+c.size)
	for at := int64(logHeader); at+int64(len(frame)) <= size; at += int64(len(frame)) {
		if _, err := c.log.ReadAt(frame, at); err != nil && !errors.Is(err, io.EOF) {
			continue
		}
		stated := checksum{binary.BigEndian.Uint32(frame[16:]), binary.BigEndian.Uint32(frame[20:])}
		right := sum.of(order, frame[:8]).of(order, frame[frameHeader:]) == stated
		sum = stated
		if !right || string(frame[8:16]) != salts {
			continue // damaged, or of an earlier time
		}
		number, pages := binary.BigEndian.Uint32(frame), binary.BigEndian.Uint32(frame[4:])
		if most := uint64(c.pages) + uint64(size)/uint64(c.size); number != 0 && uint64(number) <= most {
			pending[number] = at + frameHeader
		}
		if pages != 0 { // the end of a transaction
			for number, place := range pending {
				c.logged[number] = place
				c.pages = max(c.pages, number)
			}
			clear(pending)
		}
	}
	return nil
}

// checksum is that of a log.
type checksum [2]uint32

// of goes on with more bytes, of which there are a multiple of eight.
func (s checksum) of(order binary.ByteOrder, data []byte) checksum {
	for ; len(data) >= 8; data = data[8:] {
		s[0] += order.Uint32(data) + s[1]
		s[1] += order.Uint32(data[4:]) + s[0]
	}
	return s
}
