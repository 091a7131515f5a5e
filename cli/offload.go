package cli

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/vlmchat/vlmchat/config"
	"github.com/vlmchat/vlmchat/engine/native"
)

// setCompute reads the settings that say where and how the native engine
// computes. What depends on the devices that there are, only the worker can
// check.
func (a *app) setCompute(o *native.Options) error {
	c := a.config
	if o.KVType = c.String(config.KVType); !slices.Contains(native.KVTypes(), o.KVType) {
		return c.Reject(config.KVType, "one of "+strings.Join(native.KVTypes(), ", "))
	}
	switch o.FlashAttn = c.String(config.FlashAttn); o.FlashAttn {
	case "on":
	case "off":
		if native.NeedsFlashAttention(o.KVType) {
			return c.Reject(config.KVType, fmt.Sprintf("possible without flash attention, and flash-attn is off (from %s)", c[config.FlashAttn].Origin))
		}
	case "auto":
		o.FlashAttn = ""
	default:
		return c.Reject(config.FlashAttn, "auto, on or off")
	}
	if err := a.setImageTokens(&o.ImageTokens); err != nil {
		return err
	}
	return a.setOffload(&o.Offload)
}

// setImageTokens reads the bounds of a picture's tokens.
func (a *app) setImageTokens(o *native.ImageTokens) (err error) {
	if o.Min, err = a.imageTokens(config.ImageMinTokens); err != nil {
		return err
	}
	if o.Max, err = a.imageTokens(config.ImageMaxTokens); err != nil {
		return err
	}
	if most := o.Max; most > 0 && o.Min > most {
		return a.config.Reject(config.ImageMinTokens, fmt.Sprintf("at most image-max-tokens, %d (from %s)", most, a.config[config.ImageMaxTokens].Origin))
	}
	return nil
}

// imageTokens reads a number of tokens; 0 for auto.
func (a *app) imageTokens(setting string) (int, error) {
	text := a.config.String(setting)
	if text == "auto" {
		return 0, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > native.MaxImageTokens {
		return 0, a.config.Reject(setting, fmt.Sprintf("auto, or a whole number from 1 to %d", native.MaxImageTokens))
	}
	return n, nil
}

// setOffload reads what of a model goes to GPUs.
func (a *app) setOffload(o *native.Offload) (err error) {
	c := a.config
	switch text := c.String(config.GPULayers); text {
	case "auto":
	case "all":
		all := native.AllLayers
		o.Layers = &all
	default:
		n, err := strconv.Atoi(text)
		if err != nil || n < 0 || n > native.AllLayers {
			return c.Reject(config.GPULayers, "auto, all or a whole number of at least 0")
		}
		o.Layers = &n
	}
	if o.Devices, err = a.deviceNames(); err != nil {
		return err
	}
	if o.SplitMode = c.String(config.SplitMode); !slices.Contains(native.SplitModes, o.SplitMode) {
		return c.Reject(config.SplitMode, "none, layer or row")
	}
	if o.MainGPU, err = c.Int(config.MainGPU, 0); err != nil {
		return err
	}
	if o.MainGPU > 0 && o.SplitMode == "layer" {
		return c.Reject(config.MainGPU, fmt.Sprintf("of use with split-mode layer (from %s), which has no main GPU: take --split-mode none", c[config.SplitMode].Origin))
	}
	if o.TensorSplit, err = a.shares(); err != nil {
		return err
	}
	if o.TensorSplit != nil && o.SplitMode == "none" {
		return c.Reject(config.TensorSplit, fmt.Sprintf("of use with split-mode none (from %s), which splits nothing", c[config.SplitMode].Origin))
	}
	o.ProjectorOnCPU, err = c.Bool(config.NoMMProjOffload)
	return err
}

// deviceNames reads the names of devices; nil if none is named.
func (a *app) deviceNames() ([]string, error) {
	text := a.config.String(config.Device)
	if text == "" {
		return nil, nil
	}
	var names []string
	for name := range strings.SplitSeq(text, ",") {
		name = strings.TrimSpace(name)
		if name == "" || slices.Contains(names, name) {
			return nil, a.config.Reject(config.Device, "a list of different names with commas, such as Vulkan0 or CUDA0,CUDA1")
		}
		names = append(names, name)
	}
	if len(names) > 1 && slices.Contains(names, native.NoDevice) {
		return nil, a.config.Reject(config.Device, "none alone")
	}
	return names, nil
}

// shares reads in what proportion a model is spread over devices; nil if that is
// left open.
func (a *app) shares() ([]float32, error) {
	text := a.config.String(config.TensorSplit)
	if text == "" {
		return nil, nil
	}
	var shares []float32
	sum := 0.0
	for part := range strings.SplitSeq(text, ",") {
		f, err := strconv.ParseFloat(strings.TrimSpace(part), 32)
		if err != nil || !(f >= 0) || math.IsInf(f, 0) {
			return nil, a.config.Reject(config.TensorSplit, "a list of numbers of at least 0, such as 3,1")
		}
		sum += f
		shares = append(shares, float32(f))
	}
	if sum == 0 {
		return nil, a.config.Reject(config.TensorSplit, "a list with a number above 0")
	}
	return shares, nil
}
