package xmp

import (
	"bytes"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

var noon = time.Date(2026, 5, 6, 12, 0, 0, 0, time.UTC)

// Files in the hands of programs that people have.
const (
	darktable = `<?xml version="1.0" encoding="UTF-8"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/" x:xmptk="XMP Core 4.4.0-Exiv2">
 <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
  <rdf:Description rdf:about=""
    xmlns:xmp="http://ns.adobe.com/xap/1.0/"
    xmlns:darktable="http://darktable.sf.net/"
   xmp:Rating="3"
   darktable:xmp_version="5">
   <darktable:history>
    <rdf:Seq>
     <rdf:li
      darktable:num="0"
      darktable:operation='exposure'
      darktable:params="gz02eJxj"/>
    </rdf:Seq>
   </darktable:history>
  </rdf:Description>
 </rdf:RDF>
</x:xmpmeta>
`
	lightroom = `<x:xmpmeta xmlns:x="adobe:ns:meta/" x:xmptk="Adobe XMP Core 7.0">
 <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
  <rdf:Description rdf:about=""
    xmlns:xmp="http://ns.adobe.com/xap/1.0/"
    xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/"
    xmlns:dc="http://purl.org/dc/elements/1.1/"
   xmp:MetadataDate='2020-01-01T10:00:00+01:00' photoshop:SidecarForExtension="CR2">
   <dc:subject>
    <rdf:Bag>
     <rdf:li>sea &amp; sand</rdf:li>
     <rdf:li>Möwe</rdf:li>
    </rdf:Bag>
   </dc:subject>
   <dc:description>
    <rdf:Alt>
     <rdf:li xml:lang="x-default">Mine</rdf:li>
     <rdf:li xml:lang="de-DE">Meins</rdf:li>
    </rdf:Alt>
   </dc:description>
  </rdf:Description>
 </rdf:RDF>
</x:xmpmeta>`
	exiftool = "\ufeff" + `<?xpacket begin='` + "\ufeff" + `' id='W5M0MpCehiHzreSzNTczkc9d'?>
<x:xmpmeta xmlns:x='adobe:ns:meta/' x:xmptk='Image::ExifTool 12.57'>
<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'>

 <rdf:Description rdf:about='uuid:1'
  xmlns:dc='http://purl.org/dc/elements/1.1/'>
  <dc:description><rdf:Alt/></dc:description>
  <dc:subject/>
 </rdf:Description>

 <rdf:Description rdf:about='uuid:1'
  xmlns:xmp='http://ns.adobe.com/xap/1.0/'>
  <xmp:MetadataDate>2020:01:01</xmp:MetadataDate>
 </rdf:Description>
</rdf:RDF>
</x:xmpmeta>
<?xpacket end='w'?>`
)

var wanted = Subject{Description: "A <dog> & \"cat\"\nin the sun\r\x01.", Tags: []string{"dog", "sea & sand", "dog"}}

// What is new is there, and what was there is byte by byte, in the same order.
func TestWrite(t *testing.T) {
	t.Parallel()
	const said = "A <dog> & \"cat\"\nin the sun\r\ufffd."
	for name, c := range map[string]struct {
		file      string
		tags      []string
		left, new string // what is taken away, and what is new beside the words
	}{
		"darktable": {darktable, []string{"dog", "sea & sand"}, "", ""},
		"lightroom": {lightroom, []string{"sea & sand", "Möwe", "dog"}, "Mine", ""},
		"exiftool":  {exiftool, []string{"dog", "sea & sand"}, "", ""},
		"empty":     {`<r:RDF xmlns:r="` + rdf + `"/>`, []string{"dog", "sea & sand"}, "", ""},
		"own prefixes": {`<RDF xmlns="` + rdf + `" xmlns:q="` + dc + `"><Description><q:description><Alt><li xml:lang="de">Hund</li></Alt></q:description><q:subject><Bag></Bag></q:subject></Description></RDF>`,
			[]string{"dog", "sea & sand"}, "", ""},
		"an empty item": {strings.Replace(lightroom, ">Mine</rdf:li>", "/>", 1), []string{"sea & sand", "Möwe", "dog"}, "", ""},
		"CDATA":         {strings.Replace(lightroom, "Mine", "<![CDATA[<Mine>]]>", 1), []string{"sea & sand", "Möwe", "dog"}, "<![CDATA[<Mine>]]>", ""},
	} {
		f, err := Parse([]byte(c.file))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		b, err := f.Write(wanted, noon)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		got, err := Parse(b)
		if err != nil || got.Description != said || !slices.Equal(got.Tags, c.tags) {
			t.Errorf("%s: it says %+v, %v:\n%s", name, got, err, b)
		}
		if !strings.Contains(string(b), "2026-05-06T12:00:00Z") {
			t.Errorf("%s does not say when it was changed:\n%s", name, b)
		}
		if again, err := got.Write(Subject{Description: said, Tags: wanted.Tags}, noon.Add(time.Hour)); err != nil || !bytes.Equal(again, b) {
			t.Errorf("%s changes when nothing is new: %v", name, err)
		}
		// The lines that were there are there still, in the same order.
		rest := string(b)
		for line := range strings.Lines(c.file) {
			line = strings.TrimSpace(line)
			if c.left != "" && strings.Contains(line, c.left) || strings.Contains(line, "MetadataDate") || strings.HasSuffix(line, "/>") || strings.Contains(line, "<rdf:Alt/>") || name == "own prefixes" {
				continue
			}
			_, after, found := strings.Cut(rest, line)
			if !found {
				t.Errorf("%s has lost %s:\n%s", name, line, b)
				break
			}
			rest = after
		}
	}
	f, err := Parse([]byte(lightroom))
	if err != nil || f.Extension != "CR2" || f.Description != "Mine" {
		t.Fatalf("%+v, %v", f, err)
	}
	got, err := f.Write(Subject{Description: "Ours", Tags: []string{"dog"}}, noon)
	want := strings.NewReplacer(">Mine<", ">Ours<", "2020-01-01T10:00:00+01:00", "2026-05-06T12:00:00Z",
		"Möwe</rdf:li>", "Möwe</rdf:li>\n     <rdf:li>dog</rdf:li>").Replace(lightroom)
	if err != nil || string(got) != want {
		t.Errorf("%v: it is\n%s\nwant\n%s", err, got, want)
	}
}

// A new file says what it should, in every character that XML has.
func TestNew(t *testing.T) {
	t.Parallel()
	f, err := Parse(New(wanted, `vlmchat "1"`, noon))
	if err != nil {
		t.Fatal(err)
	}
	if want := (Subject{"A <dog> & \"cat\"\nin the sun\r\ufffd.", wanted.Tags}); !reflect.DeepEqual(f.Subject, want) {
		t.Errorf("it says %+v, want %+v", f.Subject, want)
	}
}

// What is not understood is refused, with the reason.
func TestRefused(t *testing.T) {
	t.Parallel()
	within := func(inner string) string {
		return `<rdf:RDF xmlns:rdf="` + rdf + `" xmlns:dc="` + dc + `"><rdf:Description>` + inner + `</rdf:Description></rdf:RDF>`
	}
	for text, want := range map[string]string{
		"":                            "no rdf:RDF",
		"not XML":                     "no rdf:RDF",
		"<a><b></a>":                  "no XML that is understood",
		darktable[:len(darktable)-20]: "no XML that is understood",
		"<!DOCTYPE a>" + darktable:    "a document type",
		`<?xml version="1.0" encoding="utf-16"?><a/>`: "no XML that is understood",
		within("&mine;"): "no XML that is understood",
		within("") + strings.Repeat(" ", MaxBytes):        "larger than 8 MiB",
		within(strings.Repeat("<a/>", maxNodes)):          "more than 200000 elements",
		`<rdf:RDF xmlns:rdf="` + rdf + `"><x/></rdf:RDF>`: "has a x where",
		`<rdf:RDF xmlns:rdf="` + rdf + `"><rdf:Description rdf:about="a"/><rdf:Description rdf:about="b"/></rdf:RDF>`: "about several things",
		within("<dc:description>text</dc:description>"):                                                               "written in a way",
		within("<dc:description rdf:parseType=\"Resource\"><rdf:value>a</rdf:value></dc:description>"):                "written in a way",
		within("<dc:description><rdf:Alt><rdf:li><b>x</b></rdf:li></rdf:Alt></dc:description>"):                       "written in a way",
		within("<dc:description><rdf:Alt><rdf:li rdf:resource='x'/></rdf:Alt></dc:description>"):                      "written in a way",
		within("<dc:description/><dc:description/>"):                                                                  "dc:description twice",
		within("<dc:subject><rdf:Alt/></dc:subject>"):                                                                 "written in a way",
		strings.Replace(within(""), "<rdf:Description", "<rdf:Description dc:subject='a'", 1):                         "is an attribute",
	} {
		f, err := Parse([]byte(text))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.80q: %+v, %v, want %s", text, f, err, want)
		}
	}
}

// Whatever file it is, it is refused or says afterwards what it should, and all that is
// added or changed is ours.
func FuzzWrite(f *testing.F) {
	for _, file := range []string{darktable, lightroom, exiftool, string(New(wanted, "x", noon))} {
		f.Add([]byte(file), "A dog.", "dog")
	}
	f.Fuzz(func(t *testing.T, data []byte, text, tag string) {
		file, err := Parse(data)
		if err != nil {
			return
		}
		b, err := file.Write(Subject{text, []string{tag}}, noon)
		if err != nil {
			return
		}
		got, err := Parse(b)
		if err != nil {
			t.Fatalf("%v:\n%s", err, b)
		}
		if len(got.parts) < len(file.parts) || got.about != file.about || got.Extension != file.Extension {
			t.Fatalf("something is lost:\n%s\n%s", data, b)
		}
		for _, old := range file.Tags {
			if !slices.Contains(got.Tags, old) {
				t.Fatalf("%q is lost", old)
			}
		}
	})
}
