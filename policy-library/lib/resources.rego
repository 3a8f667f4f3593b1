# CPU and memory of containers and pods.
package lib.resources

import data.lib.pods
import data.lib.quantities

# amount(holder, side, name): what a container or pod spec says at resources.<side>.<name>; null where it says nothing.
amount(holder, side, name) := object.get(holder, ["resources", side, name], null)

# limited(holder, name): it has a limit above zero.
limited(holder, name) if quantities.positive(amount(holder, "limits", name))

# requested(holder, name, accept_limit): it has a request above zero, or none and a limit that the API server copies.
requested(holder, name, _) if quantities.positive(amount(holder, "requests", name))

requested(holder, name, accept_limit) if {
	accept_limit
	amount(holder, "requests", name) == null
	limited(holder, name)
}

# finding(entry, side, name, words): a container's amount is missing, zero or unreadable. words holds the texts:
# unset and zero end a sentence that begins with the container, example is an amount to write.
finding(entry, side, name, words) := {
	"path": $"{entry.path}.resources.{side}.{name}",
	"found": found,
	"expected": $"an amount above 0, such as {words.example}",
	"message": $"{pods.label(entry)} {fault(found, words)}; set resources.{side}.{name}, for example to {words.example}.",
	"container": entry.name,
} if {
	found := amount(entry.container, side, name)
}

fault(found, words) := words.unset if found == null

else := words.zero if quantities.parse(found)

else := $"gives an amount that can't be read ({found})"
