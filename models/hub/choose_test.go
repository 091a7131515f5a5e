package hub

import (
	"testing"
)

// TestChoose chooses in repositories that are named as real ones are.
func TestChoose(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		files []string
		want  map[string][2]string // by variant: the model's first part and the projector
	}{
		"ggml-org": {
			[]string{"README.md", "SmolVLM-500M-Instruct-Q8_0.gguf", "SmolVLM-500M-Instruct-f16.gguf", "mmproj-SmolVLM-500M-Instruct-Q8_0.gguf", "mmproj-SmolVLM-500M-Instruct-f16.gguf"},
			map[string][2]string{
				"":     {"SmolVLM-500M-Instruct-Q8_0.gguf", "mmproj-SmolVLM-500M-Instruct-f16.gguf"},
				"q8_0": {"SmolVLM-500M-Instruct-Q8_0.gguf", "mmproj-SmolVLM-500M-Instruct-f16.gguf"},
				"F16":  {"SmolVLM-500M-Instruct-f16.gguf", "mmproj-SmolVLM-500M-Instruct-f16.gguf"},
			},
		},
		"unsloth": {
			[]string{
				"BF16/Big-BF16-00001-of-00002.gguf", "BF16/Big-BF16-00002-of-00002.gguf", "Big-IQ4_XS.gguf", "Big-Q4_K_M.gguf", "Big-Q4_K_S.gguf", "Big-UD-Q4_K_XL.gguf",
				"Big-UD-Q8_K_XL.gguf", "imatrix_unsloth.gguf", "mmproj-BF16.gguf", "mmproj-F16.gguf", "mmproj-F32.gguf",
			},
			map[string][2]string{
				"":                                  {"Big-Q4_K_M.gguf", "mmproj-F16.gguf"},
				"Q4_K_XL":                           {"Big-UD-Q4_K_XL.gguf", "mmproj-F16.gguf"},
				"UD-Q4_K_XL":                        {"Big-UD-Q4_K_XL.gguf", "mmproj-F16.gguf"},
				"bf16":                              {"BF16/Big-BF16-00001-of-00002.gguf", "mmproj-F16.gguf"},
				"BF16/Big-BF16-00002-of-00002.gguf": {"BF16/Big-BF16-00001-of-00002.gguf", "mmproj-F16.gguf"},
				"big-iq4_xs.gguf":                   {"Big-IQ4_XS.gguf", "mmproj-F16.gguf"},
			},
		},
		"openbmb": {
			[]string{"Model-7.6B-F16.gguf", "ggml-model-Q4_0.gguf", "ggml-model-Q4_K_M.gguf", "mmproj-model-f16.gguf"},
			map[string][2]string{"": {"ggml-model-Q4_K_M.gguf", "mmproj-model-f16.gguf"}, "F16": {"Model-7.6B-F16.gguf", "mmproj-model-f16.gguf"}},
		},
		"bartowski": {
			[]string{"Qwen_Qwen2.5-VL-7B-Instruct-Q4_K_M.gguf", "Qwen_Qwen2.5-VL-7B-Instruct-Q6_K_L.gguf", "Qwen_Qwen2.5-VL-7B-Instruct-Q6_K.gguf", "mmproj-Qwen_Qwen2.5-VL-7B-Instruct-bf16.gguf", "mmproj-Qwen_Qwen2.5-VL-7B-Instruct-f16.gguf"},
			map[string][2]string{
				"":       {"Qwen_Qwen2.5-VL-7B-Instruct-Q4_K_M.gguf", "mmproj-Qwen_Qwen2.5-VL-7B-Instruct-f16.gguf"},
				"q6_k":   {"Qwen_Qwen2.5-VL-7B-Instruct-Q6_K.gguf", "mmproj-Qwen_Qwen2.5-VL-7B-Instruct-f16.gguf"},
				"Q6_K_L": {"Qwen_Qwen2.5-VL-7B-Instruct-Q6_K_L.gguf", "mmproj-Qwen_Qwen2.5-VL-7B-Instruct-f16.gguf"},
			},
		},
		"mradermacher": {
			[]string{"X.IQ4_XS.gguf", "X.Q8_0.gguf", "X.mmproj-Q8_0.gguf", "X.mmproj-fp16.gguf"},
			map[string][2]string{"": {"X.Q8_0.gguf", "X.mmproj-fp16.gguf"}, "iq4_xs": {"X.IQ4_XS.gguf", "X.mmproj-fp16.gguf"}},
		},
		"google": {
			[]string{"gemma-3-4b-it-q4_0.gguf", "mmproj-model-f16-4B.gguf"},
			map[string][2]string{"": {"gemma-3-4b-it-q4_0.gguf", "mmproj-model-f16-4B.gguf"}, "Q4_0": {"gemma-3-4b-it-q4_0.gguf", "mmproj-model-f16-4B.gguf"}},
		},
		"sizes together": {
			[]string{"V-2B-Q8_0.gguf", "V-8B-Q4_K_M.gguf", "mmproj-V-2B-F16.gguf", "mmproj-V-8B-F16.gguf"},
			map[string][2]string{"": {"V-8B-Q4_K_M.gguf", "mmproj-V-8B-F16.gguf"}, "Q8_0": {"V-2B-Q8_0.gguf", "mmproj-V-2B-F16.gguf"}},
		},
		"folders with projectors": {
			[]string{"2b/V-Q8_0.gguf", "2b/mmproj-F16.gguf", "8b/V-Q4_K_M.gguf", "8b/mmproj-BF16.gguf", "mmproj-F16.gguf"},
			map[string][2]string{"": {"8b/V-Q4_K_M.gguf", "8b/mmproj-BF16.gguf"}, "Q8_0": {"2b/V-Q8_0.gguf", "2b/mmproj-F16.gguf"}},
		},
		"drafts":       {[]string{"mtp-X-Q8_0.gguf", "X-Q8_0.gguf", "eagle3-X-Q4_K_M.gguf"}, map[string][2]string{"": {"X-Q8_0.gguf", ""}}},
		"no type told": {[]string{"model.gguf", "mmproj.gguf"}, map[string][2]string{"": {"model.gguf", "mmproj.gguf"}, "model.gguf": {"model.gguf", "mmproj.gguf"}}},
		"older types":  {[]string{"ggml-model-q4_k.gguf", "ggml-model-f16.gguf", "mmproj-model-f16.gguf"}, map[string][2]string{"": {"ggml-model-q4_k.gguf", "mmproj-model-f16.gguf"}}},
		"int4":         {[]string{"llava-phi-3-mini-int4.gguf", "llava-phi-3-mini-f16.gguf", "llava-phi-3-mini-mmproj-f16.gguf"}, map[string][2]string{"": {"llava-phi-3-mini-int4.gguf", "llava-phi-3-mini-mmproj-f16.gguf"}}},
		"odd types":    {[]string{"X-IQ1_S.gguf", "X-TQ1_0.gguf"}, map[string][2]string{"": {"X-IQ1_S.gguf", ""}, "tq1_0": {"X-TQ1_0.gguf", ""}}},
	} {
		var files []File
		for i, path := range test.files {
			files = append(files, File{Path: path, Size: int64(i + 1)})
		}
		for variant, want := range test.want {
			n := Name{Repo: "o/M", Variant: variant}
			g, err := choose(n, files)
			if err != nil {
				t.Errorf("%s, %q: %v", name, variant, err)
				continue
			}
			p, err := chooseProjector(n, g, files, "")
			if have := [2]string{g.files[0].Path, p.Path}; err != nil || have != want {
				t.Errorf("%s, %q: chosen are %q, not %q (%v)", name, variant, have, want, err)
			}
			again, err := choose(variantOf(n, g, files), files)
			if err != nil || again.files[0] != g.files[0] {
				t.Errorf("%s, %q: by the name %s another one is chosen: %+v (%v)", name, variant, variantOf(n, g, files), again, err)
			}
		}
	}
}
