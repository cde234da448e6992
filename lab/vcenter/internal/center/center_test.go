package center

import (
	"fmt"
	"testing"

	"landfall/lab/vcenter/internal/estate"
)

func start(t *testing.T, state string) *Center {
	t.Helper()
	description, err := estate.Read("../../../estate.yml")
	if err != nil {
		t.Fatal(err)
	}
	c, err := New(Options{Estate: description, Listen: "127.0.0.1:0", Username: "u", Password: "p", State: state})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func TestNumbers(t *testing.T) {
	c := start(t, "")
	for _, o := range c.registry.AllReference("") {
		r := o.Reference()
		if number(r.Value) > 217 {
			fmt.Println(r)
		}
	}
}
