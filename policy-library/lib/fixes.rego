# RFC 6902 operations from the object's root.
package lib.fixes

import data.lib.paths

# put(pointer, base, keys, value): the operations that write value at keys below base, which is what stands at pointer.
# Parents that are missing or null are made first.
put(pointer, base, keys, value) := array.concat(parents(pointer, base, keys), [{
	"op": "add",
	"path": below(pointer, keys),
	"value": value,
}])

parents(pointer, base, keys) := [{"op": "add", "path": below(pointer, ancestors), "value": {}} |
	some i, _ in keys
	ancestors := array.slice(keys, 0, i)
	object.get(base, ancestors, null) == null
]

# drop(pointer, keys): the operation that removes what stands at keys below pointer.
drop(pointer, keys) := [{"op": "remove", "path": below(pointer, keys)}]

below(pointer, keys) := concat("/", array.concat([pointer], [paths.token(key) | some key in keys]))
