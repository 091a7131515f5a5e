package llamacpp

import (
	"fmt"
	"reflect"
)

// What the graphs of encoders need of libggml-base. A build that lacks some of it can
// chat all the same, so all of it is optional; see missingOf. It has been there, in
// this form, since long before the oldest build that is supported.
type graphFuncs struct {
	Init           proc `c:"struct ggml_context * ggml_init(struct ggml_init_params params)" optional:"true"`
	Free           proc `c:"void ggml_free(struct ggml_context * ctx)" optional:"true"`
	TensorOverhead proc `c:"size_t ggml_tensor_overhead(void)" optional:"true"`
	GraphOverhead  proc `c:"size_t ggml_graph_overhead_custom(size_t size, bool grads)" optional:"true"`
	NewTensor      proc `c:"struct ggml_tensor * ggml_new_tensor(struct ggml_context * ctx, enum ggml_type type, int n_dims, const int64_t * ne)" optional:"true"`
	NewGraph       proc `c:"struct ggml_cgraph * ggml_new_graph_custom(struct ggml_context * ctx, size_t size, bool grads)" optional:"true"`
	Expand         proc `c:"void ggml_build_forward_expand(struct ggml_cgraph * cgraph, struct ggml_tensor * tensor)" optional:"true"`
	SetInput       proc `c:"void ggml_set_input(struct ggml_tensor * tensor)" optional:"true"`
	SetOutput      proc `c:"void ggml_set_output(struct ggml_tensor * tensor)" optional:"true"`
	OpDesc         proc `c:"const char * ggml_op_desc(const struct ggml_tensor * t)" optional:"true"`

	MulMat        proc                                                 `c:"struct ggml_tensor * ggml_mul_mat(struct ggml_context * ctx, struct ggml_tensor * a, struct ggml_tensor * b)" optional:"true"`
	MulMatSetPrec proc                                                 `c:"void ggml_mul_mat_set_prec(struct ggml_tensor * a, enum ggml_prec prec)" optional:"true"`
	Add           proc                                                 `c:"struct ggml_tensor * ggml_add(struct ggml_context * ctx, struct ggml_tensor * a, struct ggml_tensor * b)" optional:"true"`
	Mul           proc                                                 `c:"struct ggml_tensor * ggml_mul(struct ggml_context * ctx, struct ggml_tensor * a, struct ggml_tensor * b)" optional:"true"`
	Norm          func(ctx, a uintptr, eps float32) uintptr            `c:"struct ggml_tensor * ggml_norm(struct ggml_context * ctx, struct ggml_tensor * a, float eps)" optional:"true"`
	Scale         func(ctx, a uintptr, s float32) uintptr              `c:"struct ggml_tensor * ggml_scale(struct ggml_context * ctx, struct ggml_tensor * a, float s)" optional:"true"`
	SoftMaxExt    func(ctx, a, mask uintptr, scale, b float32) uintptr `c:"struct ggml_tensor * ggml_soft_max_ext(struct ggml_context * ctx, struct ggml_tensor * a, struct ggml_tensor * mask, float scale, float max_bias)" optional:"true"`
	Sqr           proc                                                 `c:"struct ggml_tensor * ggml_sqr(struct ggml_context * ctx, struct ggml_tensor * a)" optional:"true"`
	Silu          proc                                                 `c:"struct ggml_tensor * ggml_silu(struct ggml_context * ctx, struct ggml_tensor * a)" optional:"true"`
	Sigmoid       proc                                                 `c:"struct ggml_tensor * ggml_sigmoid(struct ggml_context * ctx, struct ggml_tensor * a)" optional:"true"`
	Reshape       proc                                                 `c:"struct ggml_tensor * ggml_reshape_4d(struct ggml_context * ctx, struct ggml_tensor * a, int64_t ne0, int64_t ne1, int64_t ne2, int64_t ne3)" optional:"true"`
	Permute       proc                                                 `c:"struct ggml_tensor * ggml_permute(struct ggml_context * ctx, struct ggml_tensor * a, int axis0, int axis1, int axis2, int axis3)" optional:"true"`
	Cont          proc                                                 `c:"struct ggml_tensor * ggml_cont(struct ggml_context * ctx, struct ggml_tensor * a)" optional:"true"`
	GetRows       proc                                                 `c:"struct ggml_tensor * ggml_get_rows(struct ggml_context * ctx, struct ggml_tensor * a, struct ggml_tensor * b)" optional:"true"`

	DevInit           proc `c:"ggml_backend_t ggml_backend_dev_init(ggml_backend_dev_t device, const char * params)" optional:"true"`
	DevSupportsOp     proc `c:"bool ggml_backend_dev_supports_op(ggml_backend_dev_t device, const struct ggml_tensor * op)" optional:"true"`
	DevFromHost       proc `c:"ggml_backend_buffer_t ggml_backend_dev_buffer_from_host_ptr(ggml_backend_dev_t device, void * ptr, size_t size, size_t max_tensor_size)" optional:"true"`
	RegGetProcAddress proc `c:"void * ggml_backend_reg_get_proc_address(ggml_backend_reg_t reg, const char * name)" optional:"true"`
	BackendFree       proc `c:"void ggml_backend_free(ggml_backend_t backend)" optional:"true"`
	BackendBufferType proc `c:"ggml_backend_buffer_type_t ggml_backend_get_default_buffer_type(ggml_backend_t backend)" optional:"true"`
	BackendCompute    proc `c:"enum ggml_status ggml_backend_graph_compute(ggml_backend_t backend, struct ggml_cgraph * cgraph)" optional:"true"`
	BufferSetUsage    proc `c:"void ggml_backend_buffer_set_usage(ggml_backend_buffer_t buffer, enum ggml_backend_buffer_usage usage)" optional:"true"`
	TensorAlloc       proc `c:"enum ggml_status ggml_backend_tensor_alloc(ggml_backend_buffer_t buffer, struct ggml_tensor * tensor, void * addr)" optional:"true"`
	TensorSet         proc `c:"void ggml_backend_tensor_set(struct ggml_tensor * tensor, const void * data, size_t offset, size_t size)" optional:"true"`
	TensorGet         proc `c:"void ggml_backend_tensor_get(const struct ggml_tensor * tensor, void * data, size_t offset, size_t size)" optional:"true"`
	AllocCtxTensors   proc `c:"struct ggml_backend_buffer * ggml_backend_alloc_ctx_tensors(struct ggml_context * ctx, ggml_backend_t backend)" optional:"true"`
	GallocrNew        proc `c:"ggml_gallocr_t ggml_gallocr_new(ggml_backend_buffer_type_t buft)" optional:"true"`
	GallocrAlloc      proc `c:"bool ggml_gallocr_alloc_graph(ggml_gallocr_t galloc, struct ggml_cgraph * graph)" optional:"true"`
	GallocrFree       proc `c:"void ggml_gallocr_free(ggml_gallocr_t galloc)" optional:"true"`
}

