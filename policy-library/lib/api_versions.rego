# The API version in which an object was written, and until when it is served.
package lib.api_versions

import data.lib.objects
import data.lib.removed_apis

# The platform says in which version an object of a cluster was last written; else it is the document's own.
written := input.context.written_as if input.context.written_as != ""

else := input.review.kind.version if objects.group == ""

else := concat("/", [objects.group, input.review.kind.version])

# When the object's own version is served no more: {removed, instead}; undefined while nothing is known of it.
removal := removed_apis.removed[written][objects.kind]

known_minor := removed_apis.known_minor

cluster_minor := minor(input.context.kubernetes_version)

# Some version of its kind is or will be removed, in the group that it is in or was written in.
ever_removed if removal

ever_removed if objects.kind in removed_apis.kinds[objects.group]

# minor(version): 35 of "v1.35.4", "1.35" and "1.35+"; undefined where it is no such version.
minor(version) := to_number(number) if {
	is_string(version)
	parts := split(trim_prefix(version, "v"), ".")
	count(parts) > 1
	parts[0] == "1"
	number := leading_digits(parts[1])
}

# A managed cluster's "35+", or a build's "35-eks".
leading_digits(text) := digits if {
	digits := trim_left(text, "0")
	digits != ""
	trim(digits, "0123456789") == ""
} else := digits if {
	digits := split(split(text, "+")[0], "-")[0]
	digits != ""
	trim(digits, "0123456789") == ""
	not startswith(digits, "0")
}
