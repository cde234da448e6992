// Command vcenter plays a vCenter for Landfall's lab and its component tests.
package main

import (
	"context"
	"crypto/tls"
	"errors"
	"flag"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"landfall/lab/vcenter/internal/center"
	"landfall/lab/vcenter/internal/estate"
	"landfall/lab/vcenter/internal/podman"
)

type flags struct {
	estate, listen, control, cert, key, username, readonly, passwordFile, state string
	imageTemplate, imageGuest, authorizedKeys, network                          string
	noContainers                                                                bool
	atOnce                                                                      int
}

func main() {
	log.SetFlags(log.Ltime | log.Lmicroseconds)
	var f flags
	flag.StringVar(&f.estate, "estate", "lab/estate.yml", "what exists at the start")
	flag.StringVar(&f.listen, "listen", "127.0.0.1:8989", "address of the SDK")
	flag.StringVar(&f.control, "control", "127.0.0.1:8990", "address of the control port; plain HTTP")
	flag.StringVar(&f.cert, "tls-cert", "", "certificate file")
	flag.StringVar(&f.key, "tls-key", "", "key file of the certificate")
	flag.StringVar(&f.username, "username", "administrator@vsphere.local", "the user who may do anything")
	flag.StringVar(&f.readonly, "readonly-username", "readonly@vsphere.local", "a user with the same password who may only look")
	flag.StringVar(&f.passwordFile, "password-file", "", "file with the password")
	flag.StringVar(&f.state, "state", "", "directory for what changes; empty: nothing is kept")
	flag.BoolVar(&f.noContainers, "no-containers", false, "no VM has a container behind it")
	flag.StringVar(&f.imageTemplate, "image-template", "localhost/landfall/node:latest", "image of clones of the template")
	flag.StringVar(&f.imageGuest, "image-guest", "localhost/landfall/guest-%s:latest", "image of a live guest")
	flag.StringVar(&f.authorizedKeys, "authorized-keys", "", "public keys that user ops of each container accepts")
	flag.StringVar(&f.network, "network", "landfall", "podman network of the containers")
	flag.IntVar(&f.atOnce, "at-once", 3, "containers that start at the same time")
	flag.Parse()
	if err := run(f); err != nil {
		fmt.Fprintln(os.Stderr, "vcenter:", err)
		os.Exit(1)
	}
}

func run(f flags) error {
	begin := time.Now()
	options, err := f.options()
	if err != nil {
		return err
	}
	certificate, err := tls.LoadX509KeyPair(f.cert, f.key)
	if err != nil {
		return err
	}
	sdk, err := net.Listen("tcp", f.listen)
	if err != nil {
		return err
	}
	control, err := net.Listen("tcp", f.control)
	if err != nil {
		return err
	}
	options.Listen = sdk.Addr().String()
	c, err := center.New(options)
	if err != nil {
		return err
	}
	defer c.Close()
	log.Printf("%d guests in %s", len(options.Estate.Guests), time.Since(begin).Round(time.Millisecond))

	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	servers := []*http.Server{
		{Handler: c.Handler(), TLSConfig: &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12}},
		{Handler: c.Control()},
	}
	failed := make(chan error, 2)
	go func() { failed <- servers[0].ServeTLS(sdk, "", "") }()
	go func() { failed <- servers[1].Serve(control) }()
	go c.Run(ctx.Done())
	go c.Watch(ctx)
	go func() {
		if err := c.Reconcile(ctx, f.atOnce); err != nil {
			log.Printf("containers: %v", err)
		}
	}()
	log.Printf("https://%s/sdk, control http://%s", options.Listen, control.Addr())
	select {
	case err = <-failed:
	case <-ctx.Done():
	}
	for _, server := range servers {
		_ = server.Close()
	}
	c.Sync()
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

func (f flags) options() (center.Options, error) {
	options := center.Options{
		Username: f.username, ReadOnly: f.readonly, State: f.state, ImageTemplate: f.imageTemplate, ImageGuest: f.imageGuest,
		AuthorizedKeys: f.authorizedKeys,
	}
	password, err := os.ReadFile(f.passwordFile)
	if err != nil {
		return options, err
	}
	if options.Password = strings.TrimRight(string(password), "\n"); options.Password == "" {
		return options, fmt.Errorf("%s is empty", f.passwordFile)
	}
	if options.Estate, err = estate.Read(f.estate); err != nil {
		return options, err
	}
	if f.state != "" {
		if err := os.MkdirAll(f.state, 0o700); err != nil {
			return options, err
		}
	}
	if !f.noContainers {
		options.Podman = &podman.Client{Network: f.network}
		for _, guest := range options.Estate.Live() {
			options.Podman.Hosts = append(options.Podman.Hosts, guest.Name+":"+guest.Address)
		}
	}
	return options, nil
}
