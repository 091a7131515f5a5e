package runtimes

import (
	"bytes"
	"debug/elf"
)

// dynamic is the part of an ELF file that the linker reads first. debug/elf has
// functions for the same; they read every symbol of the file to answer, which
// for these libraries is most of the time that a command takes to start.
type dynamic struct {
	strings map[elf.DynTag][]string
	needs   []string // symbol versions that must be there: "GLIBC_2.38"
	defines []string // symbol versions that this file has for others
}

// readDynamic leaves out what it can't read.
func readDynamic(f *elf.File) dynamic {
	d := dynamic{strings: map[elf.DynTag][]string{}}
	texts := map[uint32][]byte{} // string tables by section: one, nearly always
	text := func(section uint32, offset uint64) string {
		table, ok := texts[section]
		if !ok && uint64(section) < uint64(len(f.Sections)) {
			table, _ = f.Sections[section].Data()
			texts[section] = table
		}
		if offset >= uint64(len(table)) {
			return ""
		}
		s, _, _ := bytes.Cut(table[offset:], []byte{0})
		return string(s)
	}
	if s := f.SectionByType(elf.SHT_DYNAMIC); s != nil && f.Class == elf.ELFCLASS64 {
		data, _ := s.Data()
		for ; len(data) >= 16; data = data[16:] {
			switch tag := elf.DynTag(f.ByteOrder.Uint64(data)); tag {
			case elf.DT_NEEDED, elf.DT_SONAME, elf.DT_RPATH, elf.DT_RUNPATH:
				d.strings[tag] = append(d.strings[tag], text(s.Link, f.ByteOrder.Uint64(data[8:])))
			}
		}
	}
	if s := f.SectionByType(elf.SHT_GNU_VERNEED); s != nil {
		data, _ := s.Data()
		for _, offset := range needOffsets(f, data) {
			d.needs = append(d.needs, text(s.Link, uint64(offset)))
		}
	}
	if s := f.SectionByType(elf.SHT_GNU_VERDEF); s != nil {
		data, _ := s.Data()
		for _, offset := range definedOffsets(f, data) {
			d.defines = append(d.defines, text(s.Link, uint64(offset)))
		}
	}
	return d
}

// needOffsets walks the version needs, a list of libraries (16 bytes each) with
// a list of versions each (16 bytes), chained by offsets, and returns where the
// names of the versions are. Those that a library can do without are left out.
func needOffsets(f *elf.File, data []byte) (names []uint32) {
	const size = 16
	library := data
	for len(library) >= size && len(names) <= len(data)/size {
		versions, next := f.ByteOrder.Uint32(library[8:]), f.ByteOrder.Uint32(library[12:])
		need := after(library, versions)
		for len(need) >= size && len(names) <= len(data)/size {
			if elf.DynamicVersionFlag(f.ByteOrder.Uint16(need[4:]))&elf.VER_FLG_WEAK == 0 {
				names = append(names, f.ByteOrder.Uint32(need[8:]))
			}
			need = after(need, f.ByteOrder.Uint32(need[12:]))
		}
		library = after(library, next)
	}
	return names
}

// definedOffsets walks the version definitions (20 bytes each, the name in a
// further record) and returns where the names are.
func definedOffsets(f *elf.File, data []byte) (names []uint32) {
	const size, nameSize = 20, 8
	definition := data
	for len(definition) >= size && len(names) <= len(data)/size {
		if name := after(definition, f.ByteOrder.Uint32(definition[12:])); len(name) >= nameSize {
			names = append(names, f.ByteOrder.Uint32(name))
		}
		definition = after(definition, f.ByteOrder.Uint32(definition[16:]))
	}
	return names
}

// after is what lies behind an offset; 0 ends a chain.
func after(data []byte, offset uint32) []byte {
	if offset == 0 || uint64(offset) > uint64(len(data)) {
		return nil
	}
	return data[offset:]
}
