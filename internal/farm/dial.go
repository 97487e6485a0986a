package farm

import (
	"context"
	"errors"

	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"

	"pentimento/internal/edit"
)

// dial reaches the server and sees that the namespace is there.
func dial(ctx context.Context, a Address) (client.Client, error) {
	c, err := client.DialContext(ctx, client.Options{HostPort: a.HostPort, Namespace: a.Namespace, Logger: quiet{}})
	if err != nil {
		return nil, unreached(ctx, a, err)
	}
	_, err = c.WorkflowService().DescribeNamespace(ctx, &workflowservice.DescribeNamespaceRequest{Namespace: a.Namespace})
	if err == nil {
		return c, nil
	}
	c.Close()
	var none *serviceerror.NamespaceNotFound
	if errors.As(err, &none) {
		return nil, &edit.UserError{
			Msg:  "the Temporal server at " + a.HostPort + " has no namespace " + a.Namespace,
			Hint: "make it: temporal operator namespace create --address " + a.HostPort + " " + a.Namespace,
		}
	}
	return nil, unreached(ctx, a, err)
}

// unreached says that the server does not answer.
func unreached(ctx context.Context, a Address, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return &edit.UserError{
		Msg: "the Temporal server at " + a.HostPort + " does not answer", Err: err,
		Hint: "start one: temporal server start-dev --db-filename batch.db; or leave out --engine to work on this machine",
	}
}

// quiet drops what the SDK would log: what matters comes as an error.
type quiet struct{}

// Debug implements log.Logger.
func (quiet) Debug(string, ...any) {}

// Info implements log.Logger.
func (quiet) Info(string, ...any) {}

// Warn implements log.Logger.
func (quiet) Warn(string, ...any) {}

// Error implements log.Logger.
func (quiet) Error(string, ...any) {}
