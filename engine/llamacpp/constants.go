package llamacpp

// constants are the C constants that the binding writes as numbers of its own.
var constants = []Constant{
	{Name: "GGML_LOG_LEVEL_DEBUG", Value: int64(Debug)},
	{Name: "GGML_LOG_LEVEL_INFO", Value: int64(Info)},
	{Name: "GGML_LOG_LEVEL_WARN", Value: int64(Warn)},
	{Name: "GGML_LOG_LEVEL_ERROR", Value: int64(Error)},
	{Name: "GGML_LOG_LEVEL_CONT", Value: int64(continued)},

	{Name: "GGML_BACKEND_DEVICE_TYPE_CPU", Value: int64(CPU)},
	{Name: "GGML_BACKEND_DEVICE_TYPE_GPU", Value: int64(GPU)},
	{Name: "GGML_BACKEND_DEVICE_TYPE_IGPU", Value: int64(IntegratedGPU), Optional: true}, // came in after b6431
	{Name: "GGML_BACKEND_DEVICE_TYPE_ACCEL", Value: int64(Accelerator), Older: []int64{int64(IntegratedGPU)}},

	{Name: "GGML_TYPE_I32", Value: int64(I32)},
	{Name: "GGML_PREC_F32", Value: precisionF32},
	{Name: "GGML_STATUS_ABORTED", Value: statusAborted},
	{Name: "GGML_BACKEND_BUFFER_USAGE_WEIGHTS", Value: usageOfWeights},

	{Name: "LLAMA_SPLIT_MODE_NONE", Value: int64(SplitNone)},
	{Name: "LLAMA_SPLIT_MODE_LAYER", Value: int64(SplitLayer)},
	{Name: "LLAMA_SPLIT_MODE_ROW", Value: int64(SplitRow)},

	{Name: "LLAMA_FLASH_ATTN_TYPE_AUTO", Value: int64(FlashAuto.enum()), Optional: true}, // a bool before b6431
	{Name: "LLAMA_FLASH_ATTN_TYPE_DISABLED", Value: int64(FlashOff.enum()), Optional: true},
	{Name: "LLAMA_FLASH_ATTN_TYPE_ENABLED", Value: int64(FlashOn.enum()), Optional: true},

	{Name: "LLAMA_TOKEN_ATTR_UNKNOWN", Value: attrUnknown},
	{Name: "LLAMA_TOKEN_ATTR_CONTROL", Value: attrControl},

	{Name: "MTMD_INPUT_CHUNK_TYPE_TEXT", Value: chunkText},
}
