package main

import (
	"maps"
	"math/rand"
	"slices"
)

type object = map[string]any

// what a match can say, member by member: right, wrong and odd.
var members = map[string][]any{
	"source": {"", "All", "Original", "Generated"},
	"kinds": {
		[]any{},
		[]any{kinds(nil, nil)},
		[]any{kinds([]any{""}, []any{"Pod"})},
		[]any{kinds([]any{"*"}, []any{"Pod", "Namespace"})},
		[]any{kinds([]any{"apps"}, []any{"*"})},
		[]any{kinds([]any{"apps", ""}, []any{"Deployment", "Pod", "Namespace"})},
		[]any{kinds([]any{"apps", "*"}, []any{"Deployment"})},
		[]any{kinds([]any{"app*"}, []any{"Deploy*"})},
		[]any{kinds([]any{"core"}, []any{"Pod"})},
		[]any{kinds([]any{""}, []any{"Pod"}), kinds([]any{"rbac.authorization.k8s.io"}, []any{"ClusterRole"})},
		[]any{kinds([]any{"apps"}, nil), kinds(nil, []any{"Namespace"})},
		[]any{kinds([]any{"batch"}, []any{"Pod"}), kinds([]any{""}, []any{"Job", ""})},
		[]any{kinds([]any{"example.org"}, []any{"Pod", "Widget"})},
		[]any{kinds([]any{"", "apps"}, []any{"pod", "DEPLOYMENT"})},
	},
	"scope": {"", "*", "Cluster", "Namespaced", "cluster", "Namespace"},
	"namespaces": {
		[]any{}, []any{"shop"}, []any{"kube-*"}, []any{"*-system"}, []any{"*"}, []any{"**"}, []any{"*o*"}, []any{""},
		[]any{"", "shop"}, []any{"data", "shop"}, []any{"sho"}, []any{"shop*"}, []any{"*shop"}, []any{"none"},
	},
	"excludedNamespaces": {
		[]any{}, []any{"shop"}, []any{"kube-*"}, []any{"*-system"}, []any{"*"}, []any{"*e*"}, []any{""},
		[]any{"data", "kube-system"}, []any{"kube-"}, []any{"none", "*p"},
	},
	"labelSelector":     selectors,
	"namespaceSelector": selectors,
	"name": {
		"", "web", "web-*", "*-web", "*web*", "*", "**", "shop", "w", "web-", "*-", "other-*", "*eb-", "*other*", "kube-*",
	},
}

var selectors = []any{
	object{},
	object{"matchLabels": object{}},
	object{"matchLabels": object{"app": "web"}},
	object{"matchLabels": object{"app": "web", "tier": "gold"}},
	object{"matchLabels": object{"constructor": "x"}},
	object{"matchLabels": object{"tier": ""}},
	object{"matchLabels": object{"team/owner": "a"}},
	object{"matchLabels": object{"not a key": "a"}},
	object{"matchLabels": object{"app": "not a value!"}},
	object{"matchExpressions": []any{}},
	object{"matchExpressions": []any{expression("app", "In", "web", "api")}},
	object{"matchExpressions": []any{expression("app", "NotIn", "web")}},
	object{"matchExpressions": []any{expression("tier", "Exists")}},
	object{"matchExpressions": []any{expression("tier", "DoesNotExist")}},
	object{"matchExpressions": []any{expression("toString", "Exists")}},
	object{"matchExpressions": []any{expression("app", "In")}},
	object{"matchExpressions": []any{expression("app", "Exists", "web")}},
	object{"matchExpressions": []any{expression("app", "Like", "web")}},
	object{"matchExpressions": []any{expression("app", "In", "web"), expression("tier", "NotIn", "gold", "")}},
	object{"matchLabels": object{"app": "web"}, "matchExpressions": []any{expression("tier", "DoesNotExist")}},
}

func kinds(groups, names []any) object {
	out := object{}
	if groups != nil {
		out["apiGroups"] = groups
	}
	if names != nil {
		out["kinds"] = names
	}
	return out
}

func expression(key, operator string, values ...any) object {
	out := object{"key": key, "operator": operator}
	if len(values) > 0 {
		out["values"] = values
	}
	return out
}

// matches are each value of each member by itself, each pair of members that speak of the same, and mixtures.
func matches() []any {
	names := slices.Sorted(maps.Keys(members))
	out := []any{object{}}
	for _, name := range names {
		for _, value := range members[name] {
			out = append(out, object{name: value})
		}
	}
	for _, pair := range [][2]string{{"namespaces", "excludedNamespaces"}, {"scope", "namespaces"}, {"scope", "namespaceSelector"}} {
		for _, one := range members[pair[0]] {
			for _, other := range members[pair[1]] {
				out = append(out, object{pair[0]: one, pair[1]: other})
			}
		}
	}
	random := rand.New(rand.NewSource(20261129))
	for range 400 {
		match := object{}
		for _, name := range names {
			if random.Intn(5) < 2 {
				match[name] = members[name][random.Intn(len(members[name]))]
			}
		}
		out = append(out, match)
	}
	return out
}

