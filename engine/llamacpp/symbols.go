package llamacpp

// The C functions used, one table a library, each with its declaration as in
// the library's header. bindSymbols looks them up by these tags. What is tagged
// optional:"true" is not in every build; older is a form, of another name perhaps,
// that builds had before and that can be called in the same way: parameters that
// it lacks are at the end.

type ggmlBaseFuncs struct {
	Commit           proc `c:"const char * ggml_commit(void)" optional:"true"`
	LogSet           proc `c:"void ggml_log_set(ggml_log_callback log_callback, void * user_data)"`
	SetAbortCallback proc `c:"ggml_abort_callback_t ggml_set_abort_callback(ggml_abort_callback_t callback)" optional:"true"`

	GetName   proc `c:"const char * ggml_get_name(const struct ggml_tensor * tensor)"`
	NBytes    proc `c:"size_t ggml_nbytes(const struct ggml_tensor * tensor)" optional:"true"`
	TensorGet proc `c:"void ggml_backend_tensor_get(const struct ggml_tensor * tensor, void * data, size_t offset, size_t size)" optional:"true"`

	DevName        proc `c:"const char * ggml_backend_dev_name(ggml_backend_dev_t device)"`
	DevDescription proc `c:"const char * ggml_backend_dev_description(ggml_backend_dev_t device)"`
	DevType        proc `c:"enum ggml_backend_dev_type ggml_backend_dev_type(ggml_backend_dev_t device)"`

	DevMemory      proc `c:"void ggml_backend_dev_memory(ggml_backend_dev_t device, size_t * free, size_t * total)"`
	DevBackendReg  proc `c:"ggml_backend_reg_t ggml_backend_dev_backend_reg(ggml_backend_dev_t device)"`
	RegName        proc `c:"const char * ggml_backend_reg_name(ggml_backend_reg_t reg)"`
	DevBufferType  proc `c:"ggml_backend_buffer_type_t ggml_backend_dev_buffer_type(ggml_backend_dev_t device)"`
	BuftMaxSize    proc `c:"size_t ggml_backend_buft_get_max_size(ggml_backend_buffer_type_t buft)"`
	BuftAlloc      proc `c:"ggml_backend_buffer_t ggml_backend_buft_alloc_buffer(ggml_backend_buffer_type_t buft, size_t size)"`
	BackendBufFree proc `c:"void ggml_backend_buffer_free(ggml_backend_buffer_t buffer)"`
}

type ggmlFuncs struct {
	DevCount        proc `c:"size_t ggml_backend_dev_count(void)"`
	DevGet          proc `c:"ggml_backend_dev_t ggml_backend_dev_get(size_t index)"`
	LoadAllFromPath proc `c:"void ggml_backend_load_all_from_path(const char * dir_path)"`
}

