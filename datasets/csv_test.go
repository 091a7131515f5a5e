package datasets

import (
	"slices"
	"strings"
	"testing"
)

func TestTables(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, text string
		task       Task
		layout     string
		want, told []string
	}{
		{"Flickr30k's own", "a.jpg#0\tTwo young men , outside .\na.jpg#1\tTwo men\tin green shirts .\r\nb.jpg#0\tA star\nb.jpg A star\n", Caption, "flickr", []string{
			"a.jpg | a.jpg |  | Two young men , outside . / Two men\tin green shirts . |  | ",
			"b.jpg | b.jpg |  | A star |  | ",
		}, []string{`broken line data:4 [] this is no FILE#NUMBER, tab, caption: "b.jpg A star"`}},
		{"Flickr30k's results.csv", `image_name| comment_number| comment
a.jpg| 0| A man said "hello | hi" .
a.jpg| 1| "Two men
b.jpg| 4   A dog runs .
b.jpg| 0| A star .
`, Caption, "csv", []string{
			`a.jpg | a.jpg |  | A man said "hello | hi" . / "Two men |  | `,
			"b.jpg | b.jpg |  | A star . |  | ",
		}, []string{"broken line data:4 [] it has 2 columns, and the first line 3"}},
		{"Flickr8k's captions.txt", "image,caption\na.jpg,A child in a pink dress .\na.jpg,\"A girl, going \"\"in\"\" .\"\nb.jpg, A 5\" star\n", Retrieval, "csv", []string{
			`a.jpg | a.jpg |  | A child in a pink dress . / A girl, going "in" . |  | `,
			`b.jpg | b.jpg |  | A 5" star |  | `,
		}, nil},
		{"Flickr30k with splits", `raw,sentids,split,filename,img_id
"[""A ring."", ""Ring.""]","[0, 1]",train,a.jpg,0
"[""A star."", ""Star.""]","[2, 3]",test,b.jpg,1
`, Caption, "csv", []string{"b.jpg | b.jpg |  | A star. / Star. |  | "}, nil},
		{"image and comment", "image|comment\na.jpg|One, two\n", Caption, "csv", []string{"a.jpg | a.jpg |  | One, two |  | "}, nil},
		{"questions", "\ufeffid;image;question;answers;choices;type\r\n1;a.jpg;Which?;\"[\"\"a\"\", \"\"A\"\"]\";a,A,b;letter\r\n2;b.jpg;Which;b;;\r\n", VQA, "csv", []string{
			"1 | a.jpg | Which? | a / A | a,A,b | type=letter",
			"2 | b.jpg | Which | b |  | ",
		}, nil},
		{"labels", "file_name\tlabel\nb.jpg\tstar\na.jpg\tring\n", Classify, "csv", []string{
			"b.jpg | b.jpg | star |  |  | ",
			"a.jpg | a.jpg | ring |  |  | ",
		}, nil},
		{"rows of several lines", "image,caption\na.jpg,\"One\nand two\"\nb.jpg,\"Never closed\na.jpg,Three\nb.jpg,Four\n", Caption, "csv", []string{
			"a.jpg | a.jpg |  | One\nand two / Three |  | ",
			"b.jpg | b.jpg |  | Four |  | ",
		}, []string{"broken line data:4 [] there is no end to a quotation mark in it"}},
		{"unknown columns", "image,capton,caption\na.jpg,x,One\nb.jpg,y,Two,Three\n", Caption, "csv", []string{"a.jpg | a.jpg |  | One |  | "}, []string{
			"broken line data:3 [] it has 4 columns, and the first line 3",
			`unknown field data:2 [] the field "capton" is not known, and left aside; did you mean "caption"?`,
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			dir := put(t, "", "a.jpg", "b.jpg")
			s := read(t, test.task, write(t, dir, "data", test.text), Options{})
			want(t, s, dir, test.want...)
			if got := told(s, dir); !slices.Equal(got, test.told) {
				t.Errorf("told is\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(test.told, "\n"))
			}
			if s.Layout != test.layout {
				t.Errorf("the layout is %q", s.Layout)
			}
		})
	}
}
