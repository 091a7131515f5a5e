#include "textflag.h"

// What Go's assembler has no names for, by its encoding.

// LOW is FCVTL Vd.4S, Vn.4H: the lower four of eight halves as floats.
#define LOW(n, d) WORD $(0x0E217800 | (n)<<5 | (d))

// HIGH is FCVTL2 Vd.4S, Vn.8H: the upper four.
#define HIGH(n, d) WORD $(0x4E217800 | (n)<<5 | (d))

// PAIRS is FADDP Vd.4S, Vn.4S, Vm.4S: the sums of neighbours in n, then of those in m.
#define PAIRS(m, n, d) WORD $(0x6E20D400 | (m)<<16 | (n)<<5 | (d))

// ADD is FADD Vd.4S, Vn.4S, Vm.4S.
#define ADD(m, n, d) WORD $(0x4E20D400 | (m)<<16 | (n)<<5 | (d))

// CLEAR makes the eight accumulators zero. Each is two registers: lanes 0 to 3 of the first
// are in V0, 4 to 7 in V8, of the second in V1 and V9, and so on.
#define CLEAR \
	VEOR V0.B16, V0.B16, V0.B16 \
	VEOR V1.B16, V1.B16, V1.B16 \
	VEOR V2.B16, V2.B16, V2.B16 \
	VEOR V3.B16, V3.B16, V3.B16 \
	VEOR V4.B16, V4.B16, V4.B16 \
	VEOR V5.B16, V5.B16, V5.B16 \
	VEOR V6.B16, V6.B16, V6.B16 \
	VEOR V7.B16, V7.B16, V7.B16 \
	VEOR V8.B16, V8.B16, V8.B16 \
	VEOR V9.B16, V9.B16, V9.B16 \
	VEOR V10.B16, V10.B16, V10.B16 \
	VEOR V11.B16, V11.B16, V11.B16 \
	VEOR V12.B16, V12.B16, V12.B16 \
	VEOR V13.B16, V13.B16, V13.B16 \
	VEOR V14.B16, V14.B16, V14.B16 \
	VEOR V15.B16, V15.B16, V15.B16

// STORE sums up the lanes of each accumulator, neighbours first, and writes the sums to out.
#define STORE(out) \
	PAIRS(1, 0, 0) \
	PAIRS(3, 2, 2) \
	PAIRS(5, 4, 4) \
	PAIRS(7, 6, 6) \
	PAIRS(9, 8, 8) \
	PAIRS(11, 10, 10) \
	PAIRS(13, 12, 12) \
	PAIRS(15, 14, 14) \
	PAIRS(2, 0, 0) \
	PAIRS(6, 4, 4) \
	PAIRS(10, 8, 8) \
	PAIRS(14, 12, 12) \
	ADD(8, 0, 0) \
	ADD(12, 4, 1) \
	VST1 [V0.S4, V1.S4], (out)

// ROW multiplies eight values of a row with those of the query in V16 and V17.
#define ROW(row, low, high) \
	VLD1.P 16(row), [V18.H8] \
	LOW(18, 19) \
	HIGH(18, 20) \
	VFMLA V19.S4, V16.S4, low \
	VFMLA V20.S4, V17.S4, high

// func dotHalvesFast(query *float32, rows *[8]*byte, n int, out *[8]float32)
TEXT ·dotHalvesFast(SB), NOSPLIT, $0-32
	MOVD query+0(FP), R8
	MOVD rows+8(FP), R9
	MOVD n+16(FP), R10
	LDP  0(R9), (R0, R1)
	LDP  16(R9), (R2, R3)
	LDP  32(R9), (R4, R5)
	LDP  48(R9), (R6, R7)
	CLEAR

halves:
	VLD1.P 32(R8), [V16.S4, V17.S4]
	ROW(R0, V0.S4, V8.S4)
	ROW(R1, V1.S4, V9.S4)
	ROW(R2, V2.S4, V10.S4)
	ROW(R3, V3.S4, V11.S4)
	ROW(R4, V4.S4, V12.S4)
	ROW(R5, V5.S4, V13.S4)
	ROW(R6, V6.S4, V14.S4)
	ROW(R7, V7.S4, V15.S4)
	SUBS $8, R10
	BGT  halves

	MOVD out+24(FP), R9
	STORE(R9)
	RET

// FOUR multiplies eight values of one of b with those of both of a, in V16 to V19.
#define FOUR(row, low1, high1, low2, high2) \
	VLD1.P 32(row), [V20.S4, V21.S4] \
	VFMLA V20.S4, V16.S4, low1 \
	VFMLA V21.S4, V17.S4, high1 \
	VFMLA V20.S4, V18.S4, low2 \
	VFMLA V21.S4, V19.S4, high2

// func dotFloatsFast(a *[2]*float32, b *[4]*float32, n int, out *[8]float32)
TEXT ·dotFloatsFast(SB), NOSPLIT, $0-32
	MOVD a+0(FP), R9
	LDP  0(R9), (R0, R1)
	MOVD b+8(FP), R9
	LDP  0(R9), (R2, R3)
	LDP  16(R9), (R4, R5)
	MOVD n+16(FP), R10
	CLEAR

floats:
	VLD1.P 32(R0), [V16.S4, V17.S4]
	VLD1.P 32(R1), [V18.S4, V19.S4]
	FOUR(R2, V0.S4, V8.S4, V4.S4, V12.S4)
	FOUR(R3, V1.S4, V9.S4, V5.S4, V13.S4)
	FOUR(R4, V2.S4, V10.S4, V6.S4, V14.S4)
	FOUR(R5, V3.S4, V11.S4, V7.S4, V15.S4)
	SUBS $8, R10
	BGT  floats

	MOVD out+24(FP), R9
	STORE(R9)
	RET

// func decodeHalvesFast(halves *byte, n int, out *float32)
TEXT ·decodeHalvesFast(SB), NOSPLIT, $0-24
	MOVD halves+0(FP), R0
	MOVD n+8(FP), R1
	MOVD out+16(FP), R2

decode:
	VLD1.P 16(R0), [V0.H8]
	LOW(0, 1)
	HIGH(0, 2)
	VST1.P [V1.S4, V2.S4], 32(R2)
	SUBS $8, R1
	BGT  decode
	RET
