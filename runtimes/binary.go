package runtimes

import (
	"bytes"
	"debug/elf"
	"debug/macho"
	"debug/pe"
	"encoding/binary"
	"errors"
	"io"
	"os"
	"slices"
)

// platform is what a library's header says it was built for.
type platform struct {
	goos   string
	arches []string // as Go names them, or as the format does; several in a universal library
	macOS  version  // the oldest macOS it runs on, zero if it doesn't say
}

var errNoLibrary = errors.New("it is no library, or a damaged one")

// platformOf reads a library's header.
func platformOf(path string) (platform, error) {
	f, err := os.Open(path)
	if err != nil {
		return platform{}, err
	}
	defer f.Close()
	var magic [4]byte
	if _, err := io.ReadFull(f, magic[:]); err != nil {
		return platform{}, errNoLibrary
	}
	switch {
	case string(magic[:]) == elf.ELFMAG:
		e, err := elf.NewFile(f)
		if err != nil {
			return platform{}, errNoLibrary
		}
		return platform{goos: "linux", arches: []string{elfArch(e)}}, nil
	case bytes.HasPrefix(magic[:], []byte("MZ")):
		p, err := pe.NewFile(f)
		if err != nil {
			return platform{}, errNoLibrary
		}
		return platform{goos: "windows", arches: []string{peArch(p.Machine)}}, nil
	case slices.Contains([]uint32{macho.Magic32, macho.Magic64, macho.MagicFat}, binary.BigEndian.Uint32(magic[:])),
		slices.Contains([]uint32{macho.Magic32, macho.Magic64}, binary.LittleEndian.Uint32(magic[:])):
		return machoPlatform(f)
	}
	return platform{}, errNoLibrary
}

func elfArch(e *elf.File) string {
	switch {
	case e.Machine == elf.EM_X86_64 && e.Class == elf.ELFCLASS64:
		return "amd64"
	case e.Machine == elf.EM_AARCH64:
		return "arm64"
	case e.Machine == elf.EM_386:
		return "386"
	case e.Machine == elf.EM_ARM:
		return "arm"
	}
	return e.Machine.String()
}

func peArch(machine uint16) string {
	switch machine {
	case pe.IMAGE_FILE_MACHINE_AMD64:
		return "amd64"
	case pe.IMAGE_FILE_MACHINE_ARM64:
		return "arm64"
	case pe.IMAGE_FILE_MACHINE_I386:
		return "386"
	}
	return "another processor"
}

func machoPlatform(f io.ReaderAt) (platform, error) {
	p := platform{goos: "darwin"}
	var images []*macho.File
	if fat, err := macho.NewFatFile(f); err == nil {
		for _, arch := range fat.Arches {
			images = append(images, arch.File)
		}
	} else if one, err := macho.NewFile(f); err == nil {
		images = append(images, one)
	} else {
		return p, errNoLibrary
	}
	for _, image := range images {
		switch image.Cpu {
		case macho.CpuAmd64:
			p.arches = append(p.arches, "amd64")
		case macho.CpuArm64:
			p.arches = append(p.arches, "arm64")
		default:
			p.arches = append(p.arches, image.Cpu.String())
		}
		p.macOS = minimumMacOS(image)
	}
	return p, nil
}

// minimumMacOS reads the LC_BUILD_VERSION command, which debug/macho leaves raw.
func minimumMacOS(image *macho.File) version {
	const buildVersion = 0x32
	for _, load := range image.Loads {
		raw := load.Raw()
		if len(raw) >= 16 && image.ByteOrder.Uint32(raw) == buildVersion {
			least := image.ByteOrder.Uint32(raw[12:])
			return version{int(least >> 16), int(least >> 8 & 0xff)}
		}
	}
	return version{}
}

// archName is how a person calls a processor.
func archName(goarch string) string {
	switch goarch {
	case "amd64":
		return "x86-64"
	case "386":
		return "32-bit x86"
	case "arm":
		return "32-bit ARM"
	}
	return goarch
}

// systemName is how a person calls an operating system.
func systemName(goos string) string {
	for _, n := range namings {
		if n.goos == goos {
			return n.system
		}
	}
	return goos
}
