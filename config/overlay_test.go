package config

import "testing"

func TestChooseAndReset(t *testing.T) {
	c, err := load(t, "model = 'of the file'\nbase_url = 'http://x'", map[string]string{BaseURL: "http://y"})
	if err != nil {
		t.Fatal(err)
	}
	c.Choose(Model, "chosen", "/model")
	if v := c[Model]; v.Text != "chosen" || v.Origin != "/model" || c.From(InFile).String(Model) != "of the file" {
		t.Errorf("the model is %+v", v)
	}
	c.Reset(BaseURL, TopP)
	if v := c[BaseURL]; v.Text != "" || v.Place != InDefault || c.From(InFile).String(BaseURL) != "" {
		t.Errorf("the base URL is %+v", v)
	}
	if c.String(TopP) != "0.9" || c.String(Model) != "chosen" {
		t.Errorf("top-p is %s, the model %s", c.String(TopP), c.String(Model))
	}
}
