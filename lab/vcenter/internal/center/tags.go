package center

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"

	"github.com/vmware/govmomi/vapi/rest"
	"github.com/vmware/govmomi/vapi/tags"
	"github.com/vmware/govmomi/vim25"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/soap"
)

// inside answers HTTP requests without a network: the program is its own first client.
type inside struct{ handler http.Handler }

func (i inside) RoundTrip(request *http.Request) (*http.Response, error) {
	recorder := httptest.NewRecorder()
	i.handler.ServeHTTP(recorder, request)
	return recorder.Result(), nil
}

// seedREST makes what the REST interface alone has a way in for.
func (c *Center) seedREST() error {
	ctx := context.Background()
	client := soap.NewClient(&url.URL{Scheme: "http", Host: c.options.Listen, Path: "/sdk"}, true)
	client.Client.Transport = inside{c.service.ServeMux}
	vim := &vim25.Client{Client: client, RoundTripper: client, ServiceContent: c.model.ServiceContent}
	session := rest.NewClient(vim)
	session.Transport = inside{c.service.ServeMux}
	if err := session.Login(ctx, url.UserPassword(c.options.Username, c.options.Password)); err != nil {
		return err
	}
	if err := c.seedTags(ctx, session); err != nil {
		return err
	}
	if err := c.seedLibraries(ctx, session); err != nil {
		return err
	}
	return session.Logout(ctx)
}

// seedTags makes categories and tags, and attaches them.
func (c *Center) seedTags(ctx context.Context, session *rest.Client) error {
	manager := tags.NewManager(session)
	ids := map[string]string{}
	for _, category := range c.estate.TagCategories {
		id, err := manager.CreateCategory(ctx, &tags.Category{
			Name: category.Name, Cardinality: strings.ToUpper(category.Cardinality), AssociableTypes: []string{"VirtualMachine"},
		})
		if err != nil {
			return err
		}
		for _, tag := range category.Tags {
			if ids[tag], err = manager.CreateTag(ctx, &tags.Tag{Name: tag, CategoryID: id}); err != nil {
				return err
			}
		}
	}
	with := map[string][]mo.Reference{}
	seeded := map[string][]string{}
	for _, g := range c.estate.Guests {
		seeded[g.Name] = g.Tags
	}
	for _, m := range c.all() {
		for _, tag := range seeded[m.Seeded] {
			with[tag] = append(with[tag], m.ref)
		}
	}
	for tag, objects := range with {
		if err := manager.AttachTagToMultipleObjects(ctx, ids[tag], objects); err != nil {
			return err
		}
	}
	return nil
}
