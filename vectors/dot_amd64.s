#include "textflag.h"

// CLEAR makes the eight accumulators zero.
#define CLEAR \
	VXORPS Y0, Y0, Y0 \
	VXORPS Y1, Y1, Y1 \
	VXORPS Y2, Y2, Y2 \
	VXORPS Y3, Y3, Y3 \
	VXORPS Y4, Y4, Y4 \
	VXORPS Y5, Y5, Y5 \
	VXORPS Y6, Y6, Y6 \
	VXORPS Y7, Y7, Y7

// STORE sums up the lanes of each accumulator, neighbours first, and writes the sums to out.
#define STORE(out) \
	VHADDPS Y1, Y0, Y0 \
	VHADDPS Y3, Y2, Y2 \
	VHADDPS Y5, Y4, Y4 \
	VHADDPS Y7, Y6, Y6 \
	VHADDPS Y2, Y0, Y0 \
	VHADDPS Y6, Y4, Y4 \
	VEXTRACTF128 $1, Y0, X1 \
	VEXTRACTF128 $1, Y4, X5 \
	VADDPS X1, X0, X0 \
	VADDPS X5, X4, X4 \
	VMOVUPS X0, 0(out) \
	VMOVUPS X4, 16(out) \
	VZEROUPPER

// ROW multiplies eight values of a row with those of the query in Y8.
#define ROW(row, values, accumulator) \
	VCVTPH2PS (row)(R10*1), values \
	VFMADD231PS values, Y8, accumulator

// func dotHalvesFast(query *float32, rows *[8]*byte, n int, out *[8]float32)
TEXT ·dotHalvesFast(SB), NOSPLIT, $0-32
	MOVQ query+0(FP), R12
	MOVQ rows+8(FP), R11
	MOVQ n+16(FP), R13
	MOVQ 0(R11), AX
	MOVQ 8(R11), BX
	MOVQ 16(R11), CX
	MOVQ 24(R11), DX
	MOVQ 32(R11), SI
	MOVQ 40(R11), DI
	MOVQ 48(R11), R8
	MOVQ 56(R11), R9
	ADDQ R13, R13 // bytes of a row
	XORQ R10, R10
	CLEAR

halves:
	VMOVUPS (R12)(R10*2), Y8
	ROW(AX, Y9, Y0)
	ROW(BX, Y10, Y1)
	ROW(CX, Y11, Y2)
	ROW(DX, Y12, Y3)
	ROW(SI, Y13, Y4)
	ROW(DI, Y14, Y5)
	ROW(R8, Y9, Y6)
	ROW(R9, Y10, Y7)
	ADDQ $16, R10
	CMPQ R10, R13
	JLT  halves

	MOVQ out+24(FP), R11
	STORE(R11)
	RET

// FOUR multiplies eight values of one of b with those of both of a, in Y8 and Y9.
#define FOUR(row, values, first, second) \
	VMOVUPS (row)(R10*1), values \
	VFMADD231PS values, Y8, first \
	VFMADD231PS values, Y9, second

// func dotFloatsFast(a *[2]*float32, b *[4]*float32, n int, out *[8]float32)
TEXT ·dotFloatsFast(SB), NOSPLIT, $0-32
	MOVQ a+0(FP), R11
	MOVQ 0(R11), AX
	MOVQ 8(R11), BX
	MOVQ b+8(FP), R11
	MOVQ 0(R11), CX
	MOVQ 8(R11), DX
	MOVQ 16(R11), SI
	MOVQ 24(R11), DI
	MOVQ n+16(FP), R13
	SHLQ $2, R13 // bytes of a vector
	XORQ R10, R10
	CLEAR

floats:
	VMOVUPS (AX)(R10*1), Y8
	VMOVUPS (BX)(R10*1), Y9
	FOUR(CX, Y10, Y0, Y4)
	FOUR(DX, Y11, Y1, Y5)
	FOUR(SI, Y12, Y2, Y6)
	FOUR(DI, Y13, Y3, Y7)
	ADDQ $32, R10
	CMPQ R10, R13
	JLT  floats

	MOVQ out+24(FP), R11
	STORE(R11)
	RET

// func decodeHalvesFast(halves *byte, n int, out *float32)
TEXT ·decodeHalvesFast(SB), NOSPLIT, $0-24
	MOVQ halves+0(FP), SI
	MOVQ n+8(FP), CX
	MOVQ out+16(FP), DI

decode:
	VCVTPH2PS (SI), Y0
	VMOVUPS Y0, (DI)
	ADDQ $16, SI
	ADDQ $32, DI
	SUBQ $8, CX
	JGT  decode

	VZEROUPPER
	RET
