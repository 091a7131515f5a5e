package cli

import (
	"context"
	"sync"

	"github.com/vlmchat/vlmchat/config"
	"github.com/vlmchat/vlmchat/engine/native"
)

// checkRPC greets the RPC servers that the model is to be spread over.
func (d *doctor) checkRPC(ctx context.Context) []check {
	servers, err := native.ParseRPC(d.config.String(config.RPC))
	if !d.native() || err != nil || len(servers) == 0 {
		return nil // a list that is wrong has been told with the configuration
	}
	checks := make([]check, len(servers))
	var greeting sync.WaitGroup
	for i, server := range servers {
		greeting.Go(func() { checks[i] = greetServer(ctx, server) })
	}
	greeting.Wait()
	if native.LeavesMachine(servers) {
		checks[0].Details = append(checks[0].Details, rpcNotice)
	}
	return checks
}

func greetServer(ctx context.Context, server string) check {
	version, err := native.GreetRPC(ctx, server)
	if err != nil {
		return failure("rpc", "", err)
	}
	return fine("rpc", "%s answers, version %s of the protocol", server, version)
}