var labels = []object{
	nil,
	{"app": "web"},
	{"app": "api", "tier": "gold"},
	{"app": "web", "tier": ""},
	{"team/owner": "a", "constructor": "x"},
}

// objects are of kinds of both scopes, in namespaces that are known with their labels and in one that is not.
func objects() []subject {
	var out []subject
	namespaces := []string{"shop", "data", "kube-system", "kube-public", "shop-web", "unknown"}
	for index, namespace := range namespaces {
		for at, kind := range [][2]string{{"v1", "Pod"}, {"apps/v1", "Deployment"}, {"example.org/v1", "Pod"}, {"batch/v1", "Job"}} {
			name := []string{"web", "web-1", "shop", "kube-proxy"}[(index+at)%4]
			out = append(out, inNamespace(made(kind, object{"name": name, "namespace": namespace}, labels[(index+2*at)%5]), index))
		}
	}
	for index, names := range []object{
		{"generateName": "web-"}, {"generateName": "shop"}, {"generateName": "the-web-"},
		{"name": "web-x1", "generateName": "web-"}, {"name": "other-1", "generateName": "web-"}, {"name": "web", "generateName": "other-"},
	} {
		names["namespace"] = namespaces[index%5]
		out = append(out, inNamespace(made([2]string{"v1", "Pod"}, names, labels[index%5]), index%5))
	}
	for index, name := range append(namespaces, "web") {
		out = append(out, subject{Object: made([2]string{"v1", "Namespace"}, object{"name": name}, labels[index%5])})
	}
	for index, kind := range [][2]string{
		{"rbac.authorization.k8s.io/v1", "ClusterRole"}, {"v1", "Node"}, {"example.org/v1", "Namespace"},
		{"apiextensions.k8s.io/v1", "CustomResourceDefinition"}, {"v1", "PersistentVolume"},
	} {
		name := []string{"web", "web-1", "shop", "widgets.example.org", "kube-x"}[index]
		out = append(out, subject{Object: made(kind, object{"name": name}, labels[index%5])})
	}
	return out
}

func made(kind [2]string, metadata, labels object) object {
	if labels != nil {
		metadata["labels"] = labels
	}
	return object{"apiVersion": kind[0], "kind": kind[1], "metadata": metadata}
}

// inNamespace adds the Namespace, but for the last one, which nobody knows.
func inNamespace(one object, index int) subject {
	if index > 4 {
		return subject{Object: one}
	}
	name := one["metadata"].(object)["namespace"].(string)
	return subject{Object: one, Namespace: made([2]string{"v1", "Namespace"}, object{"name": name}, labels[(index+3)%5])}
}

func configs() []any {
	out := []any{object{}}
	globs := [][]any{
		{"kube-*"}, {"shop", "data"}, {"*"}, {"**"}, {""}, {"", "shop"}, {"*-system"}, {"*o*"}, {"none"}, {},
	}
	for _, processes := range [][]any{{"*"}, {"audit"}, {"webhook"}, {"audit", "webhook"}, {"sync", "mutation-webhook"}, {"other"}, {}} {
		for _, excluded := range globs {
			out = append(out, object{"match": []any{object{"processes": processes, "excludedNamespaces": excluded}}})
		}
	}
	return append(out, object{"match": []any{
		object{"processes": []any{"audit"}, "excludedNamespaces": []any{"shop"}},
		object{"processes": []any{"*"}, "excludedNamespaces": []any{"kube-*"}},
	}})
}

func enforcements() []any {
	out := []any{object{}}
	for _, action := range []any{"", "deny", "dryrun", "warn", "Deny", "audit"} {
		out = append(out, object{"enforcementAction": action})
	}
	audit, webhook, gator, vap := "audit.gatekeeper.sh", "validation.gatekeeper.sh", "gator.gatekeeper.sh", "vap.k8s.io"
	for _, scoped := range [][]any{
		{},
		{at("deny", webhook), at("dryrun", audit)},
		{at("deny", "*")},
		{at("warn", audit, gator)},
		{at("deny", vap)},
		{at("deny", "other.example.org")},
		{at("deny", webhook, vap), at("warn", webhook), at("dryrun", "*")},
		{at("block", audit)},
		{at("warn")},
	} {
		out = append(out, object{"enforcementAction": "scoped", "scopedEnforcementActions": scoped})
	}
	return append(out, object{"enforcementAction": "scoped"})
}

func at(action string, names ...string) object {
	list := []any{}
	for _, name := range names {
		list = append(list, object{"name": name})
	}
	return object{"action": action, "enforcementPoints": list}
}
