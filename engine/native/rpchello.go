package native

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/vlmchat/vlmchat/engine"
)

// llama.cpp ends its process when an RPC server does not answer as it should, so
// each server is greeted from here before llama.cpp hears of it. The greeting is
// the protocol's own, of ggml/src/ggml-rpc/ggml-rpc.cpp:
//
//	request:  command (1 byte, 14 is HELLO), length (8 bytes, little-endian), payload
//	response: length (8 bytes), payload: major, minor and patch of the version, ...
//
// A HELLO has a payload of 24 bytes, what transports the client has besides TCP
// (zeros: none); up to version 3 of the protocol it had none. A server that meets
// the form that it does not know hangs up.

const (
	rpcHello        = 14
	rpcCapabilities = 24

	// rpcPatience is how long a server may take to accept a connection, and
	// then to answer. It does either at once, unless it serves somebody else.
	rpcPatience = 5 * time.Second
)

// rpcGreeting is what an RPC server tells of itself.
type rpcGreeting struct {
	endpoint string // as it was named
	address  string // IPv4 address and port that answered
	version  string // of the protocol, such as "7.0.0"
}

// errRPCSilent is the failure of a server that accepts a connection and then says
// nothing: what a server does that serves somebody else.
var errRPCSilent = errors.New("no answer")

// greetAll greets the RPC servers at once, and returns the errors of those that
// can't be used.
func greetAll(ctx context.Context, endpoints []string, patience time.Duration) ([]rpcGreeting, []*engine.Error) {
	greetings := make([]rpcGreeting, len(endpoints))
	failures := make([]*engine.Error, len(endpoints))
	var wg sync.WaitGroup
	for i, endpoint := range endpoints {
		wg.Go(func() { greetings[i], failures[i] = greet(ctx, endpoint, patience) })
	}
	wg.Wait()
	return greetings, slices.DeleteFunc(failures, func(e *engine.Error) bool { return e == nil })
}

// joinFailures makes one error of at least one.
func joinFailures(failures []*engine.Error) *engine.Error {
	all := *failures[0]
	for _, e := range failures[1:] {
		all.Message += "; " + e.Message
	}
	return &all
}

// greet finds out which version of the protocol the RPC server at endpoint
// speaks. The error names it.
func greet(ctx context.Context, endpoint string, patience time.Duration) (rpcGreeting, *engine.Error) {
	g := rpcGreeting{endpoint: endpoint}
	var err error
	for _, payload := range []int{rpcCapabilities, 0} {
		var response []byte
		g.address, response, err = sayHello(ctx, endpoint, payload, patience)
		if err == nil {
			if g.version, err = readHello(response); err != nil {
				return g, rpcUnusable(endpoint, err)
			}
			return g, nil
		}
		if !errors.Is(err, io.EOF) {
			break
		}
	}
	return g, rpcUnusable(endpoint, err)
}

// sayHello sends a HELLO with a payload of so many zeros and returns who
// answered, and the answer's beginning. A server that hangs up is io.EOF.
func sayHello(ctx context.Context, endpoint string, payload int, patience time.Duration) (address string, response []byte, err error) {
	dialing, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	// llama.cpp's own client knows IPv4 only.
	conn, err := new(net.Dialer).DialContext(dialing, "tcp4", endpoint)
	if err != nil {
		return "", nil, err
	}
	defer conn.Close()
	stop := context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	_ = conn.SetDeadline(time.Now().Add(patience))
	hello := append([]byte{rpcHello}, binary.LittleEndian.AppendUint64(nil, uint64(payload))...)
	_, err = conn.Write(append(hello, make([]byte, payload)...))
	if err == nil {
		// Nothing more follows, which an RPC server minds as little as the end
		// of the connection, and which ends the wait of others.
		_ = conn.(*net.TCPConn).CloseWrite()
		response, err = readAnswer(conn)
	}
	var timeout net.Error
	switch {
	case ctx.Err() != nil:
		err = ctx.Err()
	case errors.As(err, &timeout) && timeout.Timeout():
		err = errRPCSilent
	case err != nil:
		err = io.EOF // whether it closed or reset the connection
	}
	return conn.RemoteAddr().String(), response, err
}

// readAnswer reads the beginning of an answer, at least a version's length of it.
func readAnswer(r io.Reader) ([]byte, error) {
	answer := make([]byte, 8+3)
	n, err := io.ReadFull(r, answer)
	if n > 0 {
		err = nil
	}
	return answer[:n], err
}

// readHello takes the version out of the answer to a HELLO.
func readHello(answer []byte) (version string, err error) {
	const longest = 1 << 10 // of a HELLO's payload, in versions to come
	if len(answer) == 8+3 {
		if length := binary.LittleEndian.Uint64(answer); length >= 3 && length <= longest {
			return fmt.Sprintf("%d.%d.%d", answer[8], answer[9], answer[10]), nil
		}
	}
	text := bytes.TrimRight(answer, "\r\n")
	for _, b := range text {
		if b < ' ' || b > '~' {
			return "", errForeign("it answers in another way")
		}
	}
	return "", errForeign("it answers " + strconv.Quote(string(text)))
}

// errForeign is the answer of something that is no RPC server.
type errForeign string

func (e errForeign) Error() string { return string(e) }

// rpcUnusable tells why an RPC server can't be used.
func rpcUnusable(endpoint string, err error) *engine.Error {
	e := &engine.Error{Kind: engine.Unreachable, Err: err}
	var foreign errForeign
	var name *net.DNSError
	switch {
	case errors.Is(err, context.Canceled):
		e.Kind, e.Message = engine.Cancelled, "cancelled"
	case errors.Is(err, errRPCSilent):
		e.Message = fmt.Sprintf("the RPC server %s accepts connections and does not answer: it serves one client at a time, and somebody else uses it", endpoint)
		e.Hint = "end that use (another vlmchat holds it for its --keep-alive), or leave the server out of --rpc"
	case errors.Is(err, io.EOF):
		e.Message = fmt.Sprintf("the RPC server %s hangs up without an answer: it is no RPC server of llama.cpp, or a tunnel that leads to none", endpoint)
		e.Hint = rpcStartHint(endpoint)
	case errors.As(err, &foreign):
		e.Message = fmt.Sprintf("what listens at %s is no RPC server of llama.cpp: %v", endpoint, err)
		e.Hint = "name the address and the port of llama.cpp's RPC server (ggml-rpc-server; its port is 50052 unless it was told otherwise)"
	case errors.As(err, &name):
		e.Message = fmt.Sprintf("the RPC server %s can't be reached: %s", endpoint, name.Err)
		e.Hint = "check the name, or give the machine's IPv4 address in its place"
	default:
		e.Message = fmt.Sprintf("the RPC server %s can't be reached: %s", endpoint, dialReason(err))
		e.Hint = rpcStartHint(endpoint)
	}
	return e
}

// dialReason is what a failed connection comes down to.
func dialReason(err error) string {
	var network *net.OpError
	var call *os.SyscallError
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return "no answer"
	case errors.As(err, &call):
		return call.Err.Error()
	case errors.As(err, &network):
		return network.Err.Error()
	}
	return err.Error()
}

// rpcStartHint says how to bring up a server.
func rpcStartHint(endpoint string) string {
	_, port, _ := net.SplitHostPort(endpoint)
	return fmt.Sprintf("start llama.cpp's RPC server there (ggml-rpc-server, in older builds rpc-server, with --port %s) and ask again, or leave it out of --rpc", port)
}
