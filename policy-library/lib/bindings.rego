# RoleBindings and ClusterRoleBindings.
package lib.bindings

import data.lib.objects

namespace := object.get(input.review, "namespace", "")

reference := objects.object_or_empty(object.get(input.review.object, "roleRef", null))

role_label := $"{object.get(reference, "kind", "role")} \"{object.get(reference, "name", "")}\""

# Where it holds, as the end of a sentence.
reach := "in the whole cluster" if objects.kind == "ClusterRoleBinding"

else := $"in namespace {namespace}"

# The subjects by their index.
subjects[i] := subject if {
	some i, subject in input.review.object.subjects
	is_object(subject)
}