type llamaFuncs struct {
	Version     proc `c:"const char * llama_version(void)" optional:"true"`
	BackendInit proc `c:"void llama_backend_init(void)"`
	LogSet      proc `c:"void llama_log_set(ggml_log_callback log_callback, void * user_data)"`

	ModelDefaultParams   proc `c:"struct llama_model_params llama_model_default_params(void)"`
	ContextDefaultParams proc `c:"struct llama_context_params llama_context_default_params(void)"`

	ModelLoadFromFile proc `c:"struct llama_model * llama_model_load_from_file(const char * path_model, struct llama_model_params params)"`
	ModelFree         proc `c:"void llama_model_free(struct llama_model * model)"`
	ModelGetVocab     proc `c:"const struct llama_vocab * llama_model_get_vocab(const struct llama_model * model)"`
	ModelNCtxTrain    proc `c:"int32_t llama_model_n_ctx_train(const struct llama_model * model)"`
	ModelNEmbdInp     proc `c:"int32_t llama_model_n_embd_inp(const struct llama_model * model)" optional:"true"`
	ModelNEmbd        proc `c:"int32_t llama_model_n_embd(const struct llama_model * model)"`
	ModelMetaValStr   proc `c:"int32_t llama_model_meta_val_str(const struct llama_model * model, const char * key, char * buf, size_t buf_size)"`
	ModelChatTemplate proc `c:"const char * llama_model_chat_template(const struct llama_model * model, const char * name)"`
	ModelNSWA         proc `c:"int32_t llama_model_n_swa(const struct llama_model * model)" optional:"true"`
	ModelHasDecoder   proc `c:"bool llama_model_has_decoder(const struct llama_model * model)"`
	ModelIsRecurrent  proc `c:"bool llama_model_is_recurrent(const struct llama_model * model)"`
	ModelIsHybrid     proc `c:"bool llama_model_is_hybrid(const struct llama_model * model)" optional:"true"`

	VocabNTokens proc `c:"int32_t llama_vocab_n_tokens(const struct llama_vocab * vocab)"`
	VocabGetText proc `c:"const char * llama_vocab_get_text(const struct llama_vocab * vocab, llama_token token)"`
	VocabGetAttr proc `c:"enum llama_token_attr llama_vocab_get_attr(const struct llama_vocab * vocab, llama_token token)"`
	VocabIsEOG   proc `c:"bool llama_vocab_is_eog(const struct llama_vocab * vocab, llama_token token)"`
	VocabBOS     proc `c:"llama_token llama_vocab_bos(const struct llama_vocab * vocab)"`
	VocabEOS     proc `c:"llama_token llama_vocab_eos(const struct llama_vocab * vocab)"`
	VocabEOT     proc `c:"llama_token llama_vocab_eot(const struct llama_vocab * vocab)"`
	VocabAddBOS  proc `c:"bool llama_vocab_get_add_bos(const struct llama_vocab * vocab)"`
	Tokenize     proc `c:"int32_t llama_tokenize(const struct llama_vocab * vocab, const char * text, int32_t text_len, llama_token * tokens, int32_t n_tokens_max, bool add_special, bool parse_special)"`
	TokenToPiece proc `c:"int32_t llama_token_to_piece(const struct llama_vocab * vocab, llama_token token, char * buf, int32_t length, int32_t lstrip, bool special)"`

	InitFromModel    proc `c:"struct llama_context * llama_init_from_model(struct llama_model * model, struct llama_context_params params)"`
	Free             proc `c:"void llama_free(struct llama_context * ctx)"`
	NCtx             proc `c:"uint32_t llama_n_ctx(const struct llama_context * ctx)"`
	NBatch           proc `c:"uint32_t llama_n_batch(const struct llama_context * ctx)"`
	NUbatch          proc `c:"uint32_t llama_n_ubatch(const struct llama_context * ctx)"`
	NThreads         proc `c:"int32_t llama_n_threads(struct llama_context * ctx)"`
	SetNThreads      proc `c:"void llama_set_n_threads(struct llama_context * ctx, int32_t n_threads, int32_t n_threads_batch)"`
	SetCausalAttn    proc `c:"void llama_set_causal_attn(struct llama_context * ctx, bool causal_attn)"`
	SetAbortCallback proc `c:"void llama_set_abort_callback(struct llama_context * ctx, ggml_abort_callback abort_callback, void * abort_callback_data)"`
	Decode           proc `c:"int32_t llama_decode(struct llama_context * ctx, struct llama_batch batch)"`

	GetMemory       proc `c:"llama_memory_t llama_get_memory(const struct llama_context * ctx)" optional:"true"`
	MemoryClear     proc `c:"void llama_memory_clear(llama_memory_t mem, bool data)" older:"void llama_kv_self_clear(struct llama_context * ctx)"`
	MemorySeqRm     proc `c:"bool llama_memory_seq_rm(llama_memory_t mem, llama_seq_id seq_id, llama_pos p0, llama_pos p1)" older:"bool llama_kv_self_seq_rm(struct llama_context * ctx, llama_seq_id seq_id, llama_pos p0, llama_pos p1)"`
	MemorySeqCp     proc `c:"void llama_memory_seq_cp(llama_memory_t mem, llama_seq_id seq_id_src, llama_seq_id seq_id_dst, llama_pos p0, llama_pos p1)" older:"void llama_kv_self_seq_cp(struct llama_context * ctx, llama_seq_id seq_id_src, llama_seq_id seq_id_dst, llama_pos p0, llama_pos p1)"`
	MemorySeqPosMin proc `c:"llama_pos llama_memory_seq_pos_min(llama_memory_t mem, llama_seq_id seq_id)" older:"llama_pos llama_kv_self_seq_pos_min(struct llama_context * ctx, llama_seq_id seq_id)"`

	GetEmbeddingsIth proc `c:"float * llama_get_embeddings_ith(struct llama_context * ctx, int32_t i)"`
	GetEmbeddingsSeq proc `c:"float * llama_get_embeddings_seq(struct llama_context * ctx, llama_seq_id seq_id)"`

	StateSeqGetSize proc `c:"size_t llama_state_seq_get_size(struct llama_context * ctx, llama_seq_id seq_id)"`
	StateSeqGetData proc `c:"size_t llama_state_seq_get_data(struct llama_context * ctx, uint8_t * dst, size_t size, llama_seq_id seq_id)"`
	StateSeqSetData proc `c:"size_t llama_state_seq_set_data(struct llama_context * ctx, const uint8_t * src, size_t size, llama_seq_id dest_seq_id)"`

	SamplerChainInit  proc                                     `c:"struct llama_sampler * llama_sampler_chain_init(struct llama_sampler_chain_params params)"`
	SamplerChainAdd   proc                                     `c:"void llama_sampler_chain_add(struct llama_sampler * chain, struct llama_sampler * smpl)"`
	SamplerInitGreedy proc                                     `c:"struct llama_sampler * llama_sampler_init_greedy(void)"`
	SamplerInitDist   proc                                     `c:"struct llama_sampler * llama_sampler_init_dist(uint32_t seed)"`
	SamplerInitTopK   proc                                     `c:"struct llama_sampler * llama_sampler_init_top_k(int32_t k)"`
	SamplerInitTopP   func(p float32, minKeep uintptr) uintptr `c:"struct llama_sampler * llama_sampler_init_top_p(float p, size_t min_keep)"`
	SamplerInitTemp   func(t float32) uintptr                  `c:"struct llama_sampler * llama_sampler_init_temp(float t)"`
	SamplerSample     proc                                     `c:"llama_token llama_sampler_sample(struct llama_sampler * smpl, struct llama_context * ctx, int32_t idx)"`
	SamplerFree       proc                                     `c:"void llama_sampler_free(struct llama_sampler * smpl)"`

	// What not every answer needs. Penalties and DRY have two forms under one
	// name, between b8352 and b10361 the first became the second; which a build
	// has shows by what it does: see samplerForms.
	SamplerInitLogitBias    proc                                                                                                                  `c:"struct llama_sampler * llama_sampler_init_logit_bias(int32_t n_vocab, int32_t n_logit_bias, const llama_logit_bias * logit_bias)" optional:"true"`
	SamplerInitMinP         func(p float32, minKeep uintptr) uintptr                                                                              `c:"struct llama_sampler * llama_sampler_init_min_p(float p, size_t min_keep)" optional:"true"`
	SamplerInitTypical      func(p float32, minKeep uintptr) uintptr                                                                              `c:"struct llama_sampler * llama_sampler_init_typical(float p, size_t min_keep)" optional:"true"`
	SamplerInitTopNSigma    func(n float32) uintptr                                                                                               `c:"struct llama_sampler * llama_sampler_init_top_n_sigma(float n)" optional:"true"`
	SamplerInitXTC          func(p, t float32, minKeep uintptr, seed uint32) uintptr                                                              `c:"struct llama_sampler * llama_sampler_init_xtc(float p, float t, size_t min_keep, uint32_t seed)" optional:"true"`
	SamplerInitTempExt      func(t, delta, exponent float32) uintptr                                                                              `c:"struct llama_sampler * llama_sampler_init_temp_ext(float t, float delta, float exponent)" optional:"true"`
	SamplerInitMirostat     func(nVocab int32, seed uint32, tau, eta float32, m int32) uintptr                                                    `c:"struct llama_sampler * llama_sampler_init_mirostat(int32_t n_vocab, uint32_t seed, float tau, float eta, int32_t m)" optional:"true"`
	SamplerInitMirostatV2   func(seed uint32, tau, eta float32) uintptr                                                                           `c:"struct llama_sampler * llama_sampler_init_mirostat_v2(uint32_t seed, float tau, float eta)" optional:"true"`
	SamplerInitPenaltiesOld func(lastN int32, repeat, frequency, presence float32) uintptr                                                        `c:"struct llama_sampler * llama_sampler_init_penalties(int32_t penalty_last_n, float penalty_repeat, float penalty_freq, float penalty_present)" older:"struct llama_sampler * llama_sampler_init_penalties(int32_t n_vocab, int32_t penalty_last_n, float penalty_repeat, float penalty_freq, float penalty_present)" optional:"true"`
	SamplerInitPenalties    func(nVocab, lastN int32, repeat, frequency, presence float32) uintptr                                                `c:"struct llama_sampler * llama_sampler_init_penalties(int32_t n_vocab, int32_t penalty_last_n, float penalty_repeat, float penalty_freq, float penalty_present)" older:"struct llama_sampler * llama_sampler_init_penalties(int32_t penalty_last_n, float penalty_repeat, float penalty_freq, float penalty_present)" optional:"true"`
	SamplerInitDRYOld       func(vocab uintptr, trained int32, multiplier, base float32, allowedLength, lastN int32, breakers, n uintptr) uintptr `c:"struct llama_sampler * llama_sampler_init_dry(const struct llama_vocab * vocab, int32_t n_ctx_train, float dry_multiplier, float dry_base, int32_t dry_allowed_length, int32_t dry_penalty_last_n, const char ** seq_breakers, size_t num_breakers)" older:"struct llama_sampler * llama_sampler_init_dry(const struct llama_vocab * vocab, float dry_multiplier, float dry_base, int32_t dry_allowed_length, int32_t dry_penalty_last_n, const char ** seq_breakers, size_t num_breakers)" optional:"true"`
	SamplerInitDRY          func(vocab uintptr, multiplier, base float32, allowedLength, lastN int32, breakers, n uintptr) uintptr                `c:"struct llama_sampler * llama_sampler_init_dry(const struct llama_vocab * vocab, float dry_multiplier, float dry_base, int32_t dry_allowed_length, int32_t dry_penalty_last_n, const char ** seq_breakers, size_t num_breakers)" older:"struct llama_sampler * llama_sampler_init_dry(const struct llama_vocab * vocab, int32_t n_ctx_train, float dry_multiplier, float dry_base, int32_t dry_allowed_length, int32_t dry_penalty_last_n, const char ** seq_breakers, size_t num_breakers)" optional:"true"`
	VocabSuppressed         proc                                                                                                                  `c:"const llama_token * llama_vocab_get_suppress_tokens(const struct llama_vocab * vocab, int32_t * n_suppress_tokens)" optional:"true"`

	// For LoRA adapters. The older function of the two sets one adapter. To free one
	// does nothing in builds in which the model does it.
	AdapterLoRAFree proc                                            `c:"void llama_adapter_lora_free(struct llama_adapter_lora * adapter)" optional:"true"`
	AdapterLoRAInit proc                                            `c:"struct llama_adapter_lora * llama_adapter_lora_init(struct llama_model * model, const char * path_lora)" optional:"true"`
	SetAdaptersLoRA proc                                            `c:"int32_t llama_set_adapters_lora(struct llama_context * ctx, struct llama_adapter_lora ** adapters, size_t n_adapters, float * scales)" optional:"true"`
	SetAdapterLoRA  func(ctx, adapter uintptr, scale float32) int32 `c:"int32_t llama_set_adapter_lora(struct llama_context * ctx, struct llama_adapter_lora * adapter, float scale)" optional:"true"`

	MaxDevices  proc `c:"size_t llama_max_devices(void)"`
	ModelNLayer proc `c:"int32_t llama_model_n_layer(const struct llama_model * model)"`

	// For grammars.
	SamplerInitGrammar proc `c:"struct llama_sampler * llama_sampler_init_grammar(const struct llama_vocab * vocab, const char * grammar_str, const char * grammar_root)" optional:"true"`
	SamplerApply       proc `c:"void llama_sampler_apply(struct llama_sampler * smpl, llama_token_data_array * cur_p)" optional:"true"`
	SamplerAccept      proc `c:"void llama_sampler_accept(struct llama_sampler * smpl, llama_token token)" optional:"true"`
	GetLogitsIth       proc `c:"float * llama_get_logits_ith(struct llama_context * ctx, int32_t i)" optional:"true"`
}

