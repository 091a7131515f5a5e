package images

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"iter"
)

// HEIF (ISO/IEC 23008-12) is a file of boxes in boxes (ISO/IEC 14496-12): items, of
// which one is the picture, tiles that it may be put together of, and properties that
// say what each is like. Here is read what has to be known before a decoder sees any of
// it; boxes that say nothing of that are passed over.

// The bounds of what a file may have. Cameras of 200 megapixels come to a thousand tiles.
const (
	mostHEIFItems   = 8192
	mostHEIFExtents = 2 * mostHEIFItems
)

// isoBox is a box. Its payload is shorter than it says where the file ends within it.
type isoBox struct {
	name    string
	payload []byte
	cut     bool
}

// isoBoxes walks the boxes that follow each other in b.
func isoBoxes(b []byte) iter.Seq[isoBox] {
	return func(yield func(isoBox) bool) {
		for len(b) >= 8 {
			size, head := uint64(binary.BigEndian.Uint32(b)), uint64(8)
			switch {
			case size == 0: // to the end
				size = uint64(len(b))
			case size == 1 && len(b) >= 16:
				size, head = binary.BigEndian.Uint64(b[8:]), 16
			}
			if size < head {
				return
			}
			end := min(size, uint64(len(b)))
			box := isoBox{name: string(b[4:8]), cut: end < size}
			if end > head {
				box.payload = b[head:end]
			}
			if !yield(box) {
				return
			}
			b = b[end:]
		}
	}
}

// isoReader reads numbers, the highest byte first. Behind the end are zeros, and it
// remembers that.
type isoReader struct {
	b     []byte
	short bool
}

// number reads one of so many bytes, 8 at most.
func (r *isoReader) number(bytes int) (n uint64) {
	if len(r.b) < bytes {
		r.b, r.short = nil, true
		return 0
	}
	for _, b := range r.b[:bytes] {
		n = n<<8 | uint64(b)
	}
	r.b = r.b[bytes:]
	return n
}

// name reads four letters.
func (r *isoReader) name() string {
	return string(binary.BigEndian.AppendUint32(nil, uint32(r.number(4))))
}

// version reads what a full box begins with.
func (r *isoReader) version() (version uint8, flags uint32) {
	n := r.number(4)
	return uint8(n >> 24), uint32(n) & 0xffffff
}

// heifItem is something in a file: a coded picture, how tiles lie, what a camera noted.
type heifItem struct {
	kind       string
	extents    [][]byte // where its bytes are
	cut        bool     // some are behind the end of the file
	properties []isoBox
	tiles      []uint32 // of a grid
	auxiliary  []uint32 // items that belong to it: its opacity, its depth
	// premultiplied says that its colours were multiplied by its opacity.
	premultiplied bool
}

// property returns what comes first of a kind, or nil.
func (i *heifItem) property(name string) []byte {
	for _, p := range i.properties {
		if p.name == name {
			return p.payload
		}
	}
	return nil
}

// size is the size that the item says it has.
func (i *heifItem) size() (w, h uint32) {
	r := isoReader{b: i.property("ispe")}
	r.version()
	return uint32(r.number(4)), uint32(r.number(4))
}

// bytes are the item's bytes, in one piece. What is told of twice is not copied
// without end.
func (i *heifItem) bytes(most int) ([]byte, error) {
	if len(i.extents) == 1 {
		return i.extents[0], nil
	}
	var all []byte
	for _, e := range i.extents {
		if len(all)+len(e) > most {
			return nil, errors.New("a part of it is larger than the file")
		}
		all = append(all, e...)
	}
	return all, nil
}

// heifFile is what a file says of itself.
type heifFile struct {
	primary uint32
	items   map[uint32]*heifItem
}

// picture is the item that the file is about.
func (f *heifFile) picture() *heifItem { return f.items[f.primary] }

// readHEIF reads the boxes of a file.
func readHEIF(data []byte) (*heifFile, error) {
	for box := range isoBoxes(data) {
		if box.name != "meta" {
			continue
		}
		if box.cut {
			return nil, io.ErrUnexpectedEOF
		}
		f := &heifFile{items: map[uint32]*heifItem{}}
		if err := f.meta(data, box.payload); err != nil {
			return nil, err
		}
		if f.picture() == nil {
			return nil, errors.New("there is no picture in it")
		}
		return f, nil
	}
	return nil, io.ErrUnexpectedEOF // it comes first, or last
}

// errShortBox is the error of a box that ends before what it tells of.
var errShortBox = errors.New("a part of its header is too short")

// meta reads the box of that name.
func (f *heifFile) meta(data, b []byte) error {
	r := isoReader{b: b}
	r.version()
	parts := map[string][]byte{}
	for box := range isoBoxes(r.b) {
		if box.cut {
			return errShortBox
		}
		if parts[box.name] == nil {
			parts[box.name] = box.payload
		}
	}
	if err := f.itemInfos(parts["iinf"]); err != nil {
		return err
	}
	if err := f.locations(data, parts["idat"], parts["iloc"]); err != nil {
		return err
	}
	if err := f.itemProperties(parts["iprp"]); err != nil {
		return err
	}
	if err := f.references(parts["iref"]); err != nil {
		return err
	}
	r = isoReader{b: parts["pitm"]}
	version, _ := r.version()
	f.primary = uint32(r.number(idBytes(version, 1)))
	if r.short {
		return errShortBox
	}
	return nil
}

