package ortlib

import (
	"debug/elf"
	"debug/macho"
	"debug/pe"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
)

// checkFile says why the file at path is no shared library for goos/goarch. It
// reads only the header. On Linux the loader itself answers a library of another
// architecture with "no such file or directory", which sends people the wrong way.
func checkFile(path, goos, goarch string) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	switch {
	case info.IsDir():
		return errors.New("is a folder, want the library file in it")
	case !info.Mode().IsRegular():
		return errors.New("is no regular file")
	case info.Size() == 0:
		return errors.New("is empty")
	}
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	systems, arches, err := machine(f)
	if err != nil {
		return err
	}
	for i, s := range systems {
		if s == goos && arches[i] == goarch {
			return nil
		}
	}
	return fmt.Errorf("is a library for %s/%s, this program runs on %s/%s", systems[0], arches[0], goos, goarch)
}

// machine reads which systems and architectures a shared library is for, in
// Go's names; a universal macOS file holds several.
func machine(f io.ReaderAt) (systems, arches []string, err error) {
	var magic [4]byte
	if _, err := f.ReadAt(magic[:], 0); err != nil {
		return nil, nil, errors.New("is too short for a library")
	}
	switch {
	case string(magic[:]) == elf.ELFMAG:
		return elfMachine(f)
	case magic[0] == 'M' && magic[1] == 'Z':
		p, err := pe.NewFile(f)
		if err != nil {
			return nil, nil, fmt.Errorf("is a damaged Windows library: %w", err)
		}
		return []string{"windows"}, []string{named(peArch, p.Machine)}, nil
	case binary.BigEndian.Uint32(magic[:]) == macho.MagicFat:
		fat, err := macho.NewFatFile(f)
		if err != nil {
			return nil, nil, fmt.Errorf("is a damaged macOS library: %w", err)
		}
		for _, a := range fat.Arches {
			systems, arches = append(systems, "darwin"), append(arches, named(machoArch, a.Cpu))
		}
		return systems, arches, nil
	case binary.LittleEndian.Uint32(magic[:]) == macho.Magic64:
		m, err := macho.NewFile(f)
		if err != nil {
			return nil, nil, fmt.Errorf("is a damaged macOS library: %w", err)
		}
		return []string{"darwin"}, []string{named(machoArch, m.Cpu)}, nil
	}
	return nil, nil, errors.New("is no shared library")
}

// elfMachine reads the two header fields it needs by hand: package elf would
// parse all sections first and refuse libraries stripped of them.
func elfMachine(f io.ReaderAt) (systems, arches []string, err error) {
	var h [20]byte
	if _, err := f.ReadAt(h[:], 0); err != nil {
		return nil, nil, errors.New("is too short for a library")
	}
	var order binary.ByteOrder = binary.LittleEndian
	if elf.Data(h[elf.EI_DATA]) == elf.ELFDATA2MSB {
		order = binary.BigEndian
	}
	if t := elf.Type(order.Uint16(h[16:])); t != elf.ET_DYN {
		return nil, nil, fmt.Errorf("is no shared library but %v", t)
	}
	return []string{"linux"}, []string{named(elfArch, elf.Machine(order.Uint16(h[18:])))}, nil
}

var (
	elfArch = map[elf.Machine]string{
		elf.EM_X86_64: "amd64", elf.EM_AARCH64: "arm64", elf.EM_ARM: "arm", elf.EM_386: "386", elf.EM_RISCV: "riscv64",
	}
	machoArch = map[macho.Cpu]string{macho.CpuAmd64: "amd64", macho.CpuArm64: "arm64"}
	peArch    = map[uint16]string{
		pe.IMAGE_FILE_MACHINE_AMD64: "amd64", pe.IMAGE_FILE_MACHINE_ARM64: "arm64", pe.IMAGE_FILE_MACHINE_I386: "386",
	}
)

func named[K comparable](names map[K]string, k K) string {
	if n, ok := names[k]; ok {
		return n
	}
	return fmt.Sprintf("machine %v", k)
}
