package lib.subjects_test

import data.lib.subjects

account := {"kind": "ServiceAccount", "name": "a", "namespace": "x"}

test_an_account_is_a_user_and_in_two_groups if {
	subjects.identities(account, "y") == {
		["User", "system:serviceaccount:x:a"],
		["Group", "system:serviceaccounts"],
		["Group", "system:serviceaccounts:x"],
	}
	subjects.identities({"kind": "User", "name": "system:serviceaccount:x:a"}, "") == subjects.identities(account, "")
}

test_an_account_without_a_namespace_is_one_of_the_bindings if {
	every unset in [{}, {"namespace": ""}, {"namespace": null}] {
		subject := object.union({"kind": "ServiceAccount", "name": "a"}, unset)
		subjects.identities(subject, "x") == subjects.identities(account, "")
	}
}

test_users_and_groups_are_themselves_alone if {
	subjects.identities({"kind": "User", "name": "jane"}, "x") == {["User", "jane"]}
	subjects.identities({"kind": "Group", "name": "system:serviceaccounts:x"}, "x") == {["Group", "system:serviceaccounts:x"]}
	subjects.identities({"kind": "User", "name": "system:serviceaccount:x"}, "x") == {["User", "system:serviceaccount:x"]}
}

test_approval_is_exact if {
	subjects.approved([{"kind": "User", "name": "jane"}], {"kind": "User", "name": "jane"}, "x")
	every entry in [
		{"kind": "Group", "name": "jane"}, {"kind": "User", "name": "Jane"}, {"kind": "User", "name": "*"},
		{"kind": "ServiceAccount", "name": "jane", "namespace": "x"},
	] {
		not subjects.approved([entry], {"kind": "User", "name": "jane"}, "x")
	}
	not subjects.approved([], {"kind": "User", "name": "jane"}, "x")
	not subjects.approved([{"kind": "ServiceAccount", "name": "a", "namespace": "y"}], account, "y")
}

test_an_approved_account_approves_no_group_of_its if {
	entry := {"kind": "ServiceAccount", "name": "a", "namespace": "x"}
	not subjects.approved([entry], {"kind": "Group", "name": "system:serviceaccounts:x"}, "x")
	not subjects.approved([entry], {"kind": "ServiceAccount", "name": "b", "namespace": "x"}, "x")
	subjects.approved([entry], {"kind": "User", "name": "system:serviceaccount:x:a"}, "")
}

test_a_subject_without_a_name_is_nobody_approved if {
	not subjects.approved([{"kind": "User", "name": "jane"}], {"kind": "User"}, "x")
	not subjects.approved([{"kind": "User", "name": "jane"}], {}, "x")
	subjects.label({}, "x") == "subject \"\""
}
