package env

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"unicode/utf16"
)

// largestFile bounds what is read of a file: what belongs here is much smaller.
const largestFile = 4 << 20

// readFile reads a text. Its error does not have the file's name: what stands in
// place of it may be a secret.
func readFile(name string) (string, error) {
	data, err := readAtMost(name, largestFile)
	if fault, ok := errors.AsType[*fs.PathError](err); ok {
		err = fault.Err
	}
	if err != nil {
		return "", err
	}
	return text(data), nil
}

func readAtMost(name string, limit int64) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err == nil && int64(len(data)) > limit {
		err = fmt.Errorf("the file has more than %d bytes", limit)
	}
	return data, err
}

// text is what a file says, in UTF-8, or in UTF-16 with a byte order mark, as
// PowerShell writes it; without that mark.
func text(data []byte) string {
	var order binary.ByteOrder
	switch {
	case strings.HasPrefix(string(data), "\xff\xfe"):
		order = binary.LittleEndian
	case strings.HasPrefix(string(data), "\xfe\xff"):
		order = binary.BigEndian
	default:
		return strings.TrimPrefix(string(data), bom)
	}
	units := make([]uint16, 0, len(data)/2)
	for data = data[2:]; len(data) > 1; data = data[2:] {
		units = append(units, order.Uint16(data))
	}
	return string(utf16.Decode(units))
}

// readLine reads a file that has a secret and nothing else. what says which.
func readLine(file, what string) (string, error) {
	data, err := readFile(file)
	if err != nil {
		return "", fmt.Errorf("read %s: %w", what, err)
	}
	line := strings.TrimRight(data, "\r\n")
	if line == "" || strings.ContainsAny(line, "\r\n") {
		return "", fmt.Errorf("read %s: the file has not exactly one line; put %[1]s there, and nothing else", what)
	}
	return line, nil
}

func readAuthorities(file string) (*x509.CertPool, error) {
	data, err := readFile(file)
	if err != nil {
		return nil, fmt.Errorf("read the authorities' certificates: %w", err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM([]byte(data)) {
		return nil, errors.New("read the authorities' certificates: there is none in the file; give one in PEM, with -----BEGIN CERTIFICATE-----")
	}
	return pool, nil
}

// readCertificate reads the client's certificate. Its errors never say what is in
// the files.
func readCertificate(certFile, keyFile string) (*tls.Certificate, error) {
	cert, err := readFile(certFile)
	if err != nil {
		return nil, fmt.Errorf("read the client's certificate: %w", err)
	}
	key, err := readFile(keyFile)
	if err != nil {
		return nil, fmt.Errorf("read the key of the client's certificate: %w", err)
	}
	pair, err := tls.X509KeyPair([]byte(cert), []byte(key))
	switch {
	case err == nil:
		return &pair, nil
	case strings.Contains(key, "ENCRYPTED"):
		err = errors.New("the key is encrypted; give one without a passphrase, in a file that only this program's user may read")
	}
	return nil, fmt.Errorf("read the client's certificate and its key, %s: %w", shown(keyFileVar, keyFile), err)
}

// secret returns what to ask for a secret that is needed, and is in a variable, or in
// the file that another one names; nil if there is none.
func (e *environment) secret(name, what, by string) func() (string, error) {
	// It may well begin or end with a space.
	value, file := strings.TrimPrefix(e.getenv(name), bom), e.get(name+fileSuffix)
	switch {
	case value != "" && file != "":
		e.refuse(name+fileSuffix, "%s is set too; set one of the two", name)
		return nil
	case value != "":
		return func() (string, error) { return value, nil }
	case file == "":
		e.demand(name, "%s needs it; set it, or %s to a file that has it", by, name+fileSuffix)
		return nil
	}
	read := func() (string, error) { return readLine(file, what) }
	if _, err := read(); err != nil {
		e.refuse(name+fileSuffix, "%v", err)
		return nil
	}
	return read
}
