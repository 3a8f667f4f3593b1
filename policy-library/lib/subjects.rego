# Whom a binding names. A ServiceAccount is a user and a member of two groups besides.
package lib.subjects

account_prefix := "system:serviceaccount:"

# approved(list, subject, namespace): a list of {kind, name, namespace?} names the subject of a binding in this namespace
# ("" for a ClusterRoleBinding), under any of its identities.
approved(list, subject, namespace) if {
	some entry in list
	some identity in identities(subject, namespace)
	identity in identities_named(entry)
}

# identities(subject, namespace): under which names the authorizer knows a subject, each [kind, name]. A ServiceAccount
# without a namespace is one of the binding's.
identities(subject, namespace) := account_identities($"{account_prefix}{own}:{subject.name}", own) if {
	subject.kind == "ServiceAccount"
	own := namespace_of(subject, namespace)
} else := account_identities(subject.name, own) if {
	subject.kind == "User"
	[own, _] := split(trim_prefix(subject.name, account_prefix), ":")
	startswith(subject.name, account_prefix)
} else := {[object.get(subject, "kind", ""), object.get(subject, "name", "")]}

account_identities(user, namespace) := {
	["User", user],
	["Group", "system:serviceaccounts"],
	["Group", $"system:serviceaccounts:{namespace}"],
}

# What an entry of a list says itself, and no more.
identities_named(entry) := {["User", $"{account_prefix}{entry.namespace}:{entry.name}"]} if entry.kind == "ServiceAccount"

else := {[entry.kind, entry.name]}

namespace_of(subject, namespace) := namespace if object.get(subject, "namespace", null) in {null, ""}

else := subject.namespace

# label(subject, namespace): how a message names it: ServiceAccount "shop/deployer", Group "developers".
label(subject, namespace) := $"ServiceAccount \"{namespace_of(subject, namespace)}/{name_of(subject)}\"" if {
	subject.kind == "ServiceAccount"
} else := $"{object.get(subject, "kind", "subject")} \"{name_of(subject)}\""

name_of(subject) := object.get(subject, "name", "")
