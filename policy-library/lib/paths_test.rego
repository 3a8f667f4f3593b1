package lib.paths_test

import data.lib.fixes
import data.lib.paths

test_plain_keys_are_joined_by_dots if {
	paths.member("metadata.labels", "owner") == "metadata.labels.owner"
	paths.member("metadata.labels", "cost-center_2") == "metadata.labels.cost-center_2"
}

test_other_keys_are_quoted if {
	paths.member("metadata.labels", "app.kubernetes.io/name") == `metadata.labels["app.kubernetes.io/name"]`
	paths.member("a", "") == `a[""]`
	paths.member("a", `x"y\z`) == `a["x\"y\\z"]`
}

test_pointer_tokens_are_escaped if {
	paths.token("a/b~c") == "a~1b~0c"
	paths.token(3) == "3"
}

test_a_fix_writes_below_what_is_there if {
	fixes.put("/spec", {"a": {"b": 1}}, ["a", "c"], true) == [{"op": "add", "path": "/spec/a/c", "value": true}]
}

test_a_fix_makes_missing_and_null_parents_first if {
	fixes.put("", {"a": null}, ["a", "b", "c/d"], 1) == [
		{"op": "add", "path": "/a", "value": {}},
		{"op": "add", "path": "/a/b", "value": {}},
		{"op": "add", "path": "/a/b/c~1d", "value": 1},
	]
}

test_a_fix_removes if {
	fixes.drop("/spec", ["ports", 0, "hostPort"]) == [{"op": "remove", "path": "/spec/ports/0/hostPort"}]
}
