package farm

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"strings"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"

	"pentimento/internal/batch"
	"pentimento/internal/edit"
)

// bucket is a Storage in a bucket of S3, or of a service that speaks as S3 does. Requests that a server is too busy for
// are repeated by the library, ten times within some seconds; an object is put by one request, so that no part of one
// is ever there.
type bucket struct {
	core           minio.Core
	name, prefix   string // prefix is empty or ends with a slash
	endpoint       string
	known          credentials.Value // what no message may hold
	region, source string            // where they come from, for hints
}

// KeysError says that a bucket's keys are missing or refused.
type KeysError struct{ *edit.UserError }

// Unwrap gives errors.As the error for a person.
func (e *KeysError) Unwrap() error { return e.UserError }

// amazon is where buckets are that no endpoint is named for.
const amazon = "https://s3.amazonaws.com"

// openBucket reads s3://BUCKET/PREFIX, and from the environment what the tools of AWS read there.
func openBucket(ctx context.Context, address string, getenv func(string) string) (*bucket, error) {
	b, err := parseBucket(address)
	if err != nil {
		return nil, err
	}
	b.endpoint = first(getenv, "AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL")
	b.region = first(getenv, "AWS_REGION", "AWS_DEFAULT_REGION")
	if b.endpoint == "" {
		b.endpoint = amazon
	} else if b.region == "" {
		b.region = "us-east-1" // what services of others call theirs
	}
	u, err := url.Parse(b.endpoint)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" {
		return nil, &edit.UserError{Msg: "AWS_ENDPOINT_URL is no address of a server", Hint: "its form is https://HOST:PORT, without keys and without a path"}
	}
	b.endpoint = u.Scheme + "://" + u.Host
	keys, err := b.keys(getenv)
	if err != nil {
		return nil, err
	}
	client, err := minio.New(u.Host, &minio.Options{Creds: keys, Secure: u.Scheme == "https", Region: b.region})
	if err != nil {
		return nil, b.fault("", err)
	}
	b.core = minio.Core{Client: client}
	if err := b.Put(ctx, "README", contentOf([]byte(readme))); err != nil {
		return nil, b.unopened(err)
	}
	if _, err := b.Stat(ctx, "README"); err != nil {
		return nil, b.unopened(err)
	}
	return b, nil
}

// parseBucket reads an address.
func parseBucket(address string) (*bucket, error) {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.User != nil || u.Port() != "" || u.RawQuery != "" || u.Fragment != "" {
		return nil, &edit.UserError{Msg: "the storage's address is none of a bucket", Hint: "its form is s3://BUCKET/PREFIX; keys and the server are read from the environment (docs/batch.md)"}
	}
	b := &bucket{name: u.Host, prefix: strings.Trim(u.Path, "/")}
	if b.prefix != "" {
		b.prefix += "/"
	}
	return b, nil
}

// first is the first variable that is set.
func first(getenv func(string) string, names ...string) string {
	for _, name := range names {
		if v := getenv(name); v != "" {
			return v
		}
	}
	return ""
}

// keys are the environment's, or those of the files that the tools of AWS keep.
func (b *bucket) keys(getenv func(string) string) (*credentials.Credentials, error) {
	id, secret := getenv("AWS_ACCESS_KEY_ID"), getenv("AWS_SECRET_ACCESS_KEY")
	keys := credentials.NewStaticV4(id, secret, getenv("AWS_SESSION_TOKEN"))
	b.source = "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
	if id == "" || secret == "" {
		keys = credentials.NewFileAWSCredentials(getenv("AWS_SHARED_CREDENTIALS_FILE"), getenv("AWS_PROFILE"))
		b.source = "the AWS credentials file"
	}
	v, err := keys.GetWithContext(&credentials.CredContext{Client: http.DefaultClient})
	if err != nil || v.AccessKeyID == "" || v.SecretAccessKey == "" {
		return nil, &KeysError{&edit.UserError{
			Msg:  "there are no keys for the bucket " + b.String(),
			Hint: "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE for a profile of ~/.aws/credentials",
		}}
	}
	b.known = v
	return keys, nil
}

// String implements fmt.Stringer.
func (b *bucket) String() string { return strings.TrimSuffix(bucketScheme+b.name+"/"+b.prefix, "/") }

// Stat implements Storage.
func (b *bucket) Stat(ctx context.Context, name string) (Object, error) {
	o, err := b.core.StatObject(ctx, b.name, b.prefix+name, minio.StatObjectOptions{})
	if err != nil {
		return Object{}, b.fault(name, err)
	}
	return Object{name, o.Size, o.LastModified}, nil
}

