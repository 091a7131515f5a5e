package svg

import "math"

// outline is the path of a basic shape (SVG 1.1, 9); nil for other elements.
func outline(n *node, s style) path {
	x := func(name string) float64 { return s.x(n.property(name)) }
	y := func(name string) float64 { return s.y(n.property(name)) }
	switch n.name {
	case "path":
		return parsePath(n.property("d"))
	case "rect":
		w, h := x("width"), y("height")
		if w <= 0 || h <= 0 {
			return nil
		}
		rx, hasX := length(n.property("rx"), s.viewWidth, s.fontSize)
		ry, hasY := length(n.property("ry"), s.viewHeight, s.fontSize)
		if !hasX {
			rx = ry
		}
		if !hasY {
			ry = rx
		}
		return rounded(x("x"), y("y"), w, h, min(max(rx, 0), w/2), min(max(ry, 0), h/2))
	case "circle":
		r := s.other(n.property("r"))
		return ellipse(x("cx"), y("cy"), r, r)
	case "ellipse":
		return ellipse(x("cx"), y("cy"), x("rx"), y("ry"))
	case "line":
		var p path
		p.moveTo(point{x("x1"), y("y1")})
		p.lineTo(point{x("x2"), y("y2")})
		return p
	case "polyline", "polygon":
		var p path
		v := numbers(n.attr("points"))
		for i := 0; i+1 < len(v); i += 2 {
			if i == 0 {
				p.moveTo(point{v[0], v[1]})
				continue
			}
			p.lineTo(point{v[i], v[i+1]})
		}
		if n.name == "polygon" && p != nil {
			p.close()
		}
		return p
	}
	return nil
}

// arcControl is how far the controls of a quarter circle's curve lie from its ends.
const arcControl = 4.0 / 3 * (math.Sqrt2 - 1)

func rounded(x, y, w, h, rx, ry float64) path {
	var p path
	if rx <= 0 || ry <= 0 {
		p.moveTo(point{x, y})
		p.lineTo(point{x + w, y})
		p.lineTo(point{x + w, y + h})
		p.lineTo(point{x, y + h})
		p.close()
		return p
	}
	kx, ky := rx*(1-arcControl), ry*(1-arcControl)
	p.moveTo(point{x + rx, y})
	p.lineTo(point{x + w - rx, y})
	p.curveTo(point{x + w - kx, y}, point{x + w, y + ky}, point{x + w, y + ry})
	p.lineTo(point{x + w, y + h - ry})
	p.curveTo(point{x + w, y + h - ky}, point{x + w - kx, y + h}, point{x + w - rx, y + h})
	p.lineTo(point{x + rx, y + h})
	p.curveTo(point{x + kx, y + h}, point{x, y + h - ky}, point{x, y + h - ry})
	p.lineTo(point{x, y + ry})
	p.curveTo(point{x, y + ky}, point{x + kx, y}, point{x + rx, y})
	p.close()
	return p
}

func ellipse(cx, cy, rx, ry float64) path {
	if rx <= 0 || ry <= 0 {
		return nil
	}
	return rounded(cx-rx, cy-ry, 2*rx, 2*ry, rx, ry)
}
