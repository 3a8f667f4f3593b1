# The ServiceAccount that a pod runs as.
package lib.accounts

import data.lib.objects
import data.lib.pods

# A pod that the kubelet runs from a file; the API server refuses one that names an account and gives it no token.
# Source: k8s.io/kubernetes, plugin/pkg/admission/serviceaccount.
mirror if {
	pods.is_pod
	objects.metadata.annotations["kubernetes.io/config.mirror"]
}

none := "its kubelet runs it from a file (it is a mirror pod), so it has no ServiceAccount" if mirror

# The field that names the account: `serviceAccount` is the older name, and counts where the newer one is unset.
field := "serviceAccount" if {
	not named("serviceAccountName")
	named("serviceAccount")
} else := "serviceAccountName"

named(key) if not object.get(pods.spec, key, null) in {null, ""}

# The API server's default is the account `default`.
name := pods.spec[field] if named(field)

else := "default"