// idBytes is how many bytes an item's number has: four from a box's version on.
func idBytes(version, long uint8) int {
	if version >= long {
		return 4
	}
	return 2
}

// itemInfos reads which items there are.
func (f *heifFile) itemInfos(b []byte) error {
	r := isoReader{b: b}
	version, _ := r.version()
	r.number(idBytes(version, 1))
	for box := range isoBoxes(r.b) {
		if box.name != "infe" {
			continue
		}
		r := isoReader{b: box.payload}
		version, _ := r.version()
		if version < 2 { // of before there were pictures
			continue
		}
		id := uint32(r.number(idBytes(version, 3)))
		r.number(2) // how it is protected: nothing that is read here is
		if item := (&heifItem{kind: r.name()}); !r.short {
			f.items[id] = item
		}
		if len(f.items) > mostHEIFItems {
			return fmt.Errorf("it has more than %d parts", mostHEIFItems)
		}
	}
	return nil
}

// locations reads where the items' bytes are.
func (f *heifFile) locations(data, idat, b []byte) error {
	r := isoReader{b: b}
	version, _ := r.version()
	sizes := r.number(2)
	offsetBytes, lengthBytes, baseBytes, indexBytes := int(sizes>>12), int(sizes>>8&15), int(sizes>>4&15), int(sizes&15)
	if version == 0 {
		indexBytes = 0
	}
	if max(offsetBytes, lengthBytes, baseBytes, indexBytes) > 8 {
		return errors.New("it tells nonsense of where its parts are")
	}
	extents := 0
	for n := r.number(idBytes(version, 2)); n > 0 && !r.short; n-- {
		item := f.items[uint32(r.number(idBytes(version, 2)))]
		if item == nil {
			item = &heifItem{} // of what is not a picture: read over
		}
		where := data
		if version > 0 {
			switch r.number(2) & 15 {
			case 0:
			case 1:
				where = idat
			default: // within another item, which no picture is
				where = nil
			}
		}
		r.number(2) // another file, which is never looked for
		base := r.number(baseBytes)
		for n := r.number(2); n > 0 && !r.short; n-- {
			if extents++; extents > mostHEIFExtents {
				return fmt.Errorf("it lies in more than %d pieces", mostHEIFExtents)
			}
			r.number(indexBytes)
			from, length := base+r.number(offsetBytes), r.number(lengthBytes)
			if from > uint64(len(where)) || length > uint64(len(where))-from {
				item.cut = true
				continue
			}
			if length == 0 { // to the end
				length = uint64(len(where)) - from
			}
			item.extents = append(item.extents, where[from:from+length])
		}
	}
	if r.short {
		return errShortBox
	}
	return nil
}

// itemProperties reads the properties and whose they are.
func (f *heifFile) itemProperties(b []byte) error {
	var all []isoBox
	given := 0
	for box := range isoBoxes(b) {
		switch box.name {
		case "ipco":
			for p := range isoBoxes(box.payload) {
				if all = append(all, p); len(all) > mostHEIFItems {
					return fmt.Errorf("it has more than %d properties", mostHEIFItems)
				}
			}
		case "ipma":
			r := isoReader{b: box.payload}
			version, flags := r.version()
			for n := r.number(4); n > 0 && !r.short; n-- {
				item := f.items[uint32(r.number(idBytes(version, 1)))]
				for n := r.number(1); n > 0 && !r.short; n-- {
					number := r.number(1) & 0x7f
					if flags&1 != 0 {
						number = number<<8 | r.number(1)
					}
					if item == nil || number == 0 || number > uint64(len(all)) {
						continue
					}
					if given++; given > 16*mostHEIFItems {
						return errors.New("its parts have too many properties")
					}
					item.properties = append(item.properties, all[number-1])
				}
			}
			if r.short {
				return errShortBox
			}
		}
	}
	return nil
}

// references reads which items belong together.
func (f *heifFile) references(b []byte) error {
	r := isoReader{b: b}
	version, _ := r.version()
	bytes, told := idBytes(version, 1), 0
	for box := range isoBoxes(r.b) {
		r := isoReader{b: box.payload}
		from := uint32(r.number(bytes))
		for n := r.number(2); n > 0; n-- {
			to := uint32(r.number(bytes))
			if r.short {
				return errShortBox
			}
			if told++; told > 16*mostHEIFItems {
				return errors.New("its parts belong together in too many ways")
			}
			switch box.name {
			case "dimg": // from is made of to
				if item := f.items[from]; item != nil {
					item.tiles = append(item.tiles, to)
				}
			case "prem":
				if item := f.items[from]; item != nil {
					item.premultiplied = true
				}
			case "auxl": // from belongs to to
				if item := f.items[to]; item != nil {
					item.auxiliary = append(item.auxiliary, from)
				}
			}
		}
	}
	return nil
}
