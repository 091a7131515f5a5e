package main

// embedded are the parts of WebAssembly that modules embed: what go list does not know of.
// Where text is empty, the module brings the licence's file; those of packaging/licences it
// does not bring.
var embedded = map[string][]part{
	"github.com/gen2brain/avif": {
		{name: "libavif", version: "1.0.4", licence: "BSD-2-Clause", source: "https://github.com/AOMediaCodec/libavif"},
		{name: "dav1d", licence: "BSD-2-Clause", source: "https://code.videolan.org/videolan/dav1d"},
		{name: "libyuv", licence: "BSD-3-Clause", source: "https://chromium.googlesource.com/libyuv/libyuv", text: "wasm/libyuv.txt"},
		cLibrary, compilerParts,
	},
	"github.com/gen2brain/heic": {
		{name: "libheif", version: "1.17.6", licence: "LGPL-3.0", source: "https://github.com/strukturag/libheif"},
		{name: "libde265", version: "1.0.15", licence: "LGPL-3.0", source: "https://github.com/strukturag/libde265"},
		cLibrary, compilerParts,
	},
	"github.com/klippa-app/go-pdfium": {
		{name: "PDFium", licence: "BSD-3-Clause", source: "https://pdfium.googlesource.com/pdfium", text: "pdfium/pdfium.txt"},
		{name: "Abseil", licence: "Apache-2.0", text: "pdfium/abseil.txt"},
		{name: "Anti-Grain Geometry 2.3", licence: "its own", text: "pdfium/agg23.txt"},
		{name: "dragonbox", licence: "BSL-1.0", text: "pdfium/dragonbox.txt"},
		{name: "fast_float", licence: "MIT", text: "pdfium/fast_float.txt"},
		{name: "FreeType", licence: "FTL", text: "pdfium/freetype.txt"},
		{name: "ICU", licence: "Unicode-3.0", text: "pdfium/icu.txt"},
		{name: "Little CMS", licence: "MIT", text: "pdfium/lcms.txt"},
		{name: "libjpeg-turbo", licence: "BSD-3-Clause", text: "pdfium/libjpeg_turbo.txt"},
		{name: "libjpeg-turbo (the parts of the IJG)", licence: "IJG", text: "pdfium/libjpeg_turbo-ijg.txt"},
		{name: "OpenJPEG", licence: "BSD-2-Clause", text: "pdfium/libopenjpeg.txt"},
		{name: "libpng", licence: "libpng-2.0", text: "pdfium/libpng.txt"},
		{name: "libtiff", licence: "libtiff", text: "pdfium/libtiff.txt"},
		{name: "simdutf", licence: "MIT", text: "pdfium/simdutf.txt"},
		{name: "zlib", licence: "Zlib", text: "pdfium/zlib.txt"},
		cLibrary, compilerParts,
	},
}

// What all WebAssembly made of C and C++ is linked with.
var (
	cLibrary      = part{name: "musl", licence: "MIT", source: "https://musl.libc.org", text: "wasm/musl.txt"}
	compilerParts = part{name: "libc++ and compiler-rt", licence: "Apache-2.0 with LLVM exceptions", source: "https://llvm.org", text: "wasm/llvm.txt"}
)

// aboutLGPL is what the LGPL, version 3, wants to be said of a work that such a library is
// part of (section 4).
const aboutLGPL = `libheif and libde265: how to use changed ones
---------------------------------------------

vlmchat reads HEIC pictures with libheif and libde265. These are free software under the GNU Lesser
General Public License, version 3, whose text, with that of the GNU General Public License, version 3,
which it is based on, is below. They are not changed. They are compiled to WebAssembly, which
the Go module github.com/gen2brain/heic holds (lib/heif.wasm) and vlmchat's executable embeds.

You may change them, and use vlmchat with what you changed, and take vlmchat apart to find mistakes
in what you changed:

1. Their sources are at https://github.com/strukturag/libheif (tag v1.17.6) and
   https://github.com/strukturag/libde265 (tag v1.0.15). lib/Makefile and lib/heif.c in the module
   compile them: 'make' in that folder makes heif.wasm.
2. The sources of vlmchat, under the MIT licence, are at https://github.com/vlmchat/vlmchat, in the
   tag that 'vlmchat version' names.
3. In a checkout of these, with the Go that go.mod names:

       go mod edit -replace github.com/gen2brain/heic=/path/to/your/heic
       go build -trimpath .

Nothing keeps the executable that this makes from running in place of the one you have.
`
