package jsonschema

// blank is what may stand within brackets and behind commas: nothing, a blank, or
// a new line with so much at its beginning. A model can't go on with it for ever.
func (c *compiler) blank() expr {
	return ref{c.share("blank", func() expr {
		return alt{
			literal(""), literal(" "),
			seq{literal("\n"), alt{repeat{literal(" "), bounds{0, 32}}, repeat{literal("\t"), bounds{1, 8}}}},
		}
	})}
}

// next is one more item or member.
func (c *compiler) next(what expr) expr { return seq{literal(","), c.blank(), what} }

// within puts brackets around what may be nothing if that is a choice.
func (c *compiler) within(open, end string, what expr, orNothing bool) expr {
	inside := seq{what, c.blank()}
	if orNothing {
		return seq{literal(open), c.blank(), optional(inside), literal(end)}
	}
	return seq{literal(open), c.blank(), inside, literal(end)}
}

// array is what the keywords of arrays allow.
func (c *compiler) array(all *combined) (expr, error) {
	n := all.itemCount
	if !all.more {
		n.narrow(bounds{0, len(all.prefix)})
	}
	switch {
	case n.most >= 0 && n.least > n.most:
		return alt{}, nil
	case n.most == 0:
		return seq{literal("["), c.blank(), literal("]")}, nil
	}
	// From the last item to the first: each may be the end, if it is late enough.
	prefix := all.prefix
	if n.most >= 0 && len(prefix) > n.most {
		prefix = prefix[:n.most]
	}
	var behind expr
	if all.more {
		item, err := c.refTo(all.items, all.at)
		if err != nil {
			return nil, err
		}
		if len(prefix) == 0 {
			most := n.most
			if most > 0 {
				most--
			}
			behind = seq{item, repeat{c.next(item), bounds{max(n.least-1, 0), most}}}
			return c.within("[", "]", behind, n.least == 0), nil
		}
		most := n.most
		if most > 0 {
			most -= len(prefix)
		}
		behind = repeat{c.next(item), bounds{max(n.least-len(prefix), 0), most}}
	}
	for i := len(prefix) - 1; i >= 0; i-- {
		item, err := c.refTo(prefix[i], all.at)
		if err != nil {
			return nil, err
		}
		if i == 0 {
			behind = seq{item, behind}
			break
		}
		behind = seq{c.next(item), behind}
		if i >= n.least {
			r, err := c.newRule(all.at)
			if err != nil {
				return nil, err
			}
			r.body = optional(behind)
			behind = ref{r}
		}
	}
	return c.within("[", "]", behind, n.least == 0), nil
}

// object is what the keywords of objects allow. Members stand in the order of
// the properties, others behind them.
func (c *compiler) object(all *combined) (expr, error) {
	members := make([]expr, len(all.properties))
	firstRequired, required := len(members), 0
	for i, p := range all.properties {
		value, err := c.refTo(p.terms, all.at)
		if err != nil {
			return nil, err
		}
		members[i] = c.member(literal(jsonString(p.name)), value)
		if p.required {
			required++
			firstRequired = min(firstRequired, i)
		}
	}
	other, err := c.otherMember(all)
	if err != nil {
		return nil, err
	}
	if len(members)-required > maxOptional {
		return nil, errorAt(all.at, "an object has more than %d properties that are not required: require them", maxOptional)
	}
	count := all.propertyCount
	others := bounds{0, -1}
	switch {
	case count.most >= 0 && count.least > count.most, count.most >= 0 && required > count.most:
		return alt{}, nil
	case count.least > max(required, 1):
		return nil, errorAt(all.at, "a model can't be held to minProperties above the number of required properties: list them as required, or take it out")
	case count.most >= 0 && (len(members) > count.most || other != nil && len(members) > 0):
		return nil, errorAt(all.at, "a model can't be held to maxProperties besides properties: take it out, or set additionalProperties to false")
	case count.most == 0:
		return seq{literal("{"), c.blank(), literal("}")}, nil
	case count.most > 0:
		others.most = count.most - 1
	}
	orNothing := required == 0 && count.least == 0

	// behind is what may follow when something is written and the properties
	// from i on are left.
	var behind expr
	starts := alt{}
	if other != nil {
		behind = repeat{c.next(other), others}
		if firstRequired == len(members) {
			starts = append(starts, seq{other, behind})
		}
	}
	for i := len(members) - 1; i >= 0; i-- {
		if i <= firstRequired {
			if i > 0 { // it is used twice: behind this member and behind the one before
				r, err := c.newRule(all.at)
				if err != nil {
					return nil, err
				}
				r.body = behind
				behind = ref{r}
			}
			starts = append(starts, seq{members[i], behind})
		}
		if following := c.next(members[i]); all.properties[i].required {
			behind = seq{following, behind}
		} else {
			behind = seq{optional(following), behind}
		}
	}
	return c.within("{", "}", starts, orNothing), nil
}

// member is a name, as it is written, with a value.
func (c *compiler) member(name, value expr) expr {
	return seq{name, literal(":"), optional(literal(" ")), value}
}

// otherMember is one whose name is none of the properties', nil if there may be
// none.
func (c *compiler) otherMember(all *combined) (expr, error) {
	if !all.open {
		return nil, nil
	}
	value, err := c.refTo(all.additional, all.at)
	if err != nil {
		return nil, err
	}
	if len(all.properties) == 0 {
		return c.member(c.anyString(), value), nil
	}
	names := make([]string, len(all.properties))
	for i, p := range all.properties {
		names[i] = p.name
	}
	name, err := c.machine(texts(names).not(), all.at)
	return c.member(seq{literal(`"`), name, literal(`"`)}, value), err
}
