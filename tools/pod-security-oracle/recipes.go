package main

import "math/rand/v2"

// wanted is the number of pods; the last of them are made at random, from a fixed seed.
const wanted = 22_000

// slots are the places of containers: regular ones, an init container, a sidecar, a debugging container.
var slots = [][]any{
	{"spec", "containers", 0},
	{"spec", "containers", 1},
	{"spec", "initContainers", 0},
	{"spec", "initContainers", 1},
	{"spec", "ephemeralContainers", 0},
}

// slotsOf tells how many of the slots a base has, in their order.
var slotsOf = []int{1, 5, 5, 5, 5, 5}

// bases are the pods to which things are done: small and large ones that say nothing, and such as the restricted level
// allows, by what the pod says, by what each container says, on Windows, and with users of their own.
func bases() []map[string]any {
	hardened := func() object {
		return object{"allowPrivilegeEscalation": false, "capabilities": object{"drop": []any{"ALL"}}}
	}
	alone := hardened()
	alone["runAsNonRoot"] = true
	alone["seccompProfile"] = object{"type": "RuntimeDefault"}
	byPod := object{"runAsNonRoot": true, "seccompProfile": object{"type": "RuntimeDefault"}}
	small := base(nil, nil)
	delete(small["spec"].(object), "initContainers")
	delete(small["spec"].(object), "ephemeralContainers")
	small["spec"].(object)["containers"] = []any{container("app", nil)}
	windows := base(object{"runAsNonRoot": true}, nil)
	windows["spec"].(object)["os"] = object{"name": "windows"}
	ownUsers := base(object{"seccompProfile": object{"type": "RuntimeDefault"}}, hardened())
	ownUsers["spec"].(object)["hostUsers"] = false
	return []map[string]any{small, base(nil, nil), base(byPod, hardened()), base(nil, alone), windows, ownUsers}
}

func base(podContext, context object) object {
	sidecar := container("proxy", context)
	sidecar["restartPolicy"] = "Always"
	debugger := container("debugger", context)
	debugger["targetContainerName"] = "app"
	spec := object{
		"containers":          []any{container("app", context), container("helper", context)},
		"initContainers":      []any{container("migrate", context), sidecar},
		"ephemeralContainers": []any{debugger},
	}
	if podContext != nil {
		spec["securityContext"] = podContext
	}
	return object{"apiVersion": "v1", "kind": "Pod", "metadata": object{"name": "web", "namespace": "shop"}, "spec": spec}
}

func container(name string, context object) object {
	made := object{"name": name, "image": "registry.example.com/shop/" + name + ":1.0"}
	if context != nil {
		made["securityContext"] = context
	}
	return made
}

// edit puts a fragment into the pod, or into the container of a slot.
type edit struct{ fragment, slot int }

type recipe struct {
	base  int
	edits []edit
}

// recipes are everything by itself on every base and in every place, everything that two places say of one control, and
// then mixtures until there are enough.
func recipes(all []fragment) []recipe {
	var made []recipe
	for base := range slotsOf {
		made = append(made, recipe{base: base})
		for _, single := range edits(all, base) {
			made = append(made, recipe{base, []edit{single}})
		}
	}
	made = append(made, pairs(all)...)
	random := rand.New(rand.NewPCG(1, 35))
	for len(made) < wanted {
		made = append(made, mixture(all, random))
	}
	return made
}

// edits are all that can be done to a base.
func edits(all []fragment, base int) []edit {
	var made []edit
	for index, fragment := range all {
		if !fragment.Container {
			made = append(made, edit{index, -1})
			continue
		}
		for slot := range slotsOf[base] {
			made = append(made, edit{index, slot})
		}
	}
	return made
}

// pairs are what the pod and a container, or two settings that depend on each other, say of one matter.
func pairs(all []fragment) []recipe {
	together := map[[2]string]bool{
		{"runAsNonRoot", "runAsUser"}: true, {"hostUsers", "runAsNonRoot"}: true, {"hostUsers", "runAsUser"}: true,
		{"hostUsers", "procMount"}: true, {"hostNamespaces", "hostPorts"}: true, {"os", "seccompProfile"}: true,
		{"os", "capabilities"}: true, {"os", "allowPrivilegeEscalation"}: true, {"os", "runAsUser"}: true,
		{"os", "windowsHostProcess"}: true, {"os", "privileged"}: true,
	}
	var made []recipe
	for first, a := range all {
		for second, b := range all {
			same := a.Control == b.Control && !a.Container && b.Container
			if a.Container || !same && !together[[2]string{a.Control, b.Control}] {
				continue
			}
			base := 2 + (first+second)%2
			slot := -1
			if b.Container {
				slot = (first + second) % len(slots)
			}
			made = append(made, recipe{base, []edit{{first, -1}, {second, slot}}})
		}
	}
	return made
}

func mixture(all []fragment, random *rand.Rand) recipe {
	made := recipe{base: random.IntN(len(slotsOf))}
	for range 2 + random.IntN(3) {
		index := random.IntN(len(all))
		slot := -1
		if all[index].Container {
			slot = random.IntN(slotsOf[made.base])
		}
		made.edits = append(made.edits, edit{index, slot})
	}
	return made
}

func (r recipe) encode(verdict int) []int {
	coded := []int{r.base, verdict}
	for _, edit := range r.edits {
		coded = append(coded, edit.fragment, edit.slot)
	}
	return coded
}

// pod makes what the recipe says. Later edits win over earlier ones.
func (r recipe) pod(bases []map[string]any, all []fragment) map[string]any {
	pod := copied(bases[r.base]).(object)
	for _, edit := range r.edits {
		path := all[edit.fragment].Path
		if edit.slot >= 0 {
			path = append(append([]any{}, slots[edit.slot]...), path...)
		}
		put(pod, path, copied(all[edit.fragment].Value))
	}
	return pod
}

// put writes a value at a path; what is missing or null on the way is made. Lists are there already.
func put(holder any, path []any, value any) {
	if index, ok := path[0].(int); ok {
		put(holder.([]any)[index], path[1:], value)
		return
	}
	key := path[0].(string)
	fields := holder.(object)
	if len(path) == 1 {
		fields[key] = value
		return
	}
	if fields[key] == nil {
		fields[key] = object{}
	}
	put(fields[key], path[1:], value)
}

func copied(value any) any {
	switch value := value.(type) {
	case object:
		made := object{}
		for key, item := range value {
			made[key] = copied(item)
		}
		return made
	case []any:
		made := make([]any, 0, len(value))
		for _, item := range value {
			made = append(made, copied(item))
		}
		return made
	}
	return value
}
