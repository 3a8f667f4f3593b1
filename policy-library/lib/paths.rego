# Places inside an object: dotted paths for people (`spec.containers[0].image`), RFC 6901 pointers for patches.
package lib.paths

plain_characters := "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_$-"

# member(parent, key): the path of a key below parent. A key that holds a dot, a slash or the like is quoted in
# brackets: metadata.labels["app.kubernetes.io/name"].
member(parent, key) := $"{parent}.{key}" if {
	key != ""
	trim(key, plain_characters) == ""
} else := $"{parent}[\"{escaped}\"]" if {
	escaped := replace(replace(key, "\\", "\\\\"), "\"", "\\\"")
}

# token(key): one reference token of a JSON pointer (RFC 6901 section 3).
token(key) := replace(replace($"{key}", "~", "~0"), "/", "~1")
