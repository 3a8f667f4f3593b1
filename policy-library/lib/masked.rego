# Secrets in objects. The values that look like one are masked before any policy sees the object:
# {"$masked": <what found it>} stands in their place.
package lib.masked

# reason(name, value, patterns): why the value under a name holds a secret, in words; undefined if it is not known to.
# patterns are regular expressions that are looked for in the name and in the value.
reason(_, value, _) := words(value["$masked"]) if is_string(value["$masked"])

reason(name, value, patterns) := $"it matches {hits[0]}" if {
	count(patterns) > 0
	is_string(value)
	not refers(value)
	hits := [pattern | some pattern in patterns; found(pattern, name, value)]
	count(hits) > 0
}

# unreadable(patterns): those that are no regular expressions.
unreadable(patterns) := {pattern | some pattern in patterns; not regex.is_valid(pattern)}

# Nothing, or a variable of the container that Kubernetes puts in its place.
refers("")

refers(value) if {
	startswith(value, "$(")
	endswith(value, ")")
}

found(pattern, name, value) if {
	regex.is_valid(pattern)
	some text in [name, value]
	regex.match(pattern, text)
}

words(detector) := known[detector] if known[detector]

else := "it looks like one"

known := {
	"secret": "it is the same as one of a Secret",
	"secret-name": "its name says so",
	"secret-flag": "it is given to a program as one",
	"private-key": "it holds a private key",
	"aws-access-key": "it holds an access key of AWS",
	"github-token": "it holds a token of GitHub",
	"gitlab-token": "it holds a token of GitLab",
	"slack-token": "it holds a token of Slack",
	"jwt": "it holds a JSON Web Token",
	"url-password": "it holds a URL with a password",
}
