package main

import (
	"context"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/vlmchat/vlmchat/bench/measure"
)

// startPeer starts a process of Python that has the vectors in memory, as numpy likes them
// best.
func startPeer(ctx context.Context, path string, rows, dimensions int) (*measure.Process, error) {
	return measure.StartProcess(ctx, nil, measure.Python(), "bench/search/peers/product.py", path, strconv.Itoa(rows), strconv.Itoa(dimensions))
}

// cost is what a search took, and the rows that it found for the first query.
type cost struct {
	clock, processor time.Duration
	rows             []int
}

// multiply has the matrix of all vectors multiplied with queries. Finding the best of the
// products is not timed.
func multiply(p *measure.Process, queries [][]float32, k int) (c cost, err error) {
	var b []byte
	for _, q := range queries {
		for _, x := range q {
			b = binary.LittleEndian.AppendUint32(b, math.Float32bits(x))
		}
	}
	answer, err := p.Ask(fmt.Sprint(k, " ", base64.StdEncoding.EncodeToString(b)))
	if err != nil {
		return c, err
	}
	fields := strings.Fields(answer)
	numbers := make([]int, len(fields))
	for i, f := range fields {
		if numbers[i], err = strconv.Atoi(f); err != nil {
			return c, fmt.Errorf("numpy's process says %q: %w", answer, err)
		}
	}
	if len(numbers) != 2+k {
		return c, fmt.Errorf("numpy's process says %q", answer)
	}
	return cost{time.Duration(numbers[0]), time.Duration(numbers[1]), numbers[2:]}, nil
}