// Get implements Storage.
func (b *bucket) Get(ctx context.Context, name string) (io.ReadCloser, error) {
	body, _, _, err := b.core.GetObject(ctx, b.name, b.prefix+name, minio.GetObjectOptions{})
	if err != nil {
		return nil, b.fault(name, err)
	}
	return &object{body, b, name}, nil
}

// object is one that is read: an end before its last byte is the storage's fault.
type object struct {
	io.ReadCloser
	from *bucket
	name string
}

// Read implements io.Reader.
func (o *object) Read(p []byte) (int, error) {
	n, err := o.ReadCloser.Read(p)
	if err != nil && err != io.EOF { //nolint:errorlint // a reader's end is io.EOF itself
		err = o.from.fault(o.name, err)
	}
	return n, err
}

// Put implements Storage. The server is told the hash, and refuses other bytes.
func (b *bucket) Put(ctx context.Context, name string, c Content) error {
	body := struct{ io.ReadSeeker }{c.From} // the library would close a file
	if _, err := body.Seek(0, io.SeekStart); err != nil {
		return err
	}
	_, err := b.core.PutObject(ctx, b.name, b.prefix+name, body, c.Size, "", c.Sum, minio.PutObjectOptions{
		ContentType: "application/octet-stream", DisableContentSha256: true, // it is known already
	})
	switch minio.ToErrorResponse(err).Code {
	case "XAmzContentSHA256Mismatch", "XAmzContentChecksumMismatch", "BadDigest":
		return errChanged
	}
	return b.fault(name, err)
}

// List implements Storage.
func (b *bucket) List(ctx context.Context, folder string, tell func(Object) error) error {
	for o := range b.core.ListObjectsIter(ctx, b.name, minio.ListObjectsOptions{Prefix: b.prefix + folder, Recursive: true}) {
		if o.Err != nil {
			return b.fault(folder, o.Err)
		}
		if err := tell(Object{strings.TrimPrefix(o.Key, b.prefix), o.Size, o.LastModified}); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// Remove implements Storage.
func (b *bucket) Remove(ctx context.Context, name string) error {
	return b.fault(name, b.core.RemoveObject(ctx, b.name, b.prefix+name, minio.RemoveObjectOptions{}))
}

// fault words a request's failure: what a person must mend, what is not there, and what may pass.
func (b *bucket) fault(name string, err error) error {
	if err == nil || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	var answer minio.ErrorResponse
	if !errors.As(err, &answer) {
		return &batch.Failure{Msg: b.String() + ": " + b.plain(err.Error()), Class: batch.Retryable} // it was not answered
	}
	words := b.plain(strings.TrimSpace(answer.Code + " " + answer.Message))
	switch {
	case answer.Code == minio.NoSuchKey:
		return fmt.Errorf("%s/%s: %w", b, name, fs.ErrNotExist)
	case answer.Code == minio.NoSuchBucket:
		return &edit.UserError{Msg: "there is no bucket " + b.name + " at " + b.endpoint, Hint: "make it, or name another by --storage"}
	case answer.StatusCode == http.StatusUnauthorized, answer.StatusCode == http.StatusForbidden:
		return &KeysError{&edit.UserError{
			Msg:  b.endpoint + " refused the keys for " + b.String() + ": " + words,
			Hint: "they come from " + b.source + "; they must allow to list the bucket, and to get, put and delete its objects",
		}}
	case answer.StatusCode == http.StatusMovedPermanently, answer.Code == minio.AuthorizationHeaderMalformed, answer.Code == minio.InvalidRegion:
		return &edit.UserError{Msg: b.String() + " is in another region than " + b.region + ": " + words, Hint: "set AWS_REGION to the bucket's region"}
	case answer.StatusCode >= 500, answer.StatusCode == http.StatusTooManyRequests, answer.StatusCode == http.StatusRequestTimeout:
		return &batch.Failure{Msg: b.String() + ": " + words, Class: batch.Retryable}
	}
	return fmt.Errorf("%s/%s: %s", b, name, words)
}

// plain is a text without keys, whatever a server wrote into it.
func (b *bucket) plain(text string) string {
	for _, key := range []string{b.known.SecretAccessKey, b.known.SessionToken, b.known.AccessKeyID} {
		if key != "" {
			text = strings.ReplaceAll(text, key, "(key)")
		}
	}
	return text
}

// unopened words why a bucket cannot be opened.
func (b *bucket) unopened(err error) error {
	var told *edit.UserError
	if errors.As(err, &told) || errors.Is(err, context.Canceled) {
		return err
	}
	return &edit.UserError{Msg: "the storage " + b.String() + " at " + b.endpoint + " cannot be used", Err: err, Hint: "is the address right (AWS_ENDPOINT_URL), and does the server run?"}
}
