package lib.claims_test

import data.lib.claims

object_of(kind, content) := {"review": {"kind": {"group": "x", "version": "v1", "kind": kind}, "name": "data", "object": content}}

test_a_claim_is_one_itself if {
	found := claims.claims with input as object_of("PersistentVolumeClaim", {"spec": {}})
	[[c.label, c.path, c.pointer] | some c in found] == [["PersistentVolumeClaim \"data\"", "", ""]]
}

test_a_stateful_set_has_as_many_as_templates if {
	templates := [{"metadata": {"name": "a"}}, {}, null]
	found := claims.claims with input as object_of("StatefulSet", {"spec": {"volumeClaimTemplates": templates}})
	[[c.label, c.path, c.pointer] | some c in found] == [
		["Volume claim template \"a\"", "spec.volumeClaimTemplates[0].", "/spec/volumeClaimTemplates/0"],
		["Volume claim template \"1\"", "spec.volumeClaimTemplates[1].", "/spec/volumeClaimTemplates/1"],
		["Volume claim template \"2\"", "spec.volumeClaimTemplates[2].", "/spec/volumeClaimTemplates/2"],
	]
}

test_one_without_templates_claims_nothing if {
	every content in [{}, {"spec": null}, {"spec": {"volumeClaimTemplates": null}}, {"spec": {"volumeClaimTemplates": "x"}}] {
		claims.claims == [] with input as object_of("StatefulSet", content)
		claims.none == "StatefulSet claims no storage" with input as object_of("StatefulSet", content)
	}
	not claims.none with input as object_of("PersistentVolumeClaim", {})
}