type mtmdFuncs struct {
	ContextParamsDefault proc `c:"struct mtmd_context_params mtmd_context_params_default(void)"`
	InitFromFile         proc `c:"mtmd_context * mtmd_init_from_file(const char * mmproj_fname, const struct llama_model * text_model, const struct mtmd_context_params ctx_params)"`
	Free                 proc `c:"void mtmd_free(mtmd_context * ctx)"`
	LogSet               proc `c:"void mtmd_log_set(ggml_log_callback log_callback, void * user_data)" optional:"true"`
	SupportVision        proc `c:"bool mtmd_support_vision(const mtmd_context * ctx)"`
	DecodeUseMRoPE       proc `c:"bool mtmd_decode_use_mrope(const mtmd_context * ctx)"`
	DecodeUseNonCausal   proc `c:"bool mtmd_decode_use_non_causal(const mtmd_context * ctx, const mtmd_input_chunk * chunk)" older:"bool mtmd_decode_use_non_causal(mtmd_context * ctx)"`

	BitmapInit  proc `c:"mtmd_bitmap * mtmd_bitmap_init(uint32_t nx, uint32_t ny, const unsigned char * data)"`
	BitmapSetID proc `c:"void mtmd_bitmap_set_id(mtmd_bitmap * bitmap, const char * id)"`
	BitmapFree  proc `c:"void mtmd_bitmap_free(mtmd_bitmap * bitmap)"`

	ChunksInit proc `c:"mtmd_input_chunks * mtmd_input_chunks_init(void)"`
	ChunksSize proc `c:"size_t mtmd_input_chunks_size(const mtmd_input_chunks * chunks)"`
	ChunksGet  proc `c:"const mtmd_input_chunk * mtmd_input_chunks_get(const mtmd_input_chunks * chunks, size_t idx)"`
	ChunksFree proc `c:"void mtmd_input_chunks_free(mtmd_input_chunks * chunks)"`

	ChunkType        proc `c:"enum mtmd_input_chunk_type mtmd_input_chunk_get_type(const mtmd_input_chunk * chunk)"`
	ChunkTokensText  proc `c:"const llama_token * mtmd_input_chunk_get_tokens_text(const mtmd_input_chunk * chunk, size_t * n_tokens_output)"`
	ChunkTokensImage proc `c:"const mtmd_image_tokens * mtmd_input_chunk_get_tokens_image(const mtmd_input_chunk * chunk)"`
	ChunkNTokens     proc `c:"size_t mtmd_input_chunk_get_n_tokens(const mtmd_input_chunk * chunk)"`
	ChunkNPos        proc `c:"llama_pos mtmd_input_chunk_get_n_pos(const mtmd_input_chunk * chunk)"`
	ChunkID          proc `c:"const char * mtmd_input_chunk_get_id(const mtmd_input_chunk * chunk)"`

	Tokenize      proc `c:"int32_t mtmd_tokenize(const mtmd_context * ctx, mtmd_input_chunks * output, const mtmd_input_text * text, const mtmd_bitmap * const * bitmaps, size_t n_bitmaps)"`
	EncodeChunk   proc `c:"int32_t mtmd_encode_chunk(mtmd_context * ctx, const mtmd_input_chunk * chunk)"`
	GetOutputEmbd proc `c:"float * mtmd_get_output_embd(mtmd_context * ctx)"`

	ChunkGetPlaceholder proc `c:"mtmd_input_chunk * mtmd_input_chunk_get_placeholder(const mtmd_input_chunk * chunk)" optional:"true"`

	ImageTokensNX      proc `c:"size_t mtmd_image_tokens_get_nx(const mtmd_image_tokens * image_tokens)" optional:"true"`
	ImageGetDecoderPos proc `c:"void mtmd_helper_image_get_decoder_pos(const mtmd_image_tokens * image, llama_pos pos_0, struct mtmd_decoder_pos * out_pos)" optional:"true"`
}