// graphExtras is what graphs do without where a build has none of it.
type graphExtras struct {
	GeluErf proc `c:"struct ggml_tensor * ggml_gelu_erf(struct ggml_context * ctx, struct ggml_tensor * a)" optional:"true"`
}

// missingOf names the functions of a table that a build lacks.
func missingOf(table any) error {
	v := reflect.ValueOf(table)
	var missing []string
	for i := range v.NumField() {
		if v.Field(i).IsZero() {
			missing = append(missing, functionName(v.Type().Field(i).Tag.Get("c")))
		}
	}
	if len(missing) > 0 {
		return fmt.Errorf("this llama.cpp build can't compute encoders of pictures and texts: its libggml-base lacks %s", someOf(missing))
	}
	return nil
}

// Constants of ggml.h and ggml-backend.h that graphs are built with.
const (
	precisionF32   = 10 // GGML_PREC_F32
	statusAborted  = 1  // GGML_STATUS_ABORTED
	usageOfWeights = 1  // GGML_BACKEND_BUFFER_USAGE_WEIGHTS
)

// NumberType is the type of a tensor's numbers, of ggml_type.
type NumberType int32

// The types that graphs have.
const (
	F32  NumberType = 0
	F16  NumberType = 1
	I32  NumberType = 26
	BF16 NumberType = 30
)

// Size is how many bytes a number takes.
func (t NumberType) Size() int {
	if t == F16 || t == BF16 {
		return 2
	}
	return 4
}

// String is the name that checkpoints have for the type.
func (t NumberType) String() string {
	for name, id := range map[string]NumberType{"F32": F32, "F16": F16, "I32": I32, "BF16": BF16} {
		if id == t {
			return name
		}
	}
	return fmt.Sprintf("type %d", int32(t))
}
