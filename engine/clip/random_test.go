package clip

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/vlmchat/vlmchat/models/safetensors"
)

// hashed makes n numbers of 64 bits: splitmix64 from a seed that is FNV-1a of a text. The
// script that made the references does the same, as in all that follows here.
func hashed(seed string, n int) []uint64 {
	h := uint64(0xCBF29CE484222325)
	for _, b := range []byte(seed) {
		h = (h ^ uint64(b)) * 0x100000001B3
	}
	numbers := make([]uint64, n)
	for i := range numbers {
		h += 0x9E3779B97F4A7C15
		z := (h ^ h>>30) * 0xBF58476D1CE4E5B9
		z = (z ^ z>>27) * 0x94D049BB133111EB
		numbers[i] = z ^ z>>31
	}
	return numbers
}

// randomWeight makes a tensor of a checkpoint.
func randomWeight(name string, shape []int) []float32 {
	n, fan := 1, 1
	for i, side := range shape {
		n *= side
		if i > 0 {
			fan *= side
		}
	}
	values := make([]float32, n)
	for i, h := range hashed(name, n) {
		u := float32(h>>40)/(1<<23) - 1
		switch {
		case name == "logit_scale":
			u = 3
		case name == "logit_bias":
			u = -2.5
		case strings.Contains(name, "norm") && strings.HasSuffix(name, "weight"):
			u = 1 + float32(0.5*u)
		case len(shape) < 2:
			u *= 0.5
		case !strings.Contains(name, "patch") && strings.Contains(name, "embedding") || strings.Contains(name, "probe"):
		default:
			u *= float32(1.5 * math.Sqrt(3/float64(fan)))
		}
		values[i] = u
	}
	return values
}

func randomPicture(name string, i, size int) []byte {
	var picture []byte
	for _, h := range hashed(fmt.Sprintf("%s picture %d", name, i), 3*size*size) {
		picture = append(picture, byte(h>>56))
	}
	return picture
}

func randomText(name string, i, n, vocabulary int) []int32 {
	text := []int32{int32(vocabulary - 3)}
	for _, h := range hashed(fmt.Sprintf("%s text %d", name, i), n) {
		text = append(text, int32(h%uint64(vocabulary-4)))
	}
	return append(text, int32(vocabulary-2))
}

// writeWeights writes a model.safetensors of random tensors, with what change makes of
// each one's values.
func writeWeights(t testing.TB, dir string, tensors map[string][]int, kind safetensors.Type, change func(name string, values []float32)) {
	t.Helper()
	header := map[string]any{}
	var data []byte
	for _, name := range slices.Sorted(maps.Keys(tensors)) {
		values := randomWeight(name, tensors[name])
		if change != nil {
			change(name, values)
		}
		start := len(data)
		for _, v := range values {
			switch kind {
			case safetensors.F32:
				data = binary.LittleEndian.AppendUint32(data, math.Float32bits(v))
			case safetensors.F16:
				data = binary.LittleEndian.AppendUint16(data, toHalf(v))
			case safetensors.BF16:
				bits := math.Float32bits(v)
				data = binary.LittleEndian.AppendUint16(data, uint16((bits+0x7fff+bits>>16&1)>>16))
			}
		}
		header[name] = map[string]any{"dtype": kind, "shape": append([]int{}, tensors[name]...), "data_offsets": []int{start, len(data)}}
	}
	text, err := json.Marshal(header)
	if err != nil {
		t.Fatal(err)
	}
	for len(text)%8 != 0 {
		text = append(text, ' ')
	}
	file := append(binary.LittleEndian.AppendUint64(nil, uint64(len(text))), text...)
	if err := os.WriteFile(filepath.Join(dir, "model.safetensors"), append(file, data...), 0o600); err != nil {
		t.Fatal(err)
	}
}

// toHalf rounds a number of moderate size to half precision, the nearest, ties to even.
func toHalf(v float32) uint16 {
	bits := math.Float32bits(v)
	sign := uint16(bits >> 31 << 15)
	if a := math.Abs(float64(v)); a < 1.0/(1<<14) {
		return sign | uint16(math.RoundToEven(a*(1<<24)))
	}
	exponent := bits>>23&0xff - 127 + 15
	return sign | uint16((exponent<<23|bits&0x7fffff)>>13) + roundUp(bits)
}

// roundUp is what rounding adds to a half's last bit.
func roundUp(bits uint32) uint16 {
	rest, odd := bits&0x1fff, bits>>13&1
	if rest > 0x1000 || rest == 0x1000 && odd == 1 {
		return 1
	}
	return 0
}
