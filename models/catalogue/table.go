package catalogue

// The sizes are those of the files at Hugging Face; where About is set, they were seen rounded.
// The shapes are in the files' own headers and in the config.json of what they were made of.
// Licences are those that the models' pages name.
var table = []Model{
	{
		Name: "smolvlm-256m", GoodAt: "captions and simple questions, on almost anything", Parameters: 256e6, Licence: "Apache-2.0",
		Hub: "hf:ggml-org/SmolVLM-256M-Instruct-GGUF:Q8_0", Projector: "mmproj-SmolVLM-256M-Instruct-Q8_0.gguf",
		Weights: 175_054_528, Encoder: 103_769_856,
		shape: shape{layers: 30, kvHeads: 3, headSize: 64, vocabulary: 49280},
	},
	{
		Name: "smolvlm-500m", GoodAt: "captions and questions, quick without a GPU", Parameters: 507e6, Licence: "Apache-2.0",
		Hub: "hf:ggml-org/SmolVLM-500M-Instruct-GGUF:Q8_0", Projector: "mmproj-SmolVLM-500M-Instruct-Q8_0.gguf",
		Weights: 436_806_912, Encoder: 108_783_360,
		shape: shape{layers: 32, kvHeads: 5, headSize: 64, vocabulary: 49280},
	},
	{
		Name: "qwen3-vl-2b", GoodAt: "text in pictures, 32 languages, small machines", Parameters: 2_127_532_032, Licence: "Apache-2.0",
		Hub: "hf:Qwen/Qwen3-VL-2B-Instruct-GGUF:Q4_K_M", Projector: "mmproj-Qwen3VL-2B-Instruct-Q8_0.gguf",
		Weights: 1_107_409_952, Encoder: 445_053_216,
		shape: shape{layers: 28, kvHeads: 8, headSize: 128, vocabulary: 151936},
	},
	{
		Name: "smolvlm2-2.2b", GoodAt: "several pictures and the frames of videos", Parameters: 2_246e6, Licence: "Apache-2.0",
		Hub: "hf:ggml-org/SmolVLM2-2.2B-Instruct-GGUF:Q4_K_M", Projector: "mmproj-SmolVLM2-2.2B-Instruct-Q8_0.gguf",
		Weights: 1_112_602_656, Encoder: 592_523_200,
		shape: shape{layers: 24, kvHeads: 32, headSize: 64, vocabulary: 49280},
	},
	{
		Name: "qwen3-vl-4b", GoodAt: "text, charts, places of things; a laptop", Parameters: 4_437_815_808, Licence: "Apache-2.0",
		Hub: "hf:Qwen/Qwen3-VL-4B-Instruct-GGUF:Q4_K_M", Projector: "mmproj-Qwen3VL-4B-Instruct-Q8_0.gguf",
		Weights: 2_497_281_664, Encoder: 453_974_304,
		shape: shape{layers: 36, kvHeads: 8, headSize: 128, vocabulary: 151936},
	},
	{
		Name: "gemma-3-4b", GoodAt: "descriptions and chat in many languages", Parameters: 4_300_079_472, Licence: "Gemma Terms of Use",
		Hub: "hf:ggml-org/gemma-3-4b-it-GGUF:Q4_K_M", Projector: "mmproj-model-f16.gguf",
		Weights: 2_490e6, Encoder: 851_251_104, About: true,
		shape: shape{layers: 34, windowed: 29, window: 1024, kvHeads: 4, headSize: 256, vocabulary: 262208},
	},
	{
		Name: "qwen3-vl-8b", GoodAt: "text, charts and harder questions", Parameters: 8_767_123_696, Licence: "Apache-2.0",
		Hub: "hf:Qwen/Qwen3-VL-8B-Instruct-GGUF:Q4_K_M", Projector: "mmproj-Qwen3VL-8B-Instruct-Q8_0.gguf",
		Weights: 5_027_784_800, Encoder: 752e6, About: true,
		shape: shape{layers: 36, kvHeads: 8, headSize: 128, vocabulary: 151936},
	},
	{
		Name: "gemma-3-12b", GoodAt: "the same as gemma-3-4b, and knows more", Parameters: 12_187_325_040, Licence: "Gemma Terms of Use",
		Hub: "hf:ggml-org/gemma-3-12b-it-GGUF:Q4_K_M", Projector: "mmproj-model-f16.gguf",
		Weights: 7_300e6, Encoder: 854e6, About: true,
		shape: shape{layers: 48, windowed: 40, window: 1024, kvHeads: 8, headSize: 256, vocabulary: 262208},
	},
	{
		Name: "mistral-small-24b", GoodAt: "documents, long conversations, many languages", Parameters: 24_011e6, Licence: "Apache-2.0",
		Hub: "hf:bartowski/mistralai_Mistral-Small-3.1-24B-Instruct-2503-GGUF:Q4_K_M", Projector: "mmproj-mistralai_Mistral-Small-3.1-24B-Instruct-2503-f16.gguf",
		Weights: 14_333_910_496, Encoder: 878_054_144,
		shape: shape{layers: 40, kvHeads: 8, headSize: 128, vocabulary: 131072},
	},
	{
		Name: "qwen3-vl-30b", GoodAt: "hard questions; 3 of its 31 billion weights a token", Parameters: 31_070_754_032, Licence: "Apache-2.0",
		Hub: "hf:Qwen/Qwen3-VL-30B-A3B-Instruct-GGUF:Q4_K_M", Projector: "mmproj-Qwen3VL-30B-A3B-Instruct-Q8_0.gguf",
		Weights: 18_556_687_168, Encoder: 712_148_928,
		shape: shape{layers: 48, kvHeads: 4, headSize: 128, vocabulary: 151936},
	},
}
