#include "textflag.h"

// ROUND makes register all halves: what rounds a sum when it is shifted by the precision, 22.
#define ROUND(register) \
	VPCMPEQD register, register, register \
	VPSRLD $31, register, register \
	VPSLLD $21, register, register

// EIGHT weighs eight bytes.
#define EIGHT(bytes, weights, values, sums) \
	VPMOVZXBD bytes, values \
	VPMULLD weights, values, values \
	VPADDD values, sums, sums

// func weighPixels(pixels *byte, weights *int32, groups int) uint32
TEXT ·weighPixels(SB), NOSPLIT, $0-28
	MOVQ pixels+0(FP), SI
	MOVQ weights+8(FP), DI
	MOVQ groups+16(FP), CX
	VPXOR Y0, Y0, Y0
	VPXOR Y1, Y1, Y1
	VPXOR Y2, Y2, Y2

group:
	EIGHT(0(SI), 0(DI), Y3, Y0)
	EIGHT(8(SI), 32(DI), Y4, Y1)
	EIGHT(16(SI), 64(DI), Y5, Y2)
	ADDQ $24, SI
	ADDQ $96, DI
	DECQ CX
	JNZ  group

	// The 24 sums are of red, green and blue in turn, and so are those of both halves.
	VEXTRACTI128 $1, Y0, X3
	VEXTRACTI128 $1, Y1, X4
	VEXTRACTI128 $1, Y2, X5
	VPADDD X4, X0, X0 // R G B R
	VPADDD X2, X3, X3 // G B R G
	VPADDD X5, X1, X1 // B R G B

	VPUNPCKHDQ X3, X0, X4
	VPUNPCKHDQ X1, X1, X5
	VPUNPCKHQDQ X5, X4, X4 // the last of each: R G B
	VPSHUFD $0xd2, X3, X3 // 2 0 1 3
	VPSHUFD $0xc9, X1, X1 // 1 2 0 3
	VPADDD X3, X0, X0
	VPADDD X1, X4, X4
	VPADDD X4, X0, X0

	ROUND(X6)
	VPADDD X6, X0, X0
	VPSRAD $22, X0, X0
	VPACKSSDW X0, X0, X0
	VPACKUSWB X0, X0, X0
	VMOVD X0, AX
	VZEROUPPER
	MOVL AX, ret+24(FP)
	RET

// func weighRows(rows *byte, width int, weights *int32, n int, out *byte, blocks int)
TEXT ·weighRows(SB), NOSPLIT, $0-48
	MOVQ rows+0(FP), SI
	MOVQ width+8(FP), R8
	MOVQ weights+16(FP), DI
	MOVQ n+24(FP), R9
	MOVQ out+32(FP), DX
	MOVQ blocks+40(FP), R10
	ROUND(Y6)

block:
	VMOVDQA Y6, Y0
	VMOVDQA Y6, Y1
	MOVQ SI, R11
	MOVQ DI, R12
	MOVQ R9, CX

row:
	VPBROADCASTD (R12), Y2
	EIGHT(0(R11), Y2, Y3, Y0)
	EIGHT(8(R11), Y2, Y4, Y1)
	ADDQ R8, R11
	ADDQ $4, R12
	DECQ CX
	JNZ  row

	VPSRAD $22, Y0, Y0
	VPSRAD $22, Y1, Y1
	VPACKSSDW Y1, Y0, Y0
	VPERMQ $0xd8, Y0, Y0 // the lanes were packed each for itself
	VEXTRACTI128 $1, Y0, X1
	VPACKUSWB X1, X0, X0
	VMOVDQU X0, (DX)
	ADDQ $16, SI
	ADDQ $16, DX
	DECQ R10
	JNZ  block

	VZEROUPPER
	RET
